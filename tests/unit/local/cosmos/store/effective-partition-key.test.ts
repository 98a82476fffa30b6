import { effectivePartitionKey } from "../../../../../local/cosmos/store/effective-partition-key";
import type { PartitionKeyDefinition } from "../../../../../local/cosmos/store/partition-key";

const hash: PartitionKeyDefinition = { paths: ["/a"], kind: "Hash", version: 2 };
const multiHash: PartitionKeyDefinition = { paths: ["/a", "/b"], kind: "MultiHash", version: 2 };

describe("effectivePartitionKey", () => {
  // Values of the official client's own hash.
  it.each([
    [["t"], "3B310042FC8EA24E4CB78FD8BFEDBAA7"],
    [[5], "19C08621B135968252FB34B4CF66F811"],
    [[null], "378867E4430E67857ACE5C908374FE16"],
    [[true], "0E711127C5B5A8E4726AC6DD306A3E59"],
    [["a long text that is over sixteen bytes"], "3A990CC65011E7C717F254AEB2D73544"],
  ])("hashes %j as clients do", (parts, expected) => {
    expect(effectivePartitionKey(parts, hash)).toBe(expected);
  });

  it("hashes each level of a hierarchical key alone", () => {
    expect(effectivePartitionKey(["t", "a"], multiHash)).toBe(
      "3B310042FC8EA24E4CB78FD8BFEDBAA73A5381E1114EB8D3FCC90795045B49B7",
    );
  });
});

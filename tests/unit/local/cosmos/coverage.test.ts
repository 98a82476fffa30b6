import { cosmosCoverage } from "../../../../local/cosmos";

describe("cosmosCoverage", () => {
  it("names each feature once", () => {
    const names = cosmosCoverage.map(({ area, feature }) => `${area}: ${feature}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it("explains what differs in a full sentence", () => {
    for (const { status, note } of cosmosCoverage) {
      if (status === "differs") expect(note).toMatch(/^[A-Z].*\.$/);
    }
  });
});

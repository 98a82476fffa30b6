import { type Changes, LargeArrays } from "../../../../asa/runtime/state/large-arrays";

const megabyte = 1 << 20;

function filled(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}

function copiedAhead(source: Uint8Array, changes: Changes): LargeArrays {
  const arrays = new LargeArrays();
  arrays.plan(source, changes);
  while (!arrays.step());
  return arrays;
}

describe("LargeArrays", () => {
  it("takes what changed in any way", () => {
    const source = filled(3 * megabyte + 5, 1);
    const arrays = copiedAhead(source, null);
    source.fill(2);
    const taken = arrays.take(source, null);
    source.fill(3);
    expect(taken.every((byte) => byte === 2) && taken.length === source.length).toBe(true);
  });

  it("takes only what is behind and what is flagged, and the flag is that of its piece", () => {
    const memory = filled(4 * megabyte, 1);
    const flags = new Uint8Array(40);
    const changes = { flags, bytesPerFlag: 100_000 };
    const arrays = copiedAhead(memory.subarray(0, 2_000_000), changes);
    for (const at of [0, 99_999, 100_000, 1_999_999, 2_000_000, 2_345_678]) {
      memory[at] = 2;
      flags[Math.floor(at / changes.bytesPerFlag)] = 1;
    }
    // Written to behind the flags' back: what was copied ahead stays.
    memory[500_000] = 9;
    const taken = arrays.take(memory.subarray(0, 2_400_000), changes);
    expect(taken[500_000]).toBe(1);
    taken[500_000] = 9;
    expect(Buffer.compare(taken, memory.subarray(0, 2_400_000))).toBe(0);
  });

  it("does not take a piece for unchanged that was written to while others were copied", () => {
    const source = filled(5 * megabyte, 1);
    const flags = new Uint8Array(5 * 1024 + 1);
    const changes = { flags, bytesPerFlag: 1024 };
    const arrays = new LargeArrays();
    arrays.plan(source, changes);
    for (let turn = 0, done = false; !done; turn++) {
      done = arrays.step();
      for (const at of [turn * 1000, 2 * megabyte + turn, source.length - 1 - turn]) {
        source[at] = turn + 2;
        flags[Math.floor(at / 1024)] = 1;
      }
    }
    expect(Buffer.compare(arrays.take(source, changes), source)).toBe(0);
  });

  it("takes an array as a whole that was replaced, or whose flags were", () => {
    const source = filled(2 * megabyte, 1);
    const changes = { flags: new Uint8Array(64), bytesPerFlag: megabyte / 16 };
    const arrays = copiedAhead(source, changes);
    source.fill(2);
    expect(arrays.take(source, { ...changes, flags: new Uint8Array(64) })[0]).toBe(2);
    expect(arrays.take(filled(2 * megabyte, 3), changes)[0]).toBe(3);
    arrays.clear();
    expect(arrays.take(source, changes)[0]).toBe(2);
  });

  it("copes with memory that is moved away while it is copied, as WebAssembly's is when it grows", () => {
    const source = filled(3 * megabyte, 1);
    const arrays = new LargeArrays();
    arrays.plan(source, "grows");
    arrays.step();
    const moved = new Uint8Array(
      structuredClone(source.buffer, { transfer: [source.buffer as ArrayBuffer] }),
    );
    expect(source.length).toBe(0);
    moved.fill(2);
    while (!arrays.step());
    expect(Buffer.compare(arrays.take(moved, "grows"), moved)).toBe(0);
  });
});

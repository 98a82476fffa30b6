import fs, { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Journal } from "../../../../../local/cosmos/store/journal";

describe("Journal", () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "journal-"));
    path = join(folder, "a.journal");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function records(): { all: string[]; droppedBytes: number } {
    const all: string[] = [];
    const { journal, droppedBytes } = Journal.open(path, (payload) => all.push(payload.toString()));
    journal.close();
    return { all, droppedBytes };
  }

  it("hands back what was appended, in order", () => {
    const { journal } = Journal.open(path, () => {});
    journal.append(["one", "zwölf"]);
    journal.append(["", "three"]);
    journal.close();
    expect(records()).toEqual({ all: ["one", "zwölf", "", "three"], droppedBytes: 0 });
  });

  it("cuts the file at any byte into whole records and a torn tail that is kept", () => {
    const { journal } = Journal.open(path, () => {});
    journal.append(["first", "second"]);
    journal.close();
    const bytes = readFileSync(path);
    for (let length = 0; length < bytes.length; length++) {
      writeFileSync(path, bytes.subarray(0, length));
      const { all, droppedBytes } = records();
      expect(all).toEqual(length < 13 ? [] : ["first"]);
      expect(droppedBytes).toBe(length < 13 ? length : length - 13);
      if (droppedBytes > 0) expect(readFileSync(`${path}.torn`)).toHaveLength(droppedBytes);
    }
  });

  it("stops at a record whose bytes have changed", () => {
    const { journal } = Journal.open(path, () => {});
    journal.append(["first", "second", "third"]);
    journal.close();
    const bytes = readFileSync(path);
    bytes[bytes.indexOf("second") + 2] = 0;
    writeFileSync(path, bytes);
    expect(records().all).toEqual(["first"]);
  });

  it("leaves the file as it was when the disk takes only a part", () => {
    const { journal } = Journal.open(path, () => {});
    journal.append(["before"]);
    const write = fs.writeSync;
    let calls = 0;
    const spy = jest.spyOn(fs, "writeSync").mockImplementation(((file: number, bytes: Buffer) => {
      if (calls++ > 0)
        throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      return write(file, bytes, 0, 9);
    }) as typeof fs.writeSync);
    try {
      expect(() => journal.append(["refused"])).toThrow(/could not be stored: ENOSPC/);
    } finally {
      spy.mockRestore();
    }
    journal.append(["after"]);
    journal.close();
    expect(records()).toEqual({ all: ["before", "after"], droppedBytes: 0 });
  });

  it("holds the new records and what came meanwhile after a rewrite, and goes on from there", async () => {
    const { journal } = Journal.open(path, () => {});
    journal.append(["old"]);
    async function* pages() {
      yield ["snapshot"];
      journal.append(["meanwhile"]);
      yield ["more"];
    }
    await journal.rewrite(journal.size, pages());
    journal.append(["after"]);
    journal.close();
    expect(records().all).toEqual(["snapshot", "more", "meanwhile", "after"]);
  });

  it("keeps the old file when a rewrite fails", async () => {
    const { journal } = Journal.open(path, () => {});
    journal.append(["old"]);
    async function* pages(): AsyncGenerator<string[]> {
      yield ["snapshot"];
      throw new Error("disk");
    }
    await expect(journal.rewrite(journal.size, pages())).rejects.toThrow("disk");
    journal.append(["after"]);
    journal.close();
    expect(records().all).toEqual(["old", "after"]);
  });
});

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SentLedgers } from "../../../../local/accounting/sent-ledger";
import { MessageAccounts } from "../../../../local/run/account";
import { failuresOf, type RunReport } from "../../../../local/run/report";

describe("MessageAccounts", () => {
  it("counts each sent id where it was found, once", () => {
    const folder = mkdtempSync(join(tmpdir(), "account-"));
    try {
      const accounts = new MessageAccounts(join(folder, "work"));
      for (const id of ["a", "b", "c", "d", "e", "f", "a"]) accounts.note(id, "sent");
      accounts.note("a", "stored");
      accounts.note("a", "stored");
      accounts.note("b", "duplicate");
      accounts.note("c", "quarantined");
      accounts.note("d", "stored");
      accounts.note("d", "quarantined");
      accounts.note("f", "stored");
      accounts.note("not sent", "stored");
      expect(accounts.close()).toEqual({
        sent: 6,
        stored: 3,
        quarantined: 1,
        duplicates: 1,
        lost: 1,
        double: 1,
      });
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("failuresOf", () => {
  const closed: Omit<RunReport, "failures"> = {
    accounting: {
      sent: 10,
      stored: 7,
      quarantined: 2,
      duplicates: 1,
      lost: 0,
      double: 0,
      redelivered: 3,
      refused: 0,
    },
    speed: { counted: 6, late: 1 },
    windows: {
      realtime: { compared: 5, different: 0 },
      cut: { compared: 4, different: 0 },
      merged: { compared: 5, different: 0 },
    },
    latencyMs: {},
    eventsPerSecond: 1,
    peakMemoryMb: 1,
    seconds: 1,
    restarts: {},
  };
  const { accounting, speed, windows } = closed;

  it.each([
    [{}, []],
    [{ accounting: { ...accounting, sent: 11 } }, ["sent 11 is not stored + quarantined + duplicates = 10"]],
    [{ accounting: { ...accounting, lost: 2 } }, ["2 messages are lost"]],
    [{ accounting: { ...accounting, double: 1 } }, ["1 messages count twice"]],
    [{ speed: { ...speed, late: 0 } }, ["stored 7 is not counted + late = 6"]],
    [
      { windows: { ...windows, cut: { compared: 0, different: 0 } } },
      ["the cut comparison had no window to compare"],
    ],
    [
      { windows: { ...windows, merged: { compared: 5, different: 2 } } },
      ["2 of 5 windows differ in the merged comparison"],
    ],
  ])("of %j are %j", (change, failures) => {
    expect(failuresOf({ ...closed, ...change })).toEqual(failures);
  });
});

describe("SentLedgers", () => {
  it("reads the ledgers of all runs in order, without a torn last line", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ledgers-"));
    try {
      const ledgers = new SentLedgers(folder);
      expect(ledgers.paths).toEqual([]);
      const line = (id: string) =>
        JSON.stringify({ messageId: id, at: "", via: "amqp", fault: null, body: "{}" });
      const first = ledgers.next();
      writeFileSync(first, `${line("a")}\n${line("b").slice(0, 20)}`);
      const second = ledgers.next();
      expect(second).not.toBe(first);
      writeFileSync(second, `${line("c")}\n`);
      const ids: string[] = [];
      for await (const { messageId } of ledgers.messages()) ids.push(messageId);
      expect(ids).toEqual(["a", "c"]);
      expect(ledgers.paths).toEqual([first, second]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLedger } from "../../../../local/simulator/ledger";
import type { OutgoingMessage } from "../../../../local/simulator/message";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ledger-"));
  path = join(folder, "sent.ndjson");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const message = (n: number, body = `{"n":${n}}`): OutgoingMessage => ({
  messageId: `m-${n}`,
  sendAtMs: Date.parse("2026-01-05T08:00:00Z") + n,
  via: n % 2 === 0 ? "amqp" : "mqtt",
  fault: n % 3 === 0 ? "late" : null,
  deviceId: "press-0001",
  body,
});

describe("openLedger", () => {
  it("writes a line for each message with the exact text", async () => {
    const ledger = await openLedger(path);
    const body = 'not json "\u00e4\u2028\n\\';
    ledger.append([message(0), message(1, body)]);
    ledger.close();
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    expect(JSON.parse(lines[0]!)).toEqual({
      messageId: "m-0",
      at: "2026-01-05T08:00:00.000Z",
      via: "amqp",
      fault: "late",
      body: '{"n":0}',
    });
    expect((JSON.parse(lines[1]!) as { body: string }).body).toBe(body);
  });

  it("says where an interrupted run goes on, and cuts a torn line at any byte", async () => {
    const first = await openLedger(path);
    first.append([message(0), message(1), message(2, "\u00e4\u00f6")]);
    first.close();
    const whole = readFileSync(path);
    const secondEnd = whole.indexOf("\n", whole.indexOf("\n") + 1) + 1;
    for (let cut = secondEnd; cut < whole.length; cut += 1) {
      writeFileSync(path, whole.subarray(0, cut));
      const ledger = await openLedger(path);
      expect(ledger.resumeAt).toBe(2);
      expect(ledger.counts).toMatchObject({
        sent: 2,
        byVia: { amqp: 1, mqtt: 1 },
        byFault: { late: 1, none: 1 },
      });
      ledger.checkResume("m-1");
      ledger.append([message(2, "\u00e4\u00f6")]);
      ledger.close();
      expect(readFileSync(path).equals(whole)).toBe(true);
    }
  });

  it("refuses to go on with another run's messages", async () => {
    appendFileSync(
      path,
      `${JSON.stringify({ messageId: "x", at: "", via: "amqp", fault: null, body: "" })}\n`,
    );
    const ledger = await openLedger(path);
    expect(() => ledger.checkResume("m-0")).toThrow("belongs to a run with other options");
    ledger.close();
  });
});

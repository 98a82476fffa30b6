import { ClockOwner } from "../../../../local/supervisor/clock-owner";
import { Sending } from "../../../../local/supervisor/sending";

const startMs = Date.parse("2026-01-05T08:00:00Z");

function begin(sendSeconds: number | null = 10) {
  const clock = new ClockOwner({
    startMs,
    speed: 30,
    limitMs: startMs,
    publish: () => {},
    wall: () => 0,
  });
  return { clock, sending: new Sending({ clock, startMs, sendSeconds }) };
}

describe("Sending", () => {
  it("lets the clock pass as the sender says, and wakes those who wait for a share", async () => {
    const { clock, sending } = begin();
    const woken: string[] = [];
    const half = sending.reached(0.5).then(() => woken.push("half"));
    expect(sending.take({ kind: "clock.release", data: { untilMs: startMs + 149_000 } })).toBe(true);
    await Promise.resolve();
    expect(woken).toEqual([]);
    sending.take({ kind: "clock.release", data: { untilMs: startMs + 150_000 } });
    await half;
    expect(clock.state.limitMs).toBe(startMs + 150_000);
    await sending.reached(0.2);
  });

  it("follows a file by its own figures and jumps", async () => {
    const { clock, sending } = begin(null);
    sending.take({ kind: "clock.jump", data: { toMs: startMs + 3_600_000 } });
    sending.take({ kind: "sender.progress", data: { share: 0.6 } });
    await sending.reached(0.6);
    expect(clock.clock.now()).toBe(startMs + 3_600_000);
  });

  it("ends with what was sent", async () => {
    const { sending } = begin();
    const ended = sending.ended();
    const summary = { sent: 7, redelivered: 0, endMs: startMs + 300_000 };
    sending.take({ kind: "sender.done", data: summary });
    expect(await ended).toEqual(summary);
    await sending.reached(1);
  });

  it("fails with the sender's own code and hint", async () => {
    const { sending } = begin();
    const ended = sending.ended();
    const failure = { code: "LOCAL_DISK_FULL", message: "ENOSPC", hint: "make room" };
    sending.take({ kind: "sender.failed", data: failure });
    await expect(ended).rejects.toMatchObject(failure);
    const other = begin().sending;
    const unknown = other.ended();
    other.take({ kind: "sender.failed", data: { code: "E_ELSE", message: "no" } });
    await expect(unknown).rejects.toMatchObject({ code: "LOCAL_RUN_INCOMPLETE", message: "no" });
  });

  it("leaves the events of others alone", () => {
    expect(begin().sending.take({ kind: "job.dropped", data: {} })).toBe(false);
  });
});

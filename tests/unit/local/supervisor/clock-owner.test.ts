import * as fc from "fast-check";
import { type ClockState, FollowingClock } from "../../../../local/process/clock";
import { ClockOwner } from "../../../../local/supervisor/clock-owner";

const startMs = Date.parse("2026-01-05T08:00:00Z");

/** An owner over a wall clock that the test moves. */
function ownerAt(speed: number, limitMs: number | null) {
  const wall = { ms: 1_000_000 };
  const published: ClockState[] = [];
  const owner = new ClockOwner({
    startMs,
    speed,
    limitMs,
    publish: (state) => published.push(state),
    wall: () => wall.ms,
  });
  return { owner, wall, published };
}

describe("ClockOwner", () => {
  it("runs at its speed up to its limit, and on when it is released", () => {
    const { owner, wall } = ownerAt(30, startMs + 2000);
    wall.ms += 50;
    expect(owner.clock.now()).toBe(startMs + 1500);
    wall.ms += 50;
    expect(owner.clock.now()).toBe(startMs + 2000);
    owner.release(startMs + 5000);
    expect(owner.clock.now()).toBe(startMs + 2000);
    wall.ms += 10;
    expect(owner.clock.now()).toBe(startMs + 2300);
    owner.release(startMs + 3000);
    wall.ms += 1000;
    expect(owner.clock.now()).toBe(startMs + 5000);
    owner.releaseAll();
    wall.ms += 1000;
    expect(owner.clock.now()).toBe(startMs + 35_000);
  });

  it("stands while anything holds it, and does not make up for the time", () => {
    const { owner, wall } = ownerAt(10, null);
    owner.hold("a");
    owner.hold("b");
    expect(owner.holds).toEqual(["a", "b"]);
    wall.ms += 1000;
    owner.unhold("a");
    owner.unhold("never held");
    wall.ms += 1000;
    expect(owner.clock.now()).toBe(startMs);
    owner.unhold("b");
    wall.ms += 100;
    expect(owner.clock.now()).toBe(startMs + 1000);
  });

  it("jumps forward only, past its limit too", () => {
    const { owner, wall } = ownerAt(1, startMs);
    owner.jump(startMs + 60_000);
    expect(owner.clock.now()).toBe(startMs + 60_000);
    owner.jump(startMs + 30_000);
    wall.ms += 500;
    expect(owner.clock.now()).toBe(startMs + 60_000);
  });

  it("loses no time by many releases", () => {
    const { owner, wall } = ownerAt(1.7, startMs + 10);
    for (let n = 0; n < 10_000; n++) {
      owner.release(owner.clock.now() + 1000);
      wall.ms += 1;
    }
    expect(owner.clock.now()).toBe(startMs + 17_000);
  });
});

type Step =
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "release" | "jump"; readonly byMs: number }
  | { readonly kind: "hold" | "unhold" };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 200 }) }),
  fc.record({
    kind: fc.constantFrom("release" as const, "jump" as const),
    byMs: fc.integer({ min: -500, max: 5000 }),
  }),
  fc.record({ kind: fc.constantFrom("hold" as const, "unhold" as const) }),
);

/**
 * Plays steps on an owner and hands each state to a follower some wall milliseconds later, in order; calls `check` with both
 * clocks at every millisecond.
 */
function play(
  steps: readonly Step[],
  delays: readonly number[],
  speed: number,
  check: (ownerMs: number, followerMs: number, limitMs: number | null) => void,
): void {
  const { owner, wall, published } = ownerAt(speed, startMs);
  const follower = new FollowingClock(owner.state, () => wall.ms);
  const onTheWay: { readonly atMs: number; readonly state: ClockState }[] = [];
  let arrivedMs = 0;
  const tick = (ms: number) => {
    for (let n = 0; n <= ms; n++) {
      while (onTheWay[0] !== undefined && onTheWay[0].atMs <= wall.ms)
        follower.follow(onTheWay.shift()!.state);
      check(owner.clock.now(), follower.now(), owner.state.limitMs);
      if (n < ms) wall.ms += 1;
    }
  };
  steps.forEach((action, n) => {
    if (action.kind === "wait") tick(action.ms);
    else if (action.kind === "release") owner.release(owner.clock.now() + action.byMs);
    else if (action.kind === "jump") owner.jump(owner.clock.now() + action.byMs);
    else owner[action.kind]("test");
    for (const state of published.splice(0)) {
      arrivedMs = Math.max(arrivedMs, wall.ms + (delays[n % delays.length] ?? 0));
      onTheWay.push({ atMs: arrivedMs, state });
    }
    tick(0);
  });
  owner.unhold("test");
  for (const state of published.splice(0)) onTheWay.push({ atMs: arrivedMs, state });
  tick(1000);
  check(owner.clock.now(), follower.now(), owner.state.limitMs);
}

const delays = fc.array(fc.integer({ min: 0, max: 150 }), { minLength: 1, maxLength: 5 });
const speeds = fc.constantFrom(1, 2.5, 30, 400);

describe("a follower that hears of states late", () => {
  it("is never ahead of an owner that releases and jumps, and never runs backwards", () => {
    fc.assert(
      fc.property(
        fc.array(
          step.filter(({ kind }) => kind !== "hold" && kind !== "unhold"),
          { maxLength: 30 },
        ),
        delays,
        speeds,
        (steps, late, speed) => {
          let lastMs = 0;
          const wrong: string[] = [];
          play(steps, late, speed, (ownerMs, followerMs) => {
            if (followerMs > ownerMs) wrong.push(`${followerMs - ownerMs} ms ahead`);
            if (followerMs < lastMs) wrong.push(`${lastMs - followerMs} ms back`);
            lastMs = followerMs;
          });
          expect(wrong).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("keeps within the limit through holds, never runs backwards, and meets its owner again", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), delays, speeds, (steps, late, speed) => {
        let last = { ownerMs: 0, followerMs: 0 };
        const wrong: string[] = [];
        play(steps, late, speed, (ownerMs, followerMs, limitMs) => {
          if (limitMs !== null && followerMs > limitMs)
            wrong.push(`${followerMs - limitMs} ms past the limit`);
          if (followerMs < last.followerMs) wrong.push(`${last.followerMs - followerMs} ms back`);
          if (ownerMs < last.ownerMs) wrong.push(`the owner ${last.ownerMs - ownerMs} ms back`);
          last = { ownerMs, followerMs };
        });
        expect(wrong).toEqual([]);
        expect(last.followerMs).toBe(last.ownerMs);
      }),
      { numRuns: 60 },
    );
  });
});

describe("FollowingClock.until", () => {
  it("wakes at the moment, not before, and at once after a jump", async () => {
    const { owner, wall } = ownerAt(10, startMs);
    const order: string[] = [];
    const first = owner.clock.until(startMs + 100).then(() => order.push("first"));
    const second = owner.clock.until(startMs + 5000).then(() => order.push("second"));
    wall.ms += 1000;
    owner.release(startMs + 99);
    wall.ms += 1000;
    await Promise.resolve();
    expect(order).toEqual([]);
    owner.jump(startMs + 100);
    await first;
    expect(order).toEqual(["first"]);
    owner.jump(startMs + 5000);
    await second;
    expect(order).toEqual(["first", "second"]);
  });

  it("rejects when it is given up", async () => {
    const { owner } = ownerAt(10, startMs);
    const given = new AbortController();
    const waiting = owner.clock.until(startMs + 1, given.signal);
    given.abort(new Error("no longer"));
    await expect(waiting).rejects.toThrow("no longer");
    await expect(owner.clock.until(startMs + 1, given.signal)).rejects.toThrow("no longer");
  });
});

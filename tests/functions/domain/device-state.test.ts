import fc from "fast-check";
import type { FactoryTelemetry } from "../../../contracts";
import {
  type DeviceState,
  type DeviceStateStore,
  isNewer,
  type StoredState,
  updateDeviceStates,
} from "../../../functions/src/domain/device-state";
import { message, reading } from "../support";

/** A store with versions; `interfere` runs before each write, as another instance would. */
class MemoryStates implements DeviceStateStore {
  readonly states = new Map<string, { state: DeviceState; etag: string }>();
  readonly history: DeviceState[] = [];
  interfere: (() => void) | undefined;
  reads = 0;
  #version = 0;

  put(state: DeviceState): string {
    const etag = `v${++this.#version}`;
    this.states.set(state.id, { state, etag });
    this.history.push(state);
    return etag;
  }

  async read(ids: readonly string[]) {
    this.reads++;
    return new Map<string, StoredState>(
      ids.flatMap((id) => {
        const stored = this.states.get(id);
        return stored === undefined ? [] : [[id, stored] as const];
      }),
    );
  }

  async write(writes: Parameters<DeviceStateStore["write"]>[0]) {
    this.interfere?.();
    return writes.map(({ state, etag }) =>
      this.states.get(state.id)?.etag === etag ? this.put(state) : undefined,
    );
  }
}

const at = (second: number, changes: Partial<FactoryTelemetry> = {}) =>
  reading({ eventTime: new Date(Date.UTC(2026, 0, 5, 8, 0, second)).toISOString(), ...changes });

describe("updateDeviceStates", () => {
  it("stores the latest reading of each device with one write each", async () => {
    const store = new MemoryStates();
    const written = await updateDeviceStates(store)([
      message(at(1)),
      message(at(3, { temperature: 70 })),
      message(at(2)),
      message(at(1, { deviceId: "other" })),
    ]);
    expect(written).toBe(2);
    expect(store.states.get("press-0001")?.state).toMatchObject({ id: "press-0001", temperature: 70 });
    expect(store.history).toHaveLength(2);
  });

  it("keeps fields of the contract only, and the time of the hub", async () => {
    const store = new MemoryStates();
    await updateDeviceStates(store)([message({ ...at(1), _etag: "x", ttl: 1 }, { enqueuedTime: "E" })]);
    expect(store.states.get("press-0001")?.state).toEqual({ ...at(1), id: "press-0001", enqueuedTime: "E" });
  });

  it("leaves invalid messages to the quarantine", async () => {
    const store = new MemoryStates();
    expect(await updateDeviceStates(store)([message("{"), message(at(1, { temperature: 1e9 }))])).toBe(0);
    expect(store.states.size).toBe(0);
  });

  it("never goes back, whatever the order, the batches, repetitions and restarts", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ second: fc.nat(20), device: fc.nat(2), id: fc.nat(3) }), { maxLength: 40 }),
        fc.array(fc.nat(39), { maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        async (drafts, repeated, size) => {
          const events = drafts.map(({ second, device, id }) =>
            at(second, { deviceId: `d${device}`, eventId: `e${id}` }),
          );
          const deliveries = [...events, ...repeated.flatMap((index) => events[index] ?? [])];
          const store = new MemoryStates();
          let update = updateDeviceStates(store);
          for (let start = 0; start < deliveries.length; start += size) {
            if (start % 3 === 0) update = updateDeviceStates(store);
            await update(deliveries.slice(start, start + size).map((event) => message(event)));
          }
          for (const device of ["d0", "d1", "d2"]) {
            const own = events.filter(({ deviceId }) => deviceId === device);
            const latest = own.reduce<FactoryTelemetry | undefined>(
              (best, event) => (best === undefined || isNewer(event, best) ? event : best),
              undefined,
            );
            expect(store.states.get(device)?.state.eventTime).toBe(latest?.eventTime);
            expect(store.states.get(device)?.state.eventId).toBe(latest?.eventId);
            const history = store.history.filter(({ id }) => id === device);
            for (let index = 1; index < history.length; index++) {
              expect(isNewer(history[index] as DeviceState, history[index - 1] as DeviceState)).toBe(true);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("yields to a newer state that another instance wrote in between", async () => {
    const store = new MemoryStates();
    const update = updateDeviceStates(store);
    await update([message(at(1))]);
    store.interfere = () => {
      store.interfere = undefined;
      store.put({ ...at(9), id: "press-0001", enqueuedTime: "E" });
    };
    expect(await update([message(at(5))])).toBe(0);
    expect(store.states.get("press-0001")?.state.eventTime).toBe(at(9).eventTime);
  });

  it("wins over an older state that another instance wrote in between", async () => {
    const store = new MemoryStates();
    const update = updateDeviceStates(store);
    await update([message(at(1))]);
    store.interfere = () => {
      store.interfere = undefined;
      store.put({ ...at(3), id: "press-0001", enqueuedTime: "E" });
    };
    expect(await update([message(at(5))])).toBe(1);
    expect(store.states.get("press-0001")?.state.eventTime).toBe(at(5).eventTime);
  });

  it("fails rather than loses a state that always loses the race", async () => {
    const store = new MemoryStates();
    store.interfere = () => {
      store.put({ ...at(0, { eventId: "other" }), id: "press-0001", enqueuedTime: "E" });
    };
    await expect(updateDeviceStates(store)([message(at(5))])).rejects.toThrow("lost 20 races in a row");
  });

  it("reads a device once, not with every batch", async () => {
    const store = new MemoryStates();
    const update = updateDeviceStates(store);
    for (let second = 0; second < 5; second++) await update([message(at(second))]);
    expect(store.reads).toBe(1);
    expect(store.history).toHaveLength(5);
  });
});

describe("isNewer", () => {
  it("compares moments, not texts", () => {
    const a = { eventTime: "2026-01-05T08:00:00Z", eventId: "b" };
    const b = { eventTime: "2026-01-05T08:00:00.000Z", eventId: "a" };
    expect(isNewer(a, b)).toBe(true);
    expect(isNewer(b, a)).toBe(false);
    expect(isNewer({ ...b, eventTime: "2026-01-05T08:00:00.001Z" }, a)).toBe(true);
  });
});

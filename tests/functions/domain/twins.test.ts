import fc from "fast-check";
import { topology } from "../../../contracts";
import type { DeviceState } from "../../../functions/src/domain/device-state";
import { syncDeviceTwins } from "../../../functions/src/domain/device-twins";
import { syncLineTwins } from "../../../functions/src/domain/line-twins";
import {
  type Twin,
  type TwinRelationship,
  type TwinStore,
  twinId,
} from "../../../functions/src/domain/twins";
import type { ViewRow } from "../../../functions/src/domain/view-rows";
import deviceModel from "../../../infra/data-plane/dtdl/10-device.json";
import lineModel from "../../../infra/data-plane/dtdl/20-line.json";
import factoryModel from "../../../infra/data-plane/dtdl/30-factory.json";
import { reading } from "../support";

/** Twins with versions; `interfere` runs before each write, as another instance would. */
class MemoryTwins implements TwinStore {
  readonly twins = new Map<string, Twin & { etag: string }>();
  readonly relationships = new Set<string>();
  readonly calls: string[] = [];
  interfere: (() => void) | undefined;
  #version = 0;

  put(twin: Twin): void {
    this.twins.set(twin.id, { ...twin, etag: `v${++this.#version}` });
  }
  async find(id: string) {
    this.calls.push(`find ${id}`);
    return this.twins.get(id);
  }
  async create(twin: Twin) {
    this.interfere?.();
    this.calls.push(`create ${twin.id}`);
    if (this.twins.has(twin.id)) return false;
    this.put(twin);
    return true;
  }
  async update(twin: Twin, etag: string) {
    this.interfere?.();
    this.calls.push(`update ${twin.id}`);
    const stored = this.twins.get(twin.id);
    if (stored?.etag !== etag) return false;
    this.put({ ...stored, properties: { ...stored.properties, ...twin.properties } });
    return true;
  }
  async relate({ source, name, target }: TwinRelationship) {
    for (const end of [source, target])
      if (!this.twins.has(end)) throw new Error(`there is no twin "${end}" to relate`);
    this.relationships.add(`${source} ${name} ${target}`);
  }
  async unrelate({ source, name, target }: TwinRelationship) {
    this.relationships.delete(`${source} ${name} ${target}`);
  }
  async sourcesOf(target: string, name: string) {
    return [...this.relationships].flatMap((text) => {
      const [source, itsName, itsTarget] = text.split(" ");
      return itsName === name && itsTarget === target ? [source as string] : [];
    });
  }
}

const at = (second: number, changes: Partial<DeviceState> = {}): DeviceState => ({
  ...reading({ eventTime: new Date(Date.UTC(2026, 0, 5, 8, 0, second)).toISOString() }),
  id: "press-0001",
  enqueuedTime: "2026-01-05T08:00:01.000Z",
  ...changes,
});
const device = twinId("device", "press-0001");

describe("twinId", () => {
  it("keeps kinds apart and fits what the service takes", () => {
    expect(twinId("line", "f1", "l1")).toBe("line.f1.l1");
    expect(twinId("device", "x")).not.toBe(twinId("factory", "x"));
    const long = "a".repeat(64);
    expect(twinId("line", long, long).length).toBeLessThanOrEqual(128);
    expect(twinId("line", long, long)).not.toBe(twinId("line", long, `${"a".repeat(63)}b`));
  });
});

describe("syncDeviceTwins", () => {
  it("makes the graph of a new device and its latest reading", async () => {
    const store = new MemoryTwins();
    const { factoryId, lineId } = at(1);
    expect(await syncDeviceTwins(store)([at(1), at(3, { temperature: 70 }), at(2)])).toBe(1);
    expect(store.twins.get(device)?.properties).toMatchObject({
      temperature: 70,
      lastEventTime: at(3).eventTime,
    });
    const line = twinId("line", factoryId, lineId);
    expect([...store.relationships].sort()).toEqual(
      [`${twinId("factory", factoryId)} hasLine ${line}`, `${line} hasDevice ${device}`].sort(),
    );
  });

  it("needs one read and one write for a device that it knows", async () => {
    const store = new MemoryTwins();
    const sync = syncDeviceTwins(store);
    await sync([at(1)]);
    store.calls.length = 0;
    await sync([at(2)]);
    expect(store.calls).toEqual([`find ${device}`, `update ${device}`]);
  });

  it("takes a device that moved from its old line", async () => {
    const store = new MemoryTwins();
    await syncDeviceTwins(store)([at(1, { lineId: "old" })]);
    await syncDeviceTwins(store)([at(2, { lineId: "new" })]);
    expect(await store.sourcesOf(device, "hasDevice")).toEqual([twinId("line", at(1).factoryId, "new")]);
  });

  it("places a device again when the process died before it could", async () => {
    const store = new MemoryTwins();
    const dying = new MemoryTwins();
    Object.assign(dying, { twins: store.twins, relate: () => Promise.reject(new Error("gone")) });
    await expect(syncDeviceTwins(dying)([at(1)])).rejects.toThrow("gone");
    await syncDeviceTwins(store)([at(1)]);
    expect(await store.sourcesOf(device, "hasDevice")).toHaveLength(1);
  });

  it("decides a lost race again, and leaves a newer twin alone", async () => {
    const store = new MemoryTwins();
    await syncDeviceTwins(store)([at(1)]);
    store.interfere = () => {
      store.interfere = undefined;
      store.put({
        id: device,
        model: "m",
        properties: { temperature: 99, lastEventTime: at(9).eventTime },
      });
    };
    expect(await syncDeviceTwins(store)([at(5)])).toBe(0);
    expect(store.twins.get(device)?.properties["temperature"]).toBe(99);
  });

  it("never goes back, whatever the order and number of deliveries", async () => {
    const batches = fc.array(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 5 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(batches, async (deliveries) => {
        const store = new MemoryTwins();
        const instances = [syncDeviceTwins(store), syncDeviceTwins(store)];
        for (const [index, seconds] of deliveries.entries())
          await instances[index % 2]!(seconds.map((second) => at(second)));
        const seen = deliveries.flat();
        const stored = store.twins.get(device)?.properties["lastEventTime"];
        expect(stored).toBe(seen.length === 0 ? undefined : at(Math.max(...seen)).eventTime);
      }),
    );
  });

  it("says so when it cannot win", async () => {
    const store = new MemoryTwins();
    await syncDeviceTwins(store)([at(1)]);
    store.update = async () => false;
    await expect(syncDeviceTwins(store)([at(2)])).rejects.toThrow("lost 20 races");
  });
});

describe("the models", () => {
  const propertiesOf = (model: typeof deviceModel | typeof lineModel | typeof factoryModel) =>
    model.contents.filter((each) => each["@type"] === "Property").map(({ name }) => name);

  it("know every property and relationship that the functions write", async () => {
    const store = new MemoryTwins();
    await syncDeviceTwins(store)([at(1)]);
    const models = [deviceModel, lineModel, factoryModel];
    for (const twin of store.twins.values()) {
      const model = models.find((candidate) => candidate["@id"] === twin.model);
      expect(propertiesOf(model!)).toEqual(expect.arrayContaining(Object.keys(twin.properties)));
    }
    expect(propertiesOf(lineModel)).toEqual(
      expect.arrayContaining(["lineId", "unitsPerHour", "defectRatio", "lastWindowEnd"]),
    );
    const relationships = models.flatMap(({ contents }) =>
      contents.filter((each) => each["@type"] === "Relationship").map(({ name }) => name),
    );
    expect([...store.relationships].map((text) => text.split(" ")[1]).toSorted()).toEqual(
      relationships.toSorted(),
    );
  });
});

describe("syncLineTwins", () => {
  const { version, name } = topology.jobs.findLast(({ windows }) => windows.includes("1h"))!;
  const row = (changes: Partial<ViewRow>): ViewRow =>
    ({
      job: name,
      version,
      grain: "line",
      key: "f1~l1",
      window: "1h",
      windowEnd: "2026-01-05T09:00:00.0000000Z",
      unitsSum: 200,
      defectsSum: 10,
      ...changes,
    }) as ViewRow;

  it("keeps the closed hour of a line", async () => {
    const store = new MemoryTwins();
    expect(await syncLineTwins(store)([row({})])).toBe(1);
    expect(store.twins.get("line.f1.l1")?.properties).toEqual({
      lineId: "l1",
      unitsPerHour: 200,
      defectRatio: 0.05,
      lastWindowEnd: "2026-01-05T09:00:00.0000000Z",
    });
  });

  it("gives an hour without pieces no defects", async () => {
    const store = new MemoryTwins();
    await syncLineTwins(store)([row({ unitsSum: 0, defectsSum: 0 })]);
    expect(store.twins.get("line.f1.l1")?.properties["defectRatio"]).toBe(0);
  });

  it.each<[string, Partial<ViewRow>]>([
    ["another grain", { grain: "device" }],
    ["another window", { window: "1m" }],
    ["another version", { version: "v0" }],
    ["another job", { job: "other" }],
  ])("leaves %s alone", async (_, changes) => {
    const store = new MemoryTwins();
    expect(await syncLineTwins(store)([row(changes)])).toBe(0);
    expect(store.twins.size).toBe(0);
  });

  it("does not go back to an earlier hour", async () => {
    const store = new MemoryTwins();
    await syncLineTwins(store)([row({})]);
    await syncLineTwins(store)([row({ windowEnd: "2026-01-05T08:00:00.0000000Z", unitsSum: 1 })]);
    expect(store.twins.get("line.f1.l1")?.properties["unitsPerHour"]).toBe(200);
  });
});

import type { AlertRule } from "../../../contracts";
import { type Alert, type AlertStore, alertsOf, routeAlerts } from "../../../functions/src/domain/alerts";
import { message, reading } from "../support";

const hot: AlertRule = {
  id: "hot",
  field: "temperature",
  comparison: "above",
  threshold: 90,
  severity: "warning",
  title: "Hot",
};
const flat: AlertRule = { ...hot, id: "flat", field: "pressure", comparison: "below", threshold: 100 };

const at = (time: string, temperature: number, changes = {}) =>
  message(reading({ eventTime: `2026-01-05T08:${time}Z`, temperature, ...changes }));

class MemoryAlerts implements AlertStore {
  readonly kept = new Map<string, Alert>();
  lookups = 0;

  async known(alerts: readonly Pick<Alert, "id">[]) {
    this.lookups++;
    return new Set(alerts.map(({ id }) => id).filter((id) => this.kept.has(id)));
  }

  async keep(alerts: readonly Alert[]) {
    for (const alert of alerts) if (!this.kept.has(alert.id)) this.kept.set(alert.id, alert);
  }
}

describe("alertsOf", () => {
  it.each([
    [89.9, 0],
    [90, 0],
    [90.1, 1],
  ])("compares %p strictly above 90", (temperature, count) => {
    expect(alertsOf([hot], [at("00:00", temperature)]).size).toBe(count);
  });

  it.each([
    [99.9, 1],
    [100, 0],
  ])("compares %p strictly below 100", (pressure, count) => {
    expect(alertsOf([flat], [at("00:00", 20, { pressure })]).size).toBe(count);
  });

  it.each([
    ["oven-1", { devicePrefixes: ["oven-"] }, 1],
    ["press-1", { devicePrefixes: ["oven-", "lathe-"] }, 0],
    ["oven-1", { exceptDevicePrefixes: ["oven-"] }, 0],
    ["press-1", { exceptDevicePrefixes: ["oven-"] }, 1],
  ])("applies to %s with %p: %p", (deviceId, devices, count) => {
    expect(alertsOf([{ ...hot, ...devices }], [at("00:00", 95, { deviceId })]).size).toBe(count);
  });

  it("raises one alert per device, rule and minute, shown with the first reading", () => {
    const alerts = alertsOf(
      [hot, flat],
      [
        at("00:00", 95, { pressure: 50 }),
        at("00:59.999", 99),
        at("01:00", 91),
        at("00:30", 97, { deviceId: "other" }),
      ],
    );
    expect([...alerts].map(([id, { value }]) => [id, value])).toEqual([
      ["hot~press-0001~1767600000", 95],
      ["flat~press-0001~1767600000", 50],
      ["hot~press-0001~1767600060", 91],
      ["hot~other~1767600000", 97],
    ]);
  });

  it("ignores messages that the contract refuses", () => {
    expect(alertsOf([hot], [at("00:00", 1e6), message("{")]).size).toBe(0);
  });
});

describe("routeAlerts", () => {
  const setUp = (store = new MemoryAlerts()) => {
    const sent: string[] = [];
    const channel = {
      send: async (alerts: readonly Alert[]) => void sent.push(...alerts.map(({ id }) => id)),
    };
    return { store, sent, route: () => routeAlerts([hot], store, channel) };
  };

  it("stores and sends an alert once, over batches and restarts", async () => {
    const { store, sent, route } = setUp();
    const first = route();
    expect(await first([at("00:00", 95)])).toBe(1);
    expect(await first([at("00:10", 96)])).toBe(0);
    expect(await route()([at("00:00", 95), at("00:10", 96)])).toBe(0);
    expect(sent).toEqual(["hot~press-0001~1767600000"]);
    expect(store.kept.size).toBe(1);
  });

  it("sends again, under the same id, when it died between sending and storing", async () => {
    const { store, sent, route } = setUp();
    store.keep = () => Promise.reject(new Error("gone"));
    await expect(route()([at("00:00", 95)])).rejects.toThrow("gone");
    store.keep = MemoryAlerts.prototype.keep;
    await route()([at("00:00", 95)]);
    expect(sent).toEqual(["hot~press-0001~1767600000", "hot~press-0001~1767600000"]);
    expect(store.kept.size).toBe(1);
  });

  it("does not store what could not be sent", async () => {
    const { store } = setUp();
    const route = routeAlerts([hot], store, { send: () => Promise.reject(new Error("no hub")) });
    await expect(route([at("00:00", 95)])).rejects.toThrow("no hub");
    expect(store.kept.size).toBe(0);
  });

  it("does not look a known alert up again", async () => {
    const { store, route } = setUp();
    const same = route();
    for (let second = 10; second < 20; second++) await same([at(`00:${second}`, 95)]);
    expect(store.lookups).toBe(1);
  });
});

import type { Alert } from "../../../functions/src/domain/alerts";
import { type Finding, tellOfAlerts, watchAnomalies } from "../../../functions/src/domain/findings";

const alert = (id: string, severity: string) =>
  ({ id, severity, title: "Overheated", deviceId: "press-0001" }) as Alert;

const channel = () => {
  const told: Finding[] = [];
  return { told, tell: async (finding: Finding) => void told.push(finding) };
};

describe("tellOfAlerts", () => {
  it("tells of critical alerts, each once in a batch", async () => {
    const to = channel();
    const batch = [alert("a", "critical"), alert("b", "warning"), alert("a", "critical")];
    expect(await tellOfAlerts(to)(batch)).toBe(1);
    expect(to.told).toEqual([{ id: "a", code: "critical-alert", message: "Overheated: press-0001" }]);
  });

  it("fails when it cannot tell, so that the batch comes again", async () => {
    const deaf = { tell: () => Promise.reject(new Error("no workflow")) };
    await expect(tellOfAlerts(deaf)([alert("a", "critical")])).rejects.toThrow("no workflow");
  });
});

describe("watchAnomalies", () => {
  const now = new Date("2026-01-05T10:00:00.000Z");
  const anomaly = {
    factoryId: "f1",
    lineId: "l1",
    windowEnd: "2026-01-05T09:57:00Z",
    meanPowerKw: 80,
    baseline: 40,
    direction: "spike",
  };
  const asked: [string, string][] = [];
  const source = {
    between: async (after: string, upTo: string) => {
      asked.push([after.slice(11, 19), upTo.slice(11, 19)]);
      return [anomaly];
    },
  };

  beforeEach(() => {
    asked.length = 0;
  });

  it("tells where, when and how much", async () => {
    const to = channel();
    expect(await watchAnomalies(source, to)(null, now)).toBe(1);
    expect(to.told).toEqual([
      {
        id: "power~f1~l1~2026-01-05T09:57:00Z",
        code: "anomaly",
        message: "spike of power, line l1 of f1 at 2026-01-05T09:57:00Z: 80 kW instead of 40 kW",
      },
    ]);
  });

  it.each([
    ["the first look", null, "09:53:00"],
    ["the usual look", "2026-01-05T09:55:00Z", "09:53:00"],
    ["a look after an outage of half an hour", "2026-01-05T09:30:00Z", "09:28:00"],
    ["a look after a day", "2026-01-04T10:00:00Z", "07:58:00"],
  ])("%s leaves no minute out", async (_, last, after) => {
    await watchAnomalies(source, channel())(last === null ? null : new Date(last), now);
    expect(asked).toEqual([[after, "09:58:00"]]);
  });

  it("asks nothing when no minute has ended since", async () => {
    expect(await watchAnomalies(source, channel())(now, now)).toBe(0);
    expect(asked).toEqual([]);
  });
});

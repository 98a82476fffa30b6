import { StagePower } from "../../../infra/bootstrap";
import { deployment } from "../../../infra/config/deployment";
import { type StageName, stages } from "../../../infra/config/stages";
import { type LocalService, type Received, type Reply, startService } from "./services";

let arm: LocalService;
afterEach(() => arm.close());

const jobs = "/providers/Microsoft.StreamAnalytics/streamingjobs";
const group = (stage: string) =>
  `/subscriptions/${deployment.subscriptionId}/resourceGroups/rg-lambda-${stage}-weu`;

/** ARM with stream jobs in pages of one, a cluster, and where it is asked a pool and a capacity. */
async function powerOf(stage: StageName, states: Record<string, string>, cluster: string | null) {
  const kinds: Record<string, object> = {
    "Microsoft.Synapse": { status: "Online" },
    "Microsoft.Fabric": { state: "Active" },
    ...(cluster !== null && { "Microsoft.Kusto": { state: cluster } }),
  };
  const answer = ({ method, path, query }: Received): Reply => {
    if (method === "POST") return { status: 202 };
    if (path.endsWith(jobs)) {
      const names = Object.keys(states);
      const at = Number(new URLSearchParams(query).get("at") ?? 0);
      const name = names[at];
      const value =
        name === undefined
          ? []
          : [{ id: `${group(stage)}${jobs}/${name}`, name, properties: { jobState: states[name] } }];
      const nextLink =
        at + 1 < names.length ? `${arm.address}${path}?api-version=2020-03-01&at=${at + 1}` : undefined;
      return { status: 200, body: { value, ...(nextLink !== undefined && { nextLink }) } };
    }
    const kind = Object.keys(kinds).find((entry) => path.includes(`/providers/${entry}/`));
    return kind === undefined ? { status: 404 } : { status: 200, body: { properties: kinds[kind] } };
  };
  arm = await startService(answer);
  return new StagePower({ stage: stages[stage], deployment, arm: arm.address, tokens: async () => "t" });
}

const posts = () => arm.writes().map(({ path, body }) => [path.replace(/.*\/providers\//, ""), body]);

test("what runs is stopped, readers first; what stands still is left alone", async () => {
  const power = await powerOf("dev", { one: "Running", two: "Stopped", three: "Degraded" }, "Running");
  const lines = await power.stop();
  expect(posts()).toEqual([
    ["Microsoft.StreamAnalytics/streamingjobs/one/stop", null],
    ["Microsoft.StreamAnalytics/streamingjobs/three/stop", null],
    ["Microsoft.Kusto/clusters/declambdadeva1b2c/stop", null],
  ]);
  expect(lines).toContain("two: is Stopped, left alone");
});

test("what a stage does not have is passed over", async () => {
  const power = await powerOf("test", {}, null);
  await expect(power.stop()).resolves.toEqual([]);
});

test.each(["prod", "all-flags"] as const)("%s is never stopped", async (stage) => {
  const power = await powerOf(stage, { one: "Running" }, "Running");
  await expect(power.stop()).rejects.toMatchObject({ code: "POWER_PRODUCTION" });
  expect(arm.requests).toEqual([]);
});

test("jobs start after what they write to, each where it left off", async () => {
  const power = await powerOf("prod", { old: "Stopped", fresh: "Created" }, "Stopped");
  await power.start();
  expect(posts()).toEqual([
    [expect.stringMatching(/^Microsoft.Kusto\/.*\/start$/), null],
    ["Microsoft.StreamAnalytics/streamingjobs/fresh/start", { outputStartMode: "JobStartTime" }],
    ["Microsoft.StreamAnalytics/streamingjobs/old/start", { outputStartMode: "LastOutputEventTime" }],
  ]);
});

test("a check names the jobs that do not run", async () => {
  const power = await powerOf("dev", { one: "Running", two: "Failed" }, "Running");
  await expect(power.check()).rejects.toMatchObject({
    code: "POWER_NOT_RUNNING",
    message: "stream jobs that do not run: two (Failed)",
  });
});

test("a check of a stage without jobs is no success", async () => {
  const power = await powerOf("dev", {}, "Running");
  await expect(power.check()).rejects.toMatchObject({ code: "POWER_NOT_RUNNING" });
});

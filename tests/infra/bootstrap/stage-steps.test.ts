import { runSteps, type SqlTarget, stepsOf, targetsOf } from "../../../infra/bootstrap";
import { deployment } from "../../../infra/config/deployment";
import { type StageName, stages } from "../../../infra/config/stages";
import { digitalTwinsAnswers, grafanaAnswers, type LocalService, startService } from "./services";

const open: LocalService[] = [];
afterEach(() => Promise.all(open.splice(0).map((service) => service.close())));

/** All services of a stage on this machine, and a database that knows its marks. */
async function stageOnThisMachine(name: StageName) {
  const started = async (service: Promise<LocalService>): Promise<LocalService> => {
    open.push(await service);
    return service;
  };
  const twins = await started(startService(digitalTwinsAnswers().answer));
  const grafana = await started(startService(grafanaAnswers().answer));
  const answers: Record<string, Record<string, string>> = {
    "Microsoft.DigitalTwins": { hostName: new URL(twins.address).host },
    "Microsoft.Dashboard": { endpoint: grafana.address },
    "Microsoft.Kusto": { uri: "https://cluster.example" },
  };
  const arm = await started(
    startService(({ path }) => {
      // Every managed endpoint is approved already; managed-links.test.ts has the others.
      if (/rivateEndpoints$/.test(path)) return { status: 200, body: { value: [] } };
      const provider = Object.keys(answers).find((entry) => path.includes(`/providers/${entry}/`));
      return provider === undefined
        ? { status: 404, body: { error: { message: "ResourceNotFound" } } }
        : { status: 200, body: { properties: answers[provider] } };
    }),
  );
  const sql: { target: SqlTarget; text: string }[] = [];
  const marks = new Map<string, string>();
  const run = async (target: SqlTarget, text: string) => {
    sql.push({ target, text });
    for (const [, view, hash] of text.matchAll(/CREATE VIEW dbo\.(bootstrap_\w+) AS SELECT '(\w+)'/g))
      marks.set(view!, hash!);
    const asked = /dbo\.(bootstrap_\w+)', N'V'\) IS NULL SELECT/.exec(text)?.[1];
    return asked === undefined ? "" : `${marks.get(asked) ?? "none"}\n`;
  };
  const targets = targetsOf({
    stage: stages[name],
    deployment,
    arm: arm.address,
    addressOf: (host) => `http://${host}`,
    tokens: async (scope) => `token of ${scope}`,
  });
  return { steps: stepsOf(stages[name], targets, run), sql, twins, grafana, arm };
}

const quiet = { only: [], dryRun: false, print: () => {} };

test("a whole stage is set up from the repository's files, and a second run changes nothing", async () => {
  const stage = await stageOnThisMachine("prod");
  await runSteps(stage.steps, quiet);
  const changes = () =>
    stage.sql.filter(({ text }) => text.includes("CREATE VIEW dbo.bootstrap_")).length +
    stage.twins.writes().length +
    stage.grafana.writes().length;
  const first = changes();
  expect(first).toBeGreaterThanOrEqual(5);
  await runSteps(stage.steps, quiet);
  expect(changes()).toBe(first);
});

test("each service is asked with a token for it alone", async () => {
  const stage = await stageOnThisMachine("prod");
  await runSteps(stage.steps, quiet);
  const tokens = (service: LocalService) =>
    new Set(service.requests.map(({ authorization }) => authorization));
  expect(tokens(stage.arm)).toEqual(new Set(["Bearer token of https://management.azure.com/.default"]));
  expect(tokens(stage.twins)).toEqual(new Set(["Bearer token of https://digitaltwins.azure.net/.default"]));
  expect(tokens(stage.grafana)).toEqual(new Set(["Bearer token of https://dashboard.azure.com/.default"]));
});

test("contained users bear the names of the stage's identities", async () => {
  const stage = await stageOnThisMachine("test");
  await runSteps(stage.steps, { ...quiet, only: ["sql"] });
  const text = stage.sql.map((call) => call.text).join("");
  expect(text).toContain("CREATE USER [id-lambda-test-weu-functions] FROM EXTERNAL PROVIDER");
  expect(text).not.toContain("{{");
  expect(new Set(stage.sql.map(({ target }) => target.server))).toEqual(
    new Set(["sql-lambda-test-weu-a1b2c.database.windows.net"]),
  );
});

test("a dry run shows the plan and asks nothing", async () => {
  const stage = await stageOnThisMachine("prod");
  const lines: string[] = [];
  await runSteps(stage.steps, { only: [], dryRun: true, print: (line) => lines.push(line) });
  expect(lines).toEqual(expect.arrayContaining(["sql:", "  run 20-users.sql", "digital-twins-routes:"]));
  expect([stage.arm, stage.twins, stage.grafana].flatMap(({ requests }) => requests)).toEqual([]);
  expect(stage.sql).toEqual([]);
});

test("stages have the steps of their flags", async () => {
  const names = async (name: StageName) => (await stageOnThisMachine(name)).steps.map((step) => step.name);
  const dev = await names("dev");
  expect(dev).not.toContain("synapse-dedicated");
  expect(dev).not.toContain("digital-twins-models");
  expect(await names("test")).toContain("digital-twins-models");
  expect(await names("prod")).toContain("synapse-dedicated");
});

test("an unknown step is refused with the list of those there are", async () => {
  const stage = await stageOnThisMachine("dev");
  await expect(runSteps(stage.steps, { ...quiet, only: ["sqlite"] })).rejects.toMatchObject({
    code: "BOOTSTRAP_STEP_UNKNOWN",
    hint: expect.stringContaining("sql, synapse-serverless"),
  });
});

test("a step whose change does not show stops the run before the next one", async () => {
  const ran: string[] = [];
  const never = (name: string) => ({
    name,
    plan: () => [],
    isDone: async () => false,
    apply: async () => {
      ran.push(name);
    },
  });
  await expect(runSteps([never("first"), never("second")], quiet)).rejects.toMatchObject({
    code: "BOOTSTRAP_NOT_HELD",
  });
  expect(ran).toEqual(["first"]);
});

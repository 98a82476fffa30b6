import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const root = join(__dirname, "../../..");
const folder = join(root, ".github/workflows");

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
type Permissions = "read-all" | "write-all" | Readonly<Record<string, string>>;
interface Job {
  readonly uses?: string;
  readonly "runs-on"?: string;
  readonly "timeout-minutes"?: number;
  readonly permissions?: Permissions;
  readonly environment?: unknown;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Permissions;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const files = readdirSync(folder).filter((name) => name.endsWith(".yml"));
const textOf = (file: string): string => readFileSync(join(folder, file), "utf8");
const workflows = new Map(files.map((file) => [file, parse(textOf(file)) as Workflow]));
const jobs = [...workflows].flatMap(([file, { jobs: named }]) =>
  Object.entries(named).map(([name, job]) => ({ file, name, job })),
);
const steps = jobs.flatMap(({ file, name, job }) =>
  (job.steps ?? []).map((step, index) => ({ file, job: name, index, step })),
);
const scripts = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object }).scripts;

/** Every action in use, with the one commit that its version's tag names. */
const pinned: Readonly<Record<string, string>> = {
  "actions/checkout": "3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
  "actions/setup-node": "820762786026740c76f36085b0efc47a31fe5020 # v7.0.0",
  "actions/setup-python": "5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0",
  "actions/setup-java": "b6effb05e454b25005698d916606bdc6ffcbf961 # v5.7.0",
  "actions/upload-artifact": "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0",
  "actions/download-artifact": "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1",
  "hashicorp/setup-terraform": "dfe3c3f87815947d99a8997f908cb6525fc44e9e # v4.0.1",
  "azure/login": "f5d393ae46f8fde4be8b75f32e3fc50e654ad0ca # v3.0.1",
  "azure/functions-action": "c5060b3b8bb1ebbcb531abd00c822ecbaa8ea656 # v1.5.7",
};

test("the workflows that the platform needs are there", () => {
  expect(files).toEqual(
    expect.arrayContaining(
      ["ci", "plan", "deploy", "drift", "cost-guard", "integration", "release", "lock"].map(
        (name) => `${name}.yml`,
      ),
    ),
  );
});

test("actions are pinned by the full hash of a version that is on the list, and the list has no other", () => {
  const used = files.flatMap((file) =>
    [...textOf(file).matchAll(/^\s*(?:- )?uses: (\S+?)@(.*)$/gm)].map(([, action, version]) => [
      action!,
      version!,
    ]),
  );
  for (const [action, version] of used)
    expect({ action, version }).toEqual({ action, version: pinned[action!] });
  expect(new Set(used.map(([action]) => action))).toEqual(new Set(Object.keys(pinned)));
  for (const version of Object.values(pinned)) expect(version).toMatch(/^[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test("whatever is used is an action of the list or a workflow of this repository", () => {
  for (const uses of [...steps.map(({ step }) => step.uses), ...jobs.map(({ job }) => job.uses)]) {
    if (uses === undefined) continue;
    if (uses.startsWith("./")) expect(existsSync(join(root, uses))).toBe(true);
    else expect(uses).toMatch(/@[0-9a-f]{40}$/);
  }
});

describe.each(files)("%s", (file) => {
  const { on, permissions, concurrency, jobs: named } = workflows.get(file)!;

  test("starts from nothing that runs foreign code with this repository's rights", () => {
    expect(Object.keys(on)).not.toEqual(expect.arrayContaining(["pull_request_target"]));
    expect(Object.keys(on)).not.toEqual(expect.arrayContaining(["workflow_run"]));
  });

  test("gives no rights, or reading alone, to jobs that ask for nothing", () => {
    expect(permissions).toBeDefined();
    expect([{}, { contents: "read" }]).toContainEqual(permissions);
  });

  test("says what happens when it runs twice", () => {
    // The stages of a deployment line up in the workflow that deploys one.
    if (file !== "deploy.yml") expect(concurrency).toBeDefined();
  });

  test("takes no secret", () => {
    expect(textOf(file)).not.toMatch(/\bsecrets\b/);
  });

  test.each(Object.entries(named))("job %s ends in time and writes only what it must", (name, job) => {
    if (job.uses === undefined) expect(job["timeout-minutes"]).toBeLessThanOrEqual(240);
    const rights = job.permissions ?? permissions ?? {};
    expect(typeof rights).toBe("object");
    const writes = Object.entries(rights)
      .filter(([, level]) => level === "write")
      .map(([right]) => right);
    const allowed: Record<string, string[]> = {
      "plan.yml/comment": ["pull-requests"],
      "plan.yml/azure": ["id-token"],
      "deploy.yml/dev": ["id-token"],
      "deploy.yml/test": ["id-token"],
      "deploy.yml/prod": ["id-token"],
      "deploy-stage.yml/deploy": ["id-token"],
      "drift.yml/plan": ["id-token"],
      "cost-guard.yml/stop": ["id-token"],
      "lock.yml/propose": ["contents", "pull-requests"],
      "release.yml/publish": ["contents"],
    };
    expect(writes).toEqual(allowed[`${file}/${name}`] ?? []);
  });
});

test("npm scripts that workflows run exist", () => {
  const named = steps.flatMap(({ step }) =>
    [...(step.run ?? "").matchAll(/npm run (?:-s )?([\w:-]+)(?![\w:-]| --workspace)/g)].map(
      (match) => match[1]!,
    ),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test("files that workflows run exist", () => {
  const named = steps.flatMap(({ step }) => (step.run ?? "").match(/\.(?:github|ci)\/[\w./-]+/g) ?? []);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test("text from outside reaches a shell as a variable, never as code", () => {
  expect(
    steps.filter(({ step }) => step.run?.includes("${{")).map(({ file, index }) => `${file}:${index}`),
  ).toEqual([]);
});

test("a checkout leaves no token behind", () => {
  for (const { step } of steps.filter((entry) => entry.step.uses?.startsWith("actions/checkout@")))
    expect(step.with?.["persist-credentials"]).toBe(false);
});

test("a job that signs in to Azure runs in an environment, or is the plan of a pull request", () => {
  const signing = jobs.filter(({ job }) => job.steps?.some((step) => step.uses?.startsWith("azure/login@")));
  expect(signing.length).toBeGreaterThanOrEqual(4);
  const without = signing.filter(({ job }) => job.environment === undefined);
  expect(without.map(({ file, name }) => `${file}/${name}`)).toEqual(["plan.yml/azure"]);
});

test("the job that comments on a pull request runs nothing from it", () => {
  const { steps: own = [] } = workflows.get("plan.yml")!.jobs["comment"]!;
  expect(own.map((step) => step.uses?.split("@")[0])).toEqual(["actions/download-artifact", undefined]);
  expect(own.map((step) => step.run ?? "").join("")).not.toMatch(/npm|node|npx/);
});

test("a deployment goes stacks, workspace content, data planes, functions, then looks at the jobs", () => {
  const { steps: own = [] } = workflows.get("deploy-stage.yml")!.jobs["deploy"]!;
  const place = (sign: string) =>
    own.findIndex((step) => step.run?.includes(sign) === true || step.uses?.startsWith(sign) === true);
  const order = [
    "npm run check:infra",
    'cdktf deploy "$',
    'cdktf deploy "$STAGE-batch-content"',
    "npm run -s bootstrap",
    "azure/functions-action",
    "--check",
  ].map(place);
  expect(order).not.toContain(-1);
  expect([...order].sort((a, b) => a - b)).toEqual(order);
});

test("a running deployment is never cut off", () => {
  expect(workflows.get("deploy-stage.yml")!.concurrency).toMatchObject({ "cancel-in-progress": false });
});

test("production is in no list of what is stopped at night", () => {
  const { strategy } = workflows.get("cost-guard.yml")!.jobs["stop"] as {
    strategy: { matrix: { stage: string[] } };
  };
  expect(strategy.matrix.stage).toEqual(["dev", "test"]);
});

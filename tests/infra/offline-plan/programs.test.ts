import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { synthesiseRevision } from "../../../infra/offline-plan/base";

// Both programs as they are started, over synthesised stacks of their own; a script stands for terraform.
jest.setTimeout(60_000);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plan-programs-"));
  mkdirSync(join(folder, "bin"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const account = (replication: string) => ({
  resource: {
    azurerm_storage_account: {
      lake: {
        "//": { metadata: { path: "dev-lake/lake/account" } },
        name: "stlake",
        account_replication_type: replication,
      },
    },
  },
});
const hub = (partitions: number) => ({
  resource: {
    azurerm_eventhub: {
      hub: {
        "//": { metadata: { path: "dev-lake/hub" } },
        name: "telemetry",
        namespace_id: "/subscriptions/s/n",
        partition_count: partitions,
      },
    },
  },
});

/** A folder as synthesis writes it, with one stack. */
function synth(name: string, json: object): string {
  const stack = join(folder, name, "stacks", "dev-lake");
  mkdirSync(stack, { recursive: true });
  writeFileSync(join(stack, "cdk.tf.json"), JSON.stringify(json));
  return join(folder, name);
}

function terraform(body: string): void {
  const file = join(folder, "bin", "terraform");
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
}

/** Terraform that plans as told; its calls are kept. */
function planning(plan: object): void {
  writeFileSync(join(folder, "plan.json"), JSON.stringify(plan));
  terraform(`echo "$1" >> "${folder}/calls"
case "$1" in
  validate) echo '{"diagnostics":[]}' ;;
  show) cat "${folder}/plan.json" ;;
  providers) echo '{}' ;;
esac`);
}

function run(program: string, ...args: readonly string[]) {
  const node = resolve(process.execPath, "..");
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", resolve("infra/offline-plan", program), "--stage", "dev", ...args],
    { encoding: "utf8", env: { PATH: `${join(folder, "bin")}:${node}`, HOME: folder } },
  );
  return { code: status, out: stdout, err: stderr };
}

const replaced = {
  planned_values: {
    root_module: {
      resources: [
        {
          ...{ address: "azurerm_storage_account.lake", mode: "managed", type: "azurerm_storage_account" },
          ...{ name: "lake", provider_name: "p", schema_version: 4, values: { name: "stlake" } },
        },
      ],
    },
  },
  resource_changes: [
    {
      ...{ address: "azurerm_storage_account.lake", mode: "managed", type: "azurerm_storage_account" },
      change: {
        actions: ["delete", "create"],
        before: {},
        after: {},
        after_unknown: {},
        replace_paths: [["account_replication_type"]],
      },
    },
  ],
};

describe("plan:offline", () => {
  it("ends with 3 when there is no terraform", () => {
    const { code, err } = run("main.ts", "--synth", synth("head", account("LRS")));
    expect([code, err]).toEqual([3, expect.stringContaining("OFFLINE_PLAN_NO_TERRAFORM")]);
  });

  it("ends with 3 when no provider can be had", () => {
    terraform(
      '[ "$1" = init ] && { echo "Failed to query available provider packages" >&2; exit 1; }; exit 0',
    );
    const { code, err } = run("main.ts", "--synth", synth("head", account("LRS")));
    expect([code, err]).toEqual([3, expect.stringContaining("OFFLINE_PLAN_NO_PROVIDER")]);
    expect(err).toContain("--plugin-dir");
  });

  it("ends with 1 when a provider refuses, and names the construct", () => {
    planning({});
    const failing = readFileSync(join(folder, "bin", "terraform"), "utf8").replace(
      'case "$1" in',
      `if [ "$1" = plan ]; then
  echo '{"type":"diagnostic","diagnostic":{"severity":"error","summary":"too long","address":"azurerm_storage_account.lake"}}'
  exit 1
fi
case "$1" in`,
    );
    writeFileSync(join(folder, "bin", "terraform"), failing);
    const { code, out } = run("main.ts", "--synth", synth("head", account("LRS")));
    expect([code, out]).toEqual([1, expect.stringContaining("error: dev-lake/lake/account")]);
  });

  it("inits, validates and plans, and ends with 0", () => {
    planning({ resource_changes: [] });
    const { code, out } = run("main.ts", "--synth", synth("head", account("LRS")));
    expect([code, out]).toEqual([0, expect.stringContaining("all plans hold")]);
    expect(readFileSync(join(folder, "calls"), "utf8").split("\n").slice(0, 5)).toEqual([
      "version",
      "init",
      "validate",
      "plan",
      "show",
    ]);
  });

  it("fails over a stateful replacement that the provider sees too, unless it is waived by name", () => {
    planning(replaced);
    const args = ["--synth", synth("head", account("ZRS")), "--base-synth", synth("base", account("LRS"))];
    const refused = run("main.ts", ...args);
    expect(refused.code).toBe(1);
    expect(refused.out).toContain("plan-check agrees on stage dev");
    expect(refused.out).toContain("must not go through: dev-lake/lake/account");
    expect(refused.out).toContain("forced by account_replication_type");
    expect(run("main.ts", ...args, "--waive", "dev-lake/lake/account").code).toBe(0);
    expect(run("main.ts", ...args, "--waive", "dev-lake/other").code).toBe(1);
  });

  it("fails when the provider and plan-check disagree", () => {
    planning({ resource_changes: [] });
    const args = ["--synth", synth("head", account("ZRS")), "--base-synth", synth("base", account("LRS"))];
    const { code, out } = run("main.ts", ...args);
    expect([code, out]).toEqual([1, expect.stringContaining("disagree: plan-check replaces")]);
  });

  it("fails over what the provider lets through and the service refuses", () => {
    planning({ resource_changes: [] });
    const { code, out } = run(
      "main.ts",
      ...["--synth", synth("head", hub(8)), "--base-synth", synth("base", hub(4))],
    );
    expect([code, out]).toEqual([1, expect.stringContaining("dev-lake/hub: refused by the service")]);
  });
});

describe("plan-check", () => {
  const check = (head: object, base: object, ...args: readonly string[]) =>
    run("check/main.ts", "--synth", synth("head", head), "--base-synth", synth("base", base), ...args);

  it("reports a replacement with its reason, and fails", () => {
    const { code, out, err } = check(account("ZRS"), account("LRS"));
    expect(code).toBe(1);
    expect(out).toMatch(
      /replace +dev-lake\/lake\/account +stateful +account_replication_type: replication cannot/,
    );
    expect(err).toContain("PLAN_CHECK_BLOCKED");
  });

  it("reports a partition count as refused by the service, and fails", () => {
    const { code, out } = check(hub(8), hub(4));
    expect([code, out]).toEqual([1, expect.stringMatching(/refused by the service +dev-lake\/hub/)]);
  });

  it("passes a waiver by name, and refuses one that nothing needs", () => {
    expect(check(account("ZRS"), account("LRS"), "--waive", "dev-lake/lake/account").code).toBe(0);
    const unused = check(account("LRS"), account("LRS"), "--waive", "dev-lake/lake/account");
    expect([unused.code, unused.err]).toEqual([1, expect.stringContaining("PLAN_CHECK_WAIVER_UNUSED")]);
  });

  it("writes the comment for the pull request", () => {
    const file = join(folder, "comment.md");
    check(account("ZRS"), account("LRS"), "--markdown", file);
    expect(readFileSync(file, "utf8")).toContain("| **replace** | `dev-lake/lake/account` |");
  });

  it("says what it wants when no revision is named", () => {
    expect(run("check/main.ts").code).toBe(2);
  });
});

describe("synthesiseRevision", () => {
  const program = (replication: string) => `import { mkdirSync, writeFileSync } from "node:fs";
const stage = process.env["STAGE"] ?? "";
if (stage !== "dev") { process.stderr.write("INFRA_STAGE_UNKNOWN"); process.exit(2); }
mkdirSync("cdktf.out/stacks/dev-lake", { recursive: true });
writeFileSync("cdktf.out/stacks/dev-lake/cdk.tf.json", '${JSON.stringify(account(replication))}');
`;
  let repository: string;
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-c", "user.name=n", "-c", "user.email=e@example.com", ...args], {
      cwd: repository,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  const commit = (replication: string) => {
    writeFileSync(join(repository, "infra/main.ts"), program(replication));
    git("add", "-A");
    git("commit", "-q", "-m", replication);
  };

  beforeEach(() => {
    repository = join(folder, "repository");
    mkdirSync(join(repository, "infra"), { recursive: true });
    writeFileSync(join(repository, ".gitignore"), "node_modules\ndist\ncdktf.out\n");
    writeFileSync(
      join(repository, "tsconfig.build.json"),
      JSON.stringify({
        compilerOptions: {
          outDir: "dist",
          rootDir: ".",
          module: "commonjs",
          target: "es2022",
          types: ["node"],
        },
        include: ["infra"],
      }),
    );
    symlinkSync(resolve("node_modules"), join(repository, "node_modules"), "dir");
    execFileSync("git", ["init", "-q", repository]);
    commit("LRS");
    commit("ZRS");
  });

  const replicationOf = (revision: string) => {
    const [stage] = synthesiseRevision(revision, ["dev", "test"], repository);
    return stage?.resources[0]?.args["account_replication_type"];
  };

  it("synthesises another revision in a tree of its own, and leaves nothing behind", () => {
    writeFileSync(join(repository, "infra/main.ts"), "not committed");
    expect(replicationOf("HEAD~1")).toBe("LRS");
    expect(replicationOf("HEAD")).toBe("ZRS");
    expect(git("worktree", "list").trim().split("\n")).toHaveLength(1);
    expect(readFileSync(join(repository, "infra/main.ts"), "utf8")).toBe("not committed");
  });

  it("leaves out stages that the revision does not know", () => {
    expect(synthesiseRevision("HEAD", ["test"], repository)).toEqual([]);
  });

  it("names a revision that is not there, and one that does not synthesise", () => {
    expect(() => synthesiseRevision("nowhere", ["dev"], repository)).toThrow(
      '"nowhere" cannot be checked out',
    );
    writeFileSync(join(repository, "infra/main.ts"), 'throw new Error("no hub");\n');
    git("commit", "-qam", "broken");
    expect(() => synthesiseRevision("HEAD", ["dev"], repository)).toThrow(
      /cannot be synthesised[\s\S]*no hub/,
    );
  });
});

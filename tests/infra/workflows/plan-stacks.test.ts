import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The script as the workflows run it, in a folder with programs that stand for npm and terraform.
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "plan-stacks-"));
  for (const stack of ["dev-bootstrap", "dev-network", "dev-lake"])
    mkdirSync(join(folder, "cdktf.out/stacks", stack), { recursive: true });
  mkdirSync(join(folder, ".github/scripts"), { recursive: true });
  mkdirSync(join(folder, "infra"));
  mkdirSync(join(folder, "bin"));
  cpSync(
    join(__dirname, "../../../.github/scripts/plan-stacks.sh"),
    join(folder, ".github/scripts/plan-stacks.sh"),
  );
  program("npm", "printf 'dev-bootstrap\\ndev-network\\ndev-lake\\n'");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, body: string): void {
  const file = join(folder, "bin", name);
  writeFileSync(file, `#!/usr/bin/env bash\n${body}\n`);
  chmodSync(file, 0o755);
}

/** Terraform whose plan of a stack ends with the given code; it keeps what it was called with. */
function terraform(codes: Readonly<Record<string, number>>, initCode = 0): void {
  const cases = Object.entries(codes).map(([stack, code]) => `*/${stack}) exit ${code} ;;`);
  program(
    "terraform",
    [
      `echo "$@" >> "${folder}/calls"`,
      `[ "$2" = init ] && exit ${initCode}`,
      'case "$1" in',
      ...cases,
      "esac",
      "exit 0",
    ].join("\n"),
  );
}

function run(mode: string): { code: number | null; out: string } {
  const { status, stdout } = spawnSync(
    "bash",
    [join(folder, ".github/scripts/plan-stacks.sh"), "dev", mode],
    {
      env: { PATH: `${join(folder, "bin")}:${process.env["PATH"]}` },
      encoding: "utf8",
    },
  );
  return { code: status, out: stdout };
}
const calls = () => readFileSync(join(folder, "calls"), "utf8");

test("no difference is success, and the stack of the state itself is left out", () => {
  terraform({});
  expect(run("drift")).toMatchObject({ code: 0, out: expect.stringContaining("stacks with changes: none") });
  expect(calls()).not.toContain("dev-bootstrap");
  expect(calls()).toMatch(/dev-network plan .*-lock=false -detailed-exitcode/);
});

test("a difference is drift, and no failure of a plan", () => {
  terraform({ "dev-lake": 2 });
  expect(run("drift")).toMatchObject({
    code: 2,
    out: expect.stringContaining("stacks with changes: dev-lake"),
  });
  expect(run("plan").code).toBe(0);
});

test("a plan that fails is an error in both, and the other stacks are planned all the same", () => {
  terraform({ "dev-network": 1, "dev-lake": 2 });
  expect(run("drift").code).toBe(1);
  expect(run("plan").code).toBe(1);
  expect(calls()).toContain("dev-lake plan");
});

test("an init that fails is an error, not an absence of drift", () => {
  terraform({}, 1);
  expect(run("drift").code).toBe(1);
});

test("the lock of the repository goes to every stack", () => {
  terraform({});
  writeFileSync(join(folder, "infra/.terraform.lock.hcl"), "# locked\n");
  run("plan");
  expect(readFileSync(join(folder, "cdktf.out/stacks/dev-lake/.terraform.lock.hcl"), "utf8")).toBe(
    "# locked\n",
  );
});

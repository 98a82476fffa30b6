import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { readSetupRecord, repositoryFolder } from "../../local/batch";

jest.setTimeout(400_000);

describe("the batch layer's Python tests", () => {
  it("pass on real Spark and Delta Lake", () => {
    const root = repositoryFolder();
    const { python, javaHome, jars } = readSetupRecord(root);
    const folder = join(root, "tests", "notebooks", "python");
    const { status, stdout, stderr } = spawnSync(
      python,
      ["-m", "pytest", "-q", "-x", "--no-header", "-p", "no:cacheprovider", folder],
      {
        cwd: root,
        encoding: "utf8",
        env: {
          ...process.env,
          JAVA_HOME: javaHome,
          PYTHONPATH: join(root, "notebooks"),
          PYTHONDONTWRITEBYTECODE: "1",
          BATCH_JARS: jars.join(","),
          TZ: "UTC",
        },
      },
    );
    if (status !== 0) throw new Error(`${stdout}\n${stderr}`.slice(-20_000));
    expect(stdout).toMatch(/^\d+ passed/m);
  });
});

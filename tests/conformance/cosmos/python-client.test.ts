import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { openTarget, type Target } from "./target";

const root = join(__dirname, "../../..");
const candidates = [process.env["COSMOS_PYTHON"], join(root, ".setup/venv/bin/python"), "python3"];
const python = candidates.find(
  (name) =>
    name !== undefined && spawnSync(name, ["-c", "import azure.cosmos"], { stdio: "ignore" }).status === 0,
);
const describeWithPython = python === undefined ? describe.skip : describe;
if (python === undefined) {
  process.stderr.write("skipped: no Python with azure-cosmos was found; `npm run setup` installs one\n");
}

describeWithPython("Cosmos DB with the Python client", () => {
  let target: Target;

  beforeAll(async () => {
    target = await openTarget();
  });
  afterAll(() => target.close());

  it("serves items, queries, batches, feeds and hierarchical keys", async () => {
    const script = join(__dirname, "python_client.py");
    const { stdout } = await promisify(execFile)(python as string, [script, target.endpoint, target.key]);
    expect(JSON.parse(stdout)).toEqual({
      conflict: 409,
      missing: 404,
      stale: 412,
      patched: 6,
      query: ["1", "2", "3"],
      partition: ["1", "3"],
      count: [3],
      groups: [
        { pk: "a", n: 2 },
        { pk: "b", n: 1 },
      ],
      crossPartition: 400,
      pages: [2, 1],
      batch: [201, 200, 204],
      failedBatch: 409,
      feed: ["2", "3", "1"],
      feedAfter: ["4"],
      prefix: ["1", "2"],
      left: ["2", "4"],
    });
  });
});

import { DuckDBInstance } from "@duckdb/node-api";
import { workloads } from "./queries";
import type { RunResult } from "./run-engine";

interface Task {
  readonly workload: string;
  readonly telemetry: string;
  readonly commands: string;
  readonly reference: string;
  readonly threads: number;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

async function run(task: Task): Promise<RunResult> {
  const workload = workloads.find(({ name }) => name === task.workload)!;
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(`SET threads = ${task.threads}`);
  const source = (path: string, columns: string): string =>
    `SELECT * FROM read_json(${quoted(path)}, format = 'newline_delimited', columns = ${columns})`;
  await connection.run(
    `CREATE VIEW t AS ${source(task.telemetry, "{deviceId: 'VARCHAR', eventTime: 'TIMESTAMP', temperature: 'DOUBLE'}")}`,
  );
  await connection.run(
    `CREATE VIEW c AS ${source(task.commands, "{deviceId: 'VARCHAR', eventTime: 'TIMESTAMP', command: 'VARCHAR', value: 'BIGINT'}")}`,
  );
  await connection.run(
    `CREATE VIEW r AS ${source(task.reference, "{deviceId: 'VARCHAR', region: 'VARCHAR', owner: 'VARCHAR'}")}`,
  );
  const started = performance.now();
  const cpu = process.cpuUsage();
  const result = await connection.run(`COPY (${workload.sql}) TO '/dev/null' (FORMAT json)`);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds,
    cpuSeconds: (user + system) / 1e6,
    rows: Number(result.rowsChanged),
    residentMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

if (require.main === module) {
  run(JSON.parse(process.argv[2] as string) as Task).then((result) =>
    process.stdout.write(JSON.stringify(result)),
  );
}

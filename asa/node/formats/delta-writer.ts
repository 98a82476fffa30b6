import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AsaToolError } from "../errors";
import { ByteFile, writing } from "./byte-file";
import type { ColumnShape } from "./column-shape";
import { writeParquet } from "./parquet-writer";
import type { Table } from "./table";

/**
 * Writes rows as a new Delta table: one Parquet file and the first commit of its `_delta_log`. The commit is written
 * last, so that a reader sees the whole table or none. `now` is in milliseconds since 1970.
 *
 * @throws {AsaToolError} ASA_FILE_EXISTS when the folder holds a Delta table already
 */
export async function writeDelta(folder: string, table: Table, now: number): Promise<void> {
  const log = join(folder, "_delta_log");
  if (existsSync(log))
    throw new AsaToolError("ASA_FILE_EXISTS", `folder "${folder}" holds a Delta table already`, {
      place: { file: folder },
      hint: "Choose another output folder; a run never changes an earlier run's tables.",
    });
  writing(log, () => mkdirSync(log, { recursive: true }));
  const file = `part-00000-${randomUUID()}-c000.snappy.parquet`;
  const rows = new ByteFile(join(folder, file), false);
  try {
    await writeParquet(table, rows);
    rows.close();
  } catch (error) {
    rows.abort();
    throw error;
  }
  const actions = [
    {
      commitInfo: {
        timestamp: now,
        operation: "WRITE",
        operationParameters: { mode: "ErrorIfExists" },
        engineInfo: "asa",
      },
    },
    { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
    {
      metaData: {
        id: randomUUID(),
        format: { provider: "parquet", options: {} },
        schemaString: JSON.stringify(deltaSchema(table)),
        partitionColumns: [],
        configuration: {},
        createdTime: now,
      },
    },
    {
      add: {
        path: file,
        partitionValues: {},
        size: statSync(rows.path).size,
        modificationTime: now,
        dataChange: true,
        stats: JSON.stringify({ numRecords: table.rowCount }),
      },
    },
  ];
  const commit = actions.map((action) => JSON.stringify(action)).join("\n");
  writing(log, () => writeFileSync(join(log, `${"0".repeat(20)}.json`), `${commit}\n`, { flag: "wx" }));
}

function deltaSchema(table: Table): object {
  return {
    type: "struct",
    fields: table.columns.map(({ name, shape }) => ({
      name,
      type: deltaType(shape),
      nullable: true,
      metadata: {},
    })),
  };
}

function deltaType(shape: ColumnShape): string {
  switch (shape.kind) {
    case "bigint":
      return "long";
    case "float":
      return "double";
    case "bit":
      return "boolean";
    case "datetime":
      return "timestamp";
    default:
      return "string";
  }
}

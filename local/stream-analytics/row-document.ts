import { type OutputRow, writeJsonObject } from "../../asa";
import type { StreamJob } from "../../contracts";
import type { ViewDocument } from "./view-output";

/**
 * Turns a row into the document that the job's Cosmos output writes: the columns as they are, and `asOf`, the platform
 * time of the computation. @throws Error when the row lacks the columns that the output takes id and partition key from.
 */
export function rowDocument(
  row: OutputRow,
  output: StreamJob["outputs"][number],
  asOf: string,
): ViewDocument {
  const body = { ...(JSON.parse(writeJsonObject(row.columns, row.values)) as Record<string, unknown>), asOf };
  const columns = body as Record<string, unknown>;
  const id = columns[output.documentId ?? "id"];
  const partitionKey = columns[output.partitionKey ?? "partitionKey"];
  if (typeof id !== "string" || typeof partitionKey !== "string") {
    throw new Error(
      `a row for "${row.output}" has no text in "${output.documentId}" or "${output.partitionKey}"`,
    );
  }
  return { id, partitionKey, body };
}

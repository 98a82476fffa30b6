import { readSerialization, type Serialization } from "../formats/serialization";
import { readSettings } from "../settings";

/** An output of a project, from its file below Outputs/. */
export interface OutputDefinition {
  readonly alias: string;
  /** Kind of the sink as written, e.g. "Cosmos DB". */
  readonly sink: string | undefined;
  readonly serialization: Serialization;
  /** Cosmos DB: the column that becomes `id`; rows with one id replace each other. */
  readonly documentId: string | undefined;
  readonly partitionKey: string | undefined;
  readonly container: string | undefined;
  readonly file: string;
}

/**
 * Reads an output definition; undefined for an empty file.
 *
 * @throws {AsaToolError} ASA_OUTPUT_INVALID, ASA_FORMAT_NOT_SUPPORTED, ASA_JSON_INVALID, ASA_FILE_NOT_FOUND
 */
export function readOutput(file: string): OutputDefinition | undefined {
  const settings = readSettings(file, "ASA_OUTPUT_INVALID");
  if (settings === undefined) return undefined;
  const documents =
    settings.section("DocumentDbProperties") ??
    settings.section("CosmosDbProperties") ??
    settings.section("CosmosDBProperties");
  return {
    alias: settings.requiredText("the output", "Name", "OutputAlias"),
    sink: settings.text("DataSourceType"),
    serialization: readSerialization(settings, undefined),
    documentId: documents?.text("DocumentId"),
    partitionKey: documents?.text("PartitionKey"),
    container: documents?.text("CollectionNamePattern", "ContainerName", "ContainerNamePattern"),
    file,
  };
}

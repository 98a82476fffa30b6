import { dirname } from "node:path";
import { readSerialization, type Serialization } from "../formats/serialization";
import { readSettings, type Settings } from "../settings";
import { isWindowsAbsolute, resolveProjectPath } from "./paths";

/** Where the events of an input come from in a local run. */
export type LocalData =
  | { readonly kind: "file"; readonly file: string }
  /** Data that stands inside the definition itself. */
  | { readonly kind: "inline"; readonly text: string };

/** An input of a project: a live source of the service, a local stand-in for it, or an input of a test case. */
export interface InputDefinition {
  readonly alias: string;
  readonly kind: "stream" | "reference";
  readonly role: "live" | "mock";
  readonly serialization: Serialization;
  /** Undefined for live inputs, which have no data on this machine. */
  readonly data: LocalData | undefined;
  /** Kind of the live source as written, e.g. "Event Hub". */
  readonly source: string | undefined;
  readonly eventHub: string | undefined;
  readonly consumerGroup: string | undefined;
  /** Columns of the event's JSON Schema, which the definition names as `Contract` (an addition of this tool). */
  readonly contractColumns: readonly string[] | undefined;
  /** The file that defines the input. */
  readonly file: string;
}

/**
 * Reads an input definition of either generation; undefined for an empty file.
 *
 * @throws {AsaToolError} ASA_INPUT_INVALID, ASA_FORMAT_NOT_SUPPORTED, ASA_JSON_INVALID, ASA_FILE_NOT_FOUND
 */
export function readInput(file: string): InputDefinition | undefined {
  const settings = readSettings(file, "ASA_INPUT_INVALID");
  return settings === undefined ? undefined : inputOf(settings, dirname(file));
}

/** Builds the definition from settings; data files are relative to `folder`. */
export function inputOf(settings: Settings, folder: string): InputDefinition {
  const alias = settings.requiredText("the input", "Name", "InputAlias");
  const path = settings.text("FilePath");
  const source = settings.text("DataSourceType");
  const mock =
    settings.text("ScriptType")?.toLowerCase() === "inputmock" ||
    source?.toLowerCase().startsWith("local") === true ||
    (path !== undefined && source === undefined);
  const hub = settings.section("EventHubProperties") ?? settings.section("IoTHubProperties");
  return {
    alias,
    kind: inputKind(settings),
    role: mock ? "mock" : "live",
    serialization: readSerialization(settings, path),
    data: mock ? localData(settings, folder, path) : undefined,
    source,
    eventHub: hub?.text("EventHubName", "IotHubNamespace"),
    consumerGroup: hub?.text("ConsumerGroupName"),
    contractColumns: contractColumns(settings, folder),
    file: settings.file,
  };
}

/** Columns that live inputs have beside those of the event. */
const brokerColumns = ["EventProcessedUtcTime", "PartitionId", "EventEnqueuedUtcTime", "IoTHub"];

function contractColumns(settings: Settings, folder: string): readonly string[] | undefined {
  const path = settings.text("Contract");
  if (path === undefined) return undefined;
  const schema = readSettings(resolveProjectPath(folder, path), "ASA_INPUT_INVALID");
  const properties = schema?.get("properties");
  if (typeof properties !== "object" || properties === null)
    throw settings.error(`contract "${path}" has no "properties"`, "Name a JSON Schema of the event.");
  return [...Object.keys(properties), ...brokerColumns];
}

function inputKind(settings: Settings): "stream" | "reference" {
  const type = (settings.text("Type", "SourceType") ?? "Data Stream").toLowerCase().replaceAll(/[\s_-]/g, "");
  if (type === "datastream" || type === "stream") return "stream";
  if (type === "referencedata" || type === "reference") return "reference";
  throw settings.error(
    `input type "${settings.text("Type", "SourceType")}" does not exist`,
    'Use "Data Stream" or "Reference data".',
  );
}

/** An absolute Windows path names another machine; the sample that such a definition carries stands in for it. */
function localData(settings: Settings, folder: string, path: string | undefined): LocalData | undefined {
  const sample = settings.get("Sample");
  const inline = typeof sample === "string" && sample.trim() !== "" ? sample : undefined;
  if (path !== undefined && !isWindowsAbsolute(path))
    return { kind: "file", file: resolveProjectPath(folder, path) };
  if (inline !== undefined) return { kind: "inline", text: inline };
  if (path === undefined) return undefined;
  const name = path.replaceAll("\\", "/").split("/").at(-1) as string;
  return { kind: "file", file: resolveProjectPath(folder, name) };
}

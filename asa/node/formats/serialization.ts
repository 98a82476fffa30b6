import { AsaToolError } from "../errors";
import type { Settings } from "../settings";

/** `foreign`: a format that code of .NET or a schema reads in the service; its data is not readable here. */
export type DataFormat = "json" | "csv" | "avro" | "parquet" | "delta" | "foreign";
export type Compression = "none" | "gzip" | "deflate";

/** How events of an input or rows of an output are written. */
export interface Serialization {
  readonly format: DataFormat;
  /** One character; CSV only. */
  readonly delimiter: string;
  /** JSON outputs only. */
  readonly layout: "lines" | "array";
  readonly compression: Compression;
}

/** JSON with one event in a line, uncompressed. */
export const jsonLines: Serialization = {
  format: "json",
  delimiter: ",",
  layout: "lines",
  compression: "none",
};

const formats: Readonly<Record<string, DataFormat>> = {
  json: "json",
  csv: "csv",
  avro: "avro",
  parquet: "parquet",
  delta: "delta",
  "delta lake": "delta",
  deltalake: "delta",
};

/** Formats that the service has and a project may name, so that its query can be checked all the same. */
const foreignFormats: ReadonlySet<string> = new Set(["custom", "customclr", "protobuf"]);

/** The error of data in a format that is not readable here. */
export const foreignFormat = (file: string): AsaToolError =>
  new AsaToolError("ASA_FORMAT_NOT_SUPPORTED", "the data has a custom deserializer or is Protobuf", {
    place: { file },
    hint: "These run in the service only. For local data, write what the deserializer gives as JSON, and name that file and format.",
  });

const delimiters: Readonly<Record<string, string>> = {
  ",": ",",
  comma: ",",
  ";": ";",
  semicolon: ";",
  "\t": "\t",
  "\\t": "\t",
  tab: "\t",
  " ": " ",
  space: " ",
  "|": "|",
  "vertical bar": "|",
  verticalbar: "|",
  pipe: "|",
};

/** Returns the format of that name, ignoring letter case. @throws {AsaToolError} ASA_FORMAT_NOT_SUPPORTED */
export function formatNamed(name: string, file: string): DataFormat {
  const format = formats[name.trim().toLowerCase()];
  if (format !== undefined) return format;
  throw new AsaToolError("ASA_FORMAT_NOT_SUPPORTED", `format "${name}" is not supported`, {
    place: { file },
    hint: "Formats are Json, Csv, Avro, Parquet and, for outputs, Delta. Custom deserializers are .NET code and run in the service only.",
  });
}

/** Returns the format that a data file's name suggests; undefined when it suggests none. */
export function formatOfFile(file: string): DataFormat | undefined {
  const name = file.toLowerCase().replace(/\.(gz|gzip|deflate|zz)$/, "");
  if (/\.(json|jsonl|ndjson)$/.test(name)) return "json";
  if (/\.(csv|tsv)$/.test(name)) return "csv";
  if (name.endsWith(".avro")) return "avro";
  return name.endsWith(".parquet") ? "parquet" : undefined;
}

/** Returns the delimiter that a definition means: the character itself or its English name. */
export function delimiterNamed(name: string, file: string): string {
  const delimiter = delimiters[name] ?? delimiters[name.toLowerCase()];
  if (delimiter !== undefined) return delimiter;
  throw new AsaToolError(
    "ASA_FORMAT_NOT_SUPPORTED",
    `field delimiter ${JSON.stringify(name)} is not supported`,
    {
      place: { file },
      hint: "Delimiters are comma, semicolon, tab, space and vertical bar.",
    },
  );
}

export function compressionNamed(name: string | undefined, file: string): Compression {
  switch (name?.toLowerCase()) {
    case undefined:
    case "none":
      return "none";
    case "gzip":
      return "gzip";
    case "deflate":
      return "deflate";
    default:
      throw new AsaToolError("ASA_FORMAT_NOT_SUPPORTED", `compression "${name}" is not supported`, {
        place: { file },
        hint: "Compression types are None, GZip and Deflate.",
      });
  }
}

/** Reads the serialization of an input, output or test input, new form (`Serialization`) or old (`Format`). */
export function readSerialization(settings: Settings, dataFile: string | undefined): Serialization {
  const section = settings.section("Serialization");
  const name = section?.text("Type") ?? settings.text("Format", "SerializationType");
  const format =
    name === undefined
      ? (formatOfFile(dataFile ?? "") ?? "json")
      : foreignFormats.has(name.toLowerCase())
        ? "foreign"
        : formatNamed(name, settings.file);
  // Blank text reads as absent elsewhere, yet a blank and a tab are delimiters.
  const delimiter =
    section?.get("FieldDelimiter") ?? settings.get("FieldDelimiter") ?? settings.get("Delimiter");
  const encoding = section?.text("Encoding") ?? settings.text("Encoding");
  if (encoding !== undefined && !/^utf-?8$/i.test(encoding))
    throw new AsaToolError("ASA_FORMAT_NOT_SUPPORTED", `encoding "${encoding}" is not supported`, {
      place: { file: settings.file },
      hint: "UTF8 is the only encoding of the service.",
    });
  return {
    format,
    delimiter:
      typeof delimiter === "string" && delimiter !== "" && format === "csv"
        ? delimiterNamed(delimiter, settings.file)
        : /\.tsv(\.|$)/i.test(dataFile ?? "")
          ? "\t"
          : ",",
    layout: section?.text("Format")?.toLowerCase() === "array" ? "array" : "lines",
    compression: compressionNamed(settings.text("CompressionType", "CompresssionType"), settings.file),
  };
}

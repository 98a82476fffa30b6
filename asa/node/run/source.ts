import { statSync } from "node:fs";
import type { RuntimeDiagnostic } from "../../api";
import { AsaToolError } from "../errors";
import { allEvents, type FileEvent, type FilePiece, filePieces, inMemory, onDisk } from "../formats";
import type { InputDefinition } from "../project";
import { fileError } from "../settings";

/** The local data of an input, which can be read piece by piece and more than once. */
export interface InputSource {
  readonly definition: InputDefinition;
  /** Data file or definition file, for messages. */
  readonly file: string;
  /** Bytes on disk; 0 for data that stands in a definition, null for a pipe, which can be read once only. */
  readonly bytes: number | null;
  /** JSON with one object in a line comes as lines. `onRead` hears how many bytes were read. */
  pieces(onRead?: (bytes: number) => void): AsyncIterable<FilePiece>;
}

/** What a local run knows of an input's data file. */
export interface LoadedInput extends InputSource {
  readonly events: readonly FileEvent[];
  /** Parts of the file that are no events; a job never sees them. */
  readonly diagnostics: readonly RuntimeDiagnostic[];
}

/**
 * Finds an input's local data.
 *
 * @throws {AsaToolError} ASA_INPUT_WITHOUT_DATA for a live input, ASA_FILE_NOT_FOUND
 */
export function openInput(definition: InputDefinition): InputSource {
  const { data, alias, serialization } = definition;
  if (data === undefined)
    throw new AsaToolError("ASA_INPUT_WITHOUT_DATA", `input "${alias}" has no local data`, {
      place: { file: definition.file },
      detail: `It is defined as ${definition.source ?? "a live source"}, which exists in the service only.`,
      hint: `Add a local input (ScriptType "InputMock") with the alias "${alias}", or pass --input ${alias}=FILE.`,
    });
  if (data.kind !== "file") {
    const { file } = definition;
    const bytes = new TextEncoder().encode(data.text);
    return {
      definition,
      file,
      bytes: 0,
      pieces: () => filePieces(inMemory(bytes), serialization, file, true),
    };
  }
  const { file } = data;
  return {
    definition,
    file,
    bytes: sizeOf(file),
    pieces: (onRead) => filePieces(onDisk(file, onRead), serialization, file, true),
  };
}

function sizeOf(file: string): number | null {
  try {
    const stat = statSync(file);
    if (stat.isDirectory())
      throw new AsaToolError("ASA_FILE_UNREADABLE", `"${file}" is a folder`, {
        place: { file },
        hint: "Name a data file.",
      });
    return stat.isFile() ? stat.size : null;
  } catch (cause) {
    throw cause instanceof AsaToolError ? cause : fileError(file, cause);
  }
}

/**
 * Loads all of an input's local data.
 *
 * @throws {AsaToolError} ASA_INPUT_WITHOUT_DATA for a live input, ASA_FILE_NOT_FOUND, ASA_FORMAT_INVALID
 */
export async function loadInput(definition: InputDefinition): Promise<LoadedInput> {
  const { file } = openInput(definition);
  const { data, serialization } = definition;
  const bytes = data?.kind === "file" ? onDisk(file) : inMemory(new TextEncoder().encode(data?.text));
  const loaded = await allEvents(filePieces(bytes, serialization, file, false));
  return {
    definition,
    file,
    bytes: 0,
    events: loaded.events,
    diagnostics: unreadableParts(definition, file, loaded.unreadable),
    async *pieces() {
      yield { events: loaded.events, unreadable: [] };
    },
  };
}

/** Names the parts of a data file that are no events. */
export const unreadableParts = (
  { alias }: InputDefinition,
  file: string,
  parts: readonly { readonly line: number; readonly message: string }[],
): RuntimeDiagnostic[] =>
  parts.map(({ line, message }) => ({
    kind: "InputDeserializerError.InvalidData",
    action: "dropped",
    input: alias,
    message: `${file}:${line}: ${message}`,
  }));

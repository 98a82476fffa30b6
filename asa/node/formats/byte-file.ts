import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { AsaToolError } from "../errors";

const bufferBytes = 1 << 18;

/**
 * A file that is written from front to end. It has its name only once it is whole: until `close` it is called `<path>.part`.
 * Writing waits for the disk, so that nothing piles up in memory.
 *
 * @throws {AsaToolError} ASA_FILE_EXISTS, ASA_OUTPUT_NOT_WRITTEN
 */
export class ByteFile {
  readonly path: string;
  private readonly part: string;
  private readonly file: number;
  private readonly buffer = Buffer.allocUnsafe(bufferBytes);
  private used = 0;

  constructor(path: string, replace: boolean) {
    if (!replace && existsSync(path)) throw fileExists(path);
    this.path = path;
    this.part = `${path}.part`;
    this.file = writing(path, () => {
      mkdirSync(dirname(path), { recursive: true });
      return openSync(this.part, "w");
    });
  }

  write(bytes: Uint8Array): void {
    if (this.used + bytes.length > bufferBytes) this.flush();
    if (bytes.length > bufferBytes) this.put(bytes);
    else {
      this.buffer.set(bytes, this.used);
      this.used += bytes.length;
    }
  }

  text(text: string): void {
    this.write(Buffer.from(text));
  }

  private flush(): void {
    const { used } = this;
    this.used = 0;
    this.put(this.buffer.subarray(0, used));
  }

  private put(bytes: Uint8Array): void {
    writing(this.path, () => {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.file, bytes, at);
    });
  }

  close(): void {
    this.flush();
    writing(this.path, () => {
      closeSync(this.file);
      renameSync(this.part, this.path);
    });
  }

  /** Gives the file up, with what was written of it. */
  abort(): void {
    closeSync(this.file);
    rmSync(this.part, { force: true });
  }
}

export const fileExists = (path: string): AsaToolError =>
  new AsaToolError("ASA_FILE_EXISTS", `"${path}" exists already`, {
    place: { file: path },
    hint: "Choose another output folder, or pass --overwrite.",
  });

/** Does something to an output file, and says what went wrong. */
export function writing<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const full = code === "ENOSPC" || code === "EDQUOT";
    throw new AsaToolError(
      "ASA_OUTPUT_NOT_WRITTEN",
      full ? `no room is left on the disk for "${path}"` : `"${path}" cannot be written: ${message}`,
      {
        place: { file: path },
        hint: full
          ? "Make room, or name another folder with --output; nothing of this output was kept."
          : "Check the folder of the output and its permissions.",
        cause,
      },
    );
  }
}

import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { LocalError } from "../process/errors";

/** Who runs over a data folder, and where to reach him. */
export interface PlatformLock {
  readonly pid: number;
  readonly startedIso: string;
  /** Port of the page and its API on 127.0.0.1; absent while starting. */
  readonly dashboardPort?: number;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A platform's folder on disk: one sub-folder a room, a lock, and the ports and keys that outlive a restart. */
export class DataFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** Returns the room's own folder, made when missing. */
  room(name: string): string {
    const path = join(this.path, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  get lockPath(): string {
    return join(this.path, "platform.lock");
  }

  /** Returns the live holder of the lock, if any; the lock of a dead process does not count. */
  holder(): PlatformLock | undefined {
    if (!existsSync(this.lockPath)) return undefined;
    try {
      const lock = JSON.parse(readFileSync(this.lockPath, "utf8")) as PlatformLock;
      return alive(lock.pid) ? lock : undefined;
    } catch {
      return undefined;
    }
  }

  /** Takes the folder for this process. @throws {LocalError} LOCAL_DATA_LOCKED when another live process holds it. */
  lock(): void {
    mkdirSync(this.path, { recursive: true });
    const holder = this.holder();
    if (holder !== undefined && holder.pid !== process.pid) {
      throw new LocalError(
        "LOCAL_DATA_LOCKED",
        `process ${holder.pid} runs over ${this.path} since ${holder.startedIso}`,
        {
          hint: "stop it, or name another folder with --data",
        },
      );
    }
    rmSync(this.lockPath, { force: true });
    const file = openSync(this.lockPath, "wx", 0o600);
    writeSync(
      file,
      JSON.stringify({ pid: process.pid, startedIso: new Date().toISOString() } satisfies PlatformLock),
    );
    closeSync(file);
  }

  announce(dashboardPort: number): void {
    this.#replace("platform.lock", {
      pid: process.pid,
      startedIso: new Date().toISOString(),
      dashboardPort,
    } satisfies PlatformLock);
  }

  unlock(): void {
    rmSync(this.lockPath, { force: true });
  }

  readJson<T>(name: string): T | undefined {
    const path = join(this.path, name);
    return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as T) : undefined;
  }

  writeJson(name: string, value: unknown): void {
    this.#replace(name, value);
  }

  /** Returns the folder's secret of that name, made at first use. */
  secret(name: string): string {
    const secrets = this.readJson<Record<string, string>>("secrets.json") ?? {};
    const known = secrets[name];
    if (known !== undefined) return known;
    const made = randomBytes(32).toString("base64");
    this.#replace("secrets.json", { ...secrets, [name]: made });
    return made;
  }

  /** Sum of the sizes of all files below the folder; files that vanish meanwhile do not count. */
  async sizeBytes(folder = this.path): Promise<number> {
    let bytes = 0;
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) bytes += await this.sizeBytes(path);
      else
        bytes += await stat(path).then(
          ({ size }) => size,
          () => 0,
        );
    }
    return bytes;
  }

  #replace(name: string, value: unknown): void {
    const path = join(this.path, name);
    writeFileSync(`${path}.new`, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
}

import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { LocalError } from "../process/errors";

/** Who runs over a data folder, and where to reach him. */
export interface PlatformLock {
  readonly pid: number;
  /** When the system started the process, in its own ticks; null where it does not tell. */
  readonly processStart: string | null;
  readonly startedIso: string;
  /** Port of the page and its API on 127.0.0.1; absent while starting. */
  readonly dashboardPort?: number;
}

/** Process ids are used again, after a restart of a container at once; the start tells two processes apart. */
function startOf(pid: number): string | null {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the command in brackets and may hold anything.
    return status.slice(status.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

function alive({ pid, processStart }: PlatformLock): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return processStart == null || startOf(pid) === processStart;
}

/**
 * Does what prepares a folder that an option names.
 * @throws {LocalError} LOCAL_DISK_FULL, or LOCAL_USAGE when the folder cannot be made or written to
 */
export function usable(option: string, path: string, prepare: () => void): void {
  try {
    prepare();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOSPC" || code === "EDQUOT") {
      throw new LocalError("LOCAL_DISK_FULL", `there is no room left at ${path}`, {
        hint: `make room, or name a folder on another disk with ${option}`,
        cause,
      });
    }
    throw new LocalError("LOCAL_USAGE", `${path} cannot be written to`, {
      detail: message,
      hint: `name a folder of your own with ${option}`,
      cause,
    });
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
    const lock = this.#read();
    return lock !== undefined && alive(lock) ? lock : undefined;
  }

  /** Takes the folder for this process. @throws {LocalError} LOCAL_DATA_LOCKED when another live process holds it */
  lock(): void {
    const mine = join(this.path, `platform.lock.${process.pid}`);
    usable("--data", this.path, () => {
      mkdirSync(this.path, { recursive: true });
      writeFileSync(mine, JSON.stringify(this.#entry()), { mode: 0o600 });
    });
    try {
      for (;;) {
        try {
          // Unlike a write, a link that exists already cannot be taken by two.
          linkSync(mine, this.lockPath);
          return;
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
        }
        const holder = this.holder();
        if (holder?.pid === process.pid) return;
        if (holder !== undefined) throw this.#locked(holder);
        this.#removeDead();
      }
    } finally {
      rmSync(mine, { force: true });
    }
  }

  announce(dashboardPort: number): void {
    this.#replace("platform.lock", { ...this.#entry(), dashboardPort });
  }

  /** Gives the folder back; does nothing when another process holds it. */
  unlock(): void {
    if (this.#read()?.pid === process.pid) rmSync(this.lockPath, { force: true });
  }

  #entry(): PlatformLock {
    return {
      pid: process.pid,
      processStart: startOf(process.pid),
      startedIso: new Date().toISOString(),
    };
  }

  #read(path = this.lockPath): PlatformLock | undefined {
    try {
      return JSON.parse(readFileSync(path, "utf8")) as PlatformLock;
    } catch {
      return undefined;
    }
  }

  #locked({ pid, startedIso }: PlatformLock): LocalError {
    return new LocalError("LOCAL_DATA_LOCKED", `process ${pid} runs over ${this.path} since ${startedIso}`, {
      hint: "stop it, or name another folder with --data",
    });
  }

  /** Takes the lock of a dead process away; one that another process took meanwhile is put back. */
  #removeDead(): void {
    const aside = join(this.path, `platform.lock.dead.${process.pid}`);
    try {
      renameSync(this.lockPath, aside);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      throw error;
    }
    const taken = this.#read(aside);
    if (taken !== undefined && alive(taken)) linkSync(aside, this.lockPath);
    rmSync(aside, { force: true });
  }

  /** @throws {LocalError} LOCAL_DATA_DAMAGED */
  readJson<T>(name: string): T | undefined {
    const path = join(this.path, name);
    if (!existsSync(path)) return undefined;
    try {
      return JSON.parse(readFileSync(path, "utf8")) as T;
    } catch (cause) {
      throw new LocalError("LOCAL_DATA_DAMAGED", `${path} cannot be read: ${(cause as Error).message}`, {
        hint: "put back a whole copy, or start over: npm run local -- reset",
        cause,
      });
    }
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

import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { PropertyBag } from "./property-bag";
import type { Twin } from "./twin";

/** A message from the cloud that waits until its device has taken it. */
export interface CloudToDeviceMessage {
  readonly id: string;
  readonly bodyBase64: string;
  readonly properties: PropertyBag;
  /** Platform clock, ms since 1970. */
  readonly enqueuedMs: number;
  /** Platform clock; null keeps it until delivered. */
  readonly expiresMs: number | null;
}

/** Everything the hub keeps of one device. */
export interface DeviceRecord {
  readonly deviceId: string;
  readonly primaryKey: string;
  readonly secondaryKey: string;
  readonly enabled: boolean;
  /** Changes when a device is deleted and made again. */
  readonly generationId: string;
  readonly twin: Twin;
  readonly cloudToDevice: readonly CloudToDeviceMessage[];
  /** Topic filters of a persistent MQTT session, with their granted quality of service; null without a session. */
  readonly session: Readonly<Record<string, 0 | 1>> | null;
}

type JournalLine = DeviceRecord | { readonly deviceId: string; readonly deleted: true };

const compactAtBytes = 8 * 1024 * 1024;

/**
 * Devices by id, kept in a journal of whole records: the last line of a device counts, a torn last line is dropped.
 * A change is on disk when `put` or `delete` returns.
 */
export class DeviceStore {
  readonly #path: string;
  readonly #devices = new Map<string, DeviceRecord>();
  #file: number;
  #bytes = 0;
  #liveBytes = 0;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#path = join(folder, "devices.ndjson");
    if (existsSync(this.#path)) this.#load(readFileSync(this.#path, "utf8"));
    this.#file = this.#compact();
  }

  get size(): number {
    return this.#devices.size;
  }

  get(deviceId: string): DeviceRecord | undefined {
    return this.#devices.get(deviceId);
  }

  all(): Iterable<DeviceRecord> {
    return this.#devices.values();
  }

  put(...records: readonly DeviceRecord[]): void {
    for (const record of records) this.#devices.set(record.deviceId, record);
    this.#append(records);
  }

  delete(deviceId: string): boolean {
    if (!this.#devices.delete(deviceId)) return false;
    this.#append([{ deviceId, deleted: true }]);
    return true;
  }

  close(): void {
    closeSync(this.#file);
  }

  #load(text: string): void {
    const lines = text.split("\n");
    // What follows the last line feed was cut off by a kill and never acknowledged.
    lines.pop();
    for (const line of lines) {
      const entry = JSON.parse(line) as JournalLine;
      if ("deleted" in entry) this.#devices.delete(entry.deviceId);
      else this.#devices.set(entry.deviceId, entry);
    }
  }

  #append(entries: readonly JournalLine[]): void {
    if (entries.length === 0) return;
    const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
    this.#bytes += writeSync(this.#file, text);
    fdatasyncSync(this.#file);
    if (this.#bytes > compactAtBytes && this.#bytes > 4 * this.#liveBytes) {
      closeSync(this.#file);
      this.#file = this.#compact();
    }
  }

  #compact(): number {
    const text = [...this.#devices.values()].map((record) => `${JSON.stringify(record)}\n`).join("");
    const file = openSync(`${this.#path}.new`, "w", 0o600);
    writeSync(file, text);
    fdatasyncSync(file);
    renameSync(`${this.#path}.new`, this.#path);
    this.#bytes = Buffer.byteLength(text);
    this.#liveBytes = this.#bytes;
    return file;
  }
}

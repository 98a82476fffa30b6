import { randomBytes } from "node:crypto";
import type { ContainerClient } from "@azure/storage-blob";
import type { LogRecord } from "../event-hubs";
import { containerBlock, containerHeader, encodeCaptured } from "./avro";
import { type CapturedFile, fileMetadata } from "./lake";

const avroBlockBytes = 64 * 1024;

/** Builds one captured file in memory. Nothing of it is in the lake until `commit`, and then all of it. */
export class CaptureFileWriter {
  readonly #sync = randomBytes(16);
  readonly #blocks: Buffer[] = [containerHeader(this.#sync)];
  #blockBytes = (this.#blocks[0] as Buffer).length;
  #data: Buffer[] = [];
  #dataBytes = 0;
  #events = 0;

  get events(): number {
    return this.#events;
  }

  get bytes(): number {
    return this.#blockBytes + this.#dataBytes;
  }

  add(record: LogRecord): void {
    const datum = encodeCaptured(record);
    this.#data.push(datum);
    this.#dataBytes += datum.length;
    this.#events++;
    if (this.#dataBytes >= avroBlockBytes) this.#closeBlock();
  }

  /** Writes the file with its metadata in one request: it is there whole or not at all. */
  async commit(container: ContainerClient, file: Omit<CapturedFile, "bytes">): Promise<CapturedFile> {
    if (this.#data.length > 0) this.#closeBlock();
    const bytes = this.#blockBytes;
    await container.getBlockBlobClient(file.name).upload(Buffer.concat(this.#blocks), bytes, {
      metadata: fileMetadata(file),
      blobHTTPHeaders: { blobContentType: "application/octet-stream" },
    });
    return { ...file, bytes };
  }

  #closeBlock(): void {
    const block = containerBlock(this.#data, this.#sync);
    this.#data = [];
    this.#dataBytes = 0;
    this.#blocks.push(block);
    this.#blockBytes += block.length;
  }
}

import type { Container, ErrorResponse } from "@azure/cosmos";

/** Position of one function in one range of a change feed, and who reads it. Times are wall time. */
export interface LeaseDocument {
  readonly id: string;
  readonly owner: string;
  readonly expiresAtMs: number;
  readonly continuation: string | null;
  readonly _etag?: string;
}

/** A lease on a range of a change feed, held against other hosts by the etag of its document. */
export class ChangeFeedLease {
  readonly #container: Container;
  readonly #id: string;
  readonly #owner: string;
  readonly #durationMs: number;
  #held: LeaseDocument | undefined;

  constructor(container: Container, id: string, owner: string, durationMs: number) {
    this.#container = container;
    this.#id = id;
    this.#owner = owner;
    this.#durationMs = durationMs;
  }

  get continuation(): string | undefined {
    return this.#held?.continuation ?? undefined;
  }

  /** True when the lease should be renewed, since a third of its time has passed. */
  get needsRenewal(): boolean {
    return this.#held !== undefined && this.#held.expiresAtMs - Date.now() < (this.#durationMs * 2) / 3;
  }

  /** Takes the lease when it is free, expired, or this owner's own from before a restart. */
  async acquire(): Promise<boolean> {
    const { resource } = await this.#container.item(this.#id, this.#id).read<LeaseDocument>();
    if (resource === undefined) {
      return this.#write(undefined, null);
    }
    if (resource.owner !== this.#owner && resource.expiresAtMs > Date.now()) return false;
    return this.#write(resource._etag, resource.continuation);
  }

  /** Stores the position. @returns false when another host holds the lease by now. */
  checkpoint(continuation: string): Promise<boolean> {
    return this.#write(this.#held?._etag, continuation);
  }

  renew(): Promise<boolean> {
    return this.#write(this.#held?._etag, this.#held?.continuation ?? null);
  }

  async #write(etag: string | undefined, continuation: string | null): Promise<boolean> {
    const document: LeaseDocument = {
      id: this.#id,
      owner: this.#owner,
      expiresAtMs: Date.now() + this.#durationMs,
      continuation,
    };
    try {
      const { resource } =
        etag === undefined
          ? await this.#container.items.create<LeaseDocument>(document)
          : await this.#container
              .item(this.#id, this.#id)
              .replace<LeaseDocument>(document, { accessCondition: { type: "IfMatch", condition: etag } });
      this.#held = resource;
      return true;
    } catch (error) {
      const { code } = error as ErrorResponse;
      if (code !== 409 && code !== 412 && code !== 404) throw error;
      this.#held = undefined;
      return false;
    }
  }
}

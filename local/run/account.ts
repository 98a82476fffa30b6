import { Buckets } from "../accounting/buckets";

/** Where messages ended, by id; numbers of distinct message ids. */
export interface MessageAccount {
  readonly sent: number;
  readonly stored: number;
  readonly quarantined: number;
  readonly duplicates: number;
  /** Sent, but found nowhere. */
  readonly lost: number;
  /** Sent, and found in more than one place. */
  readonly double: number;
}

type Place = "sent" | "stored" | "duplicate" | "quarantined";

/** Notes where message ids are found, and tells in the end what became of those that were sent. */
export class MessageAccounts {
  readonly #buckets: Buckets<readonly [id: string, place: Place]>;

  /** @param workFolder made and removed */
  constructor(workFolder: string) {
    this.#buckets = new Buckets(workFolder);
  }

  note(messageId: string, place: Place): void {
    this.#buckets.add(messageId, [messageId, place]);
  }

  /** Counts, and removes the work folder. */
  close(): MessageAccount {
    const account = { sent: 0, stored: 0, quarantined: 0, duplicates: 0, lost: 0, double: 0 };
    try {
      for (const bucket of this.#buckets) {
        const places = new Map<string, Set<Place>>();
        for (const [id, place] of bucket) {
          const known = places.get(id);
          if (known === undefined) places.set(id, new Set([place]));
          else known.add(place);
        }
        for (const found of places.values()) {
          if (!found.delete("sent")) continue;
          account.sent += 1;
          if (found.size === 0) account.lost += 1;
          if (found.size > 1) account.double += 1;
          if (found.has("stored")) account.stored += 1;
          else if (found.has("duplicate")) account.duplicates += 1;
          else if (found.has("quarantined")) account.quarantined += 1;
        }
      }
    } finally {
      this.#buckets.remove();
    }
    return account;
  }
}

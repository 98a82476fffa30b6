import { EventHubsError } from "../errors";

/** One open reader of a partition, as the owner rules see it. */
export interface Reader {
  readonly name: string;
  /** Owner level; undefined for a reader without one. */
  readonly epoch: number | undefined;
  close(error: EventHubsError): void;
}

const maxReadersWithoutEpoch = 5;
const defaultGroup = "$Default";

/** Who reads which partition in which consumer group, with the service's owner rules. */
export class ReaderTable {
  readonly groupNames: readonly string[];
  readonly #known: ReadonlySet<string>;
  readonly #readers = new Map<string, Set<Reader>>();

  constructor(groups: readonly string[]) {
    this.groupNames = [defaultGroup, ...groups.filter((group) => group.toLowerCase() !== "$default")];
    this.#known = new Set(this.groupNames.map((group) => group.toLowerCase()));
  }

  hasGroup(group: string): boolean {
    return this.#known.has(group.toLowerCase());
  }

  /**
   * Lets the reader in, closing those that it outranks; returns how it leaves.
   * @throws {EventHubsError} amqp:link:stolen when a reader with a higher epoch is there, or any with an epoch and the
   * new one has none; amqp:resource-limit-exceeded for a sixth reader without epoch.
   */
  enter(group: string, partition: number, reader: Reader): () => void {
    const key = `${group.toLowerCase()}/${partition}`;
    const present = this.#readers.get(key) ?? new Set();
    this.#readers.set(key, present);
    const highest = [...present].reduce((level, other) => Math.max(level, other.epoch ?? -1), -1);
    if (reader.epoch === undefined) this.#admitWithoutEpoch(present, highest, group, partition);
    else this.#admitWithEpoch(present, highest, reader, reader.epoch);
    present.add(reader);
    return () => present.delete(reader);
  }

  #admitWithoutEpoch(present: ReadonlySet<Reader>, highest: number, group: string, partition: number): void {
    if (highest >= 0) {
      throw new EventHubsError(
        "amqp:link:stolen",
        `At least one receiver for the endpoint is created with epoch of '${highest}', and so non-epoch receiver is not allowed. Either reconnect with a higher epoch, or make sure all epoch receivers are closed or disconnected.`,
      );
    }
    if (present.size >= maxReadersWithoutEpoch) {
      throw new EventHubsError(
        "amqp:resource-limit-exceeded",
        `Exceeded the maximum number of allowed receivers per partition in a consumer group which is ${maxReadersWithoutEpoch}. Consumer group '${group}', partition '${partition}'.`,
      );
    }
  }

  #admitWithEpoch(present: Set<Reader>, highest: number, reader: Reader, epoch: number): void {
    if (highest > epoch) {
      throw new EventHubsError(
        "amqp:link:stolen",
        `Receiver '${reader.name}' with a higher epoch '${highest}' already exists. Receiver '${reader.name}' with epoch ${epoch} cannot be created. Make sure you are creating receiver with increasing epoch value to ensure connectivity, or ensure all old epoch receivers are closed or disconnected.`,
      );
    }
    for (const other of [...present]) {
      present.delete(other);
      other.close(
        new EventHubsError(
          "amqp:link:stolen",
          `New receiver '${reader.name}' with higher epoch of '${epoch}' is created hence current receiver '${other.name}' with epoch '${other.epoch ?? "nil"}' is getting disconnected. If you are recreating the receiver, make sure a higher epoch is used.`,
        ),
      );
    }
  }
}

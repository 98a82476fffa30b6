import { setTimeout as sleep } from "node:timers/promises";
import { ChangeFeedStartFrom, type Container, type CosmosClient, type FeedRange } from "@azure/cosmos";
import { localCosmosClient } from "../cosmos-client";
import type { DeadLetterFile } from "../dead-letters";
import type { HostLog, Invoker } from "../invoker";
import type { BindingInfo } from "../rpc";
import { connectionStringOf, textProperty, triggerOf } from "../settings";
import { ChangeFeedLease } from "./change-feed-lease";

export interface CosmosTriggerOptions {
  readonly settings: Readonly<Record<string, string>>;
  /** Names this host in leases; the same after a restart, so that its leases are its own at once. */
  readonly owner: string;
  readonly deadLetters: DeadLetterFile;
  readonly signal: AbortSignal;
  readonly log: HostLog;
}

const defaultPollMs = 5_000;
/** The local host looks at least this often: windows should reach the page at once. */
const maxPollMs = 200;
const defaultLeaseMs = 60_000;
const pauseMs = 250;
const maxPauseMs = 2_000;

type FeedDocument = Readonly<Record<string, unknown>>;

/** Feeds the changes of a container to one function, each range of the feed under a lease. */
export class CosmosTrigger {
  readonly #invoker: Invoker;
  readonly #options: CosmosTriggerOptions;
  readonly #bindingName: string;
  readonly #binding: BindingInfo;
  readonly #client: CosmosClient;
  readonly #monitored: Container;
  readonly #leases: Container;

  constructor(invoker: Invoker, options: CosmosTriggerOptions) {
    const functionName = invoker.metadata.name;
    const { name, binding } = triggerOf(invoker.metadata);
    this.#invoker = invoker;
    this.#options = options;
    this.#bindingName = name;
    this.#binding = binding;
    this.#client = localCosmosClient(connectionStringOf(binding, options.settings, functionName));
    const databaseName = textProperty(binding, "databaseName", functionName);
    this.#monitored = this.#client
      .database(databaseName)
      .container(textProperty(binding, "containerName", functionName));
    this.#leases = this.#client
      .database(String(binding["leaseDatabaseName"] ?? databaseName))
      .container(String(binding["leaseContainerName"] ?? "leases"));
  }

  /** Runs until the host stops. */
  async run(): Promise<void> {
    try {
      const ranges = await this.#untilItAnswers("read the ranges", () => this.#monitored.getFeedRanges());
      await Promise.all(ranges.map((range, index) => this.#follow(range, index)));
    } catch (error) {
      const { signal, log } = this.#options;
      if (!signal.aborted)
        log("error", `${this.#name} stopped following its container`, { error: String(error) });
    } finally {
      this.#client.dispose();
    }
  }

  get #name(): string {
    return this.#invoker.metadata.name;
  }

  async #follow(range: FeedRange, index: number): Promise<void> {
    const { owner, signal, log } = this.#options;
    const prefix = String(this.#binding["leaseContainerPrefix"] ?? "");
    const leaseMs = Number(this.#binding["leaseExpirationInterval"] ?? defaultLeaseMs);
    const pollMs = Math.min(maxPollMs, Number(this.#binding["feedPollDelay"] ?? defaultPollMs));
    const lease = new ChangeFeedLease(
      this.#leases,
      `${prefix}${this.#monitored.id}..${index}`,
      owner,
      leaseMs,
    );
    while (!signal.aborted) {
      if (!(await this.#untilItAnswers("take its lease", () => lease.acquire()))) {
        await sleep(Math.min(leaseMs, 1_000), undefined, { signal });
        continue;
      }
      try {
        await this.#readUnder(lease, range, pollMs);
      } catch (error) {
        signal.throwIfAborted();
        log("warn", `${this.#name} cannot read changes; trying again`, { error: String(error) });
        await sleep(pauseMs, undefined, { signal });
      }
    }
  }

  /** Reads until the lease is lost; throws when the service does not answer, to begin again from the lease's position. */
  async #readUnder(lease: ChangeFeedLease, range: FeedRange, pollMs: number): Promise<void> {
    const { signal } = this.#options;
    const changes = this.#monitored.items.getChangeFeedIterator<FeedDocument>({
      changeFeedStartFrom: this.#startOf(lease, range),
      maxItemCount: Number(this.#binding["maxItemsPerInvocation"] ?? 100),
    });
    while (!signal.aborted) {
      const page = await changes.readNext();
      if (page.statusCode === 304 || page.count === 0) {
        if (lease.continuation === undefined || lease.needsRenewal) {
          if (!(await lease.checkpoint(page.continuationToken))) return;
        }
        await sleep(pollMs, undefined, { signal });
        continue;
      }
      await this.#deliver(page.result);
      if (!(await lease.checkpoint(page.continuationToken))) return;
    }
  }

  #startOf(lease: ChangeFeedLease, range: FeedRange): ChangeFeedStartFrom {
    if (lease.continuation !== undefined) return ChangeFeedStartFrom.Continuation(lease.continuation);
    return this.#binding["startFromBeginning"] === true
      ? ChangeFeedStartFrom.Beginning(range)
      : ChangeFeedStartFrom.Now(range);
  }

  async #deliver(documents: readonly FeedDocument[]): Promise<void> {
    const { signal } = this.#options;
    try {
      await this.#invoker.withPolicy(this.#input(documents), signal);
    } catch (error) {
      signal.throwIfAborted();
      await this.#isolate(documents, error);
    }
    this.#invoker.figures.events += documents.length;
  }

  async #isolate(documents: readonly FeedDocument[], error: unknown): Promise<void> {
    if (documents.length === 1) {
      await this.#bury(documents[0] as FeedDocument, error);
      return;
    }
    const middle = Math.ceil(documents.length / 2);
    for (const half of [documents.slice(0, middle), documents.slice(middle)]) {
      this.#options.signal.throwIfAborted();
      try {
        await this.#invoker.once(this.#input(half));
      } catch (halfError) {
        await this.#isolate(half, halfError);
      }
    }
  }

  #input(documents: readonly FeedDocument[]) {
    return {
      inputData: [{ name: this.#bindingName, data: { json: JSON.stringify(documents) } }],
      triggerMetadata: {},
    };
  }

  async #bury(document: FeedDocument, error: unknown): Promise<void> {
    await this.#options.deadLetters.add({
      function: this.#name,
      source: this.#monitored.id,
      sequence: String(document["_lsn"] ?? document["id"] ?? ""),
      body: JSON.stringify(document),
      bodyEncoding: "utf8",
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      at: new Date().toISOString(),
    });
    this.#invoker.figures.deadLetters++;
  }

  async #untilItAnswers<T>(what: string, request: () => Promise<T>): Promise<T> {
    const { signal, log } = this.#options;
    for (let failures = 0; ; failures++) {
      try {
        return await request();
      } catch (error) {
        signal.throwIfAborted();
        if (failures === 0)
          log("warn", `${this.#name} cannot ${what}; trying again`, { error: String(error) });
        await sleep(Math.min(maxPauseMs, 100 * 2 ** Math.min(failures, 6)), undefined, { signal });
      }
    }
  }
}

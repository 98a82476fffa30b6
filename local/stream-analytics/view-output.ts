import type { Container, JSONObject, OperationInput } from "@azure/cosmos";

/** A document on its way to a container, with the value of the container's partition key. */
export interface ViewDocument {
  readonly id: string;
  readonly partitionKey: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Where rows are written, and who hears of failed attempts. */
export interface ViewOutputOptions {
  readonly container: Pick<Container["items"], "bulk">;
  /** Called after each failed attempt; the output goes on until it is written or stopped. */
  readonly onRetry: (error: Error) => void;
  /** Called once when the server refuses a document for what it is; nothing more is written then. */
  readonly onRefused?: (error: Error) => void;
  /** Wall milliseconds between attempts. @default 250 */
  readonly retryDelayMs?: number;
}

const documentsPerCall = 100;
const callsAtOnce = 4;
/** Answers that no second attempt changes: the document breaks a rule, or is too large. */
const refusals = new Set([400, 413]);

/**
 * Writes rows as upserts in the order they came, at least once: a row's id is a function of its window, so that a
 * repeated write changes nothing. `drained` resolves when everything handed over before the call is stored.
 */
export class ViewOutput {
  readonly #options: ViewOutputOptions;
  #queue: ViewDocument[] = [];
  #accepted = 0;
  #stored = 0;
  #running: Promise<void> | undefined;
  #stopped = false;
  #waiters: { readonly at: number; readonly wake: () => void }[] = [];

  constructor(options: ViewOutputOptions) {
    this.#options = options;
  }

  /** Documents handed over and not yet stored. */
  get backlog(): number {
    return this.#accepted - this.#stored;
  }

  get stored(): number {
    return this.#stored;
  }

  add(document: ViewDocument): void {
    this.#queue.push(document);
    this.#accepted += 1;
    this.#running ??= this.#run();
  }

  drained(): Promise<void> {
    if (this.backlog === 0) return Promise.resolve();
    return new Promise((wake) => this.#waiters.push({ at: this.#accepted, wake }));
  }

  /** Gives up what is not stored; the next start replays it from the checkpoint. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    // Rows of one turn of the event loop go out together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0 && !this.#stopped) {
      const taken = this.#queue.splice(0, documentsPerCall * callsAtOnce);
      // Calls overtake each other: of a document that was computed twice only the last goes out.
      const last = [...new Map(taken.map((document) => [keyOf(document), document])).values()];
      const calls: Promise<void>[] = [];
      for (let at = 0; at < last.length; at += documentsPerCall) {
        calls.push(this.#store(last.slice(at, at + documentsPerCall)));
      }
      await Promise.all(calls);
      if (this.#stopped) break;
      this.#stored += taken.length;
      const due = this.#waiters.filter((waiter) => waiter.at <= this.#stored);
      this.#waiters = this.#waiters.filter((waiter) => waiter.at > this.#stored);
      for (const waiter of due) waiter.wake();
    }
    this.#running = undefined;
  }

  async #store(documents: readonly ViewDocument[]): Promise<void> {
    let open = documents;
    while (open.length > 0 && !this.#stopped) {
      try {
        const answers = await this.#options.container.bulk(
          open.map(
            (document): OperationInput => ({
              operationType: "Upsert",
              partitionKey: document.partitionKey,
              resourceBody: { ...document.body, id: document.id } as JSONObject & { id: string },
            }),
          ),
        );
        const codes = open.map((_, index) => Number(answers[index]?.statusCode ?? 0));
        const refused = codes.findIndex((code) => refusals.has(code));
        if (refused >= 0) return this.#refuse(open[refused]!, codes[refused]!);
        open = open.filter((_, index) => codes[index]! < 200 || codes[index]! >= 300);
        if (open.length === 0) return;
        this.#options.onRetry(new Error(`${open.length} of ${documents.length} documents were not stored`));
      } catch (error) {
        this.#options.onRetry(error as Error);
      }
      await new Promise((resolve) => setTimeout(resolve, this.#options.retryDelayMs ?? 250));
    }
  }

  #refuse({ id }: ViewDocument, code: number): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#options.onRefused?.(new Error(`the container refuses the document "${id}" with status ${code}`));
  }
}

function keyOf({ id, partitionKey }: ViewDocument): string {
  return JSON.stringify([partitionKey, id]);
}

import type { ProcessState } from "../dashboard";
import { type StorageServer, startStorage } from "../storage";
import type { ProcessStatus } from "./managed-process";

export interface StorageProcessOptions {
  readonly port: number;
  readonly dataFolder: string;
  readonly onStatus: (status: ProcessStatus, detail?: string) => void;
  /** Called when it does not come back. */
  readonly onFailed: (error: Error) => void;
}

const restartAttempts = 10;
const pauseMs = 250;

/** Azurite as a process of the platform: started, watched, started again when it dies. */
export class StorageProcess {
  readonly #options: StorageProcessOptions;
  #server: StorageServer | undefined;
  #starting: Promise<void> = Promise.resolve();
  #status: ProcessStatus = "stopped";
  #stopping = false;
  restarts = 0;

  constructor(options: StorageProcessOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#server?.pid;
  }

  get state(): ProcessState {
    return {
      name: "storage",
      status: this.#status,
      restarts: this.restarts,
      pid: this.#server?.pid ?? null,
      endpoints:
        this.#server === undefined
          ? {}
          : { port: this.#server.port, connectionString: this.#server.connectionString },
    };
  }

  /** Resolves once it answers. @throws {LocalError} when its first start fails */
  start(): Promise<void> {
    this.#starting = this.#start();
    return this.#starting;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#starting.catch(() => {});
    await this.#server?.close();
  }

  async #start(): Promise<void> {
    this.#set("starting");
    const { port, dataFolder } = this.#options;
    const server = await startStorage({ port, dataFolder });
    this.#server = server;
    this.#set("running");
    void server.exited.then(({ code, signal }) => this.#comeBack(signal ?? `code ${code}`));
  }

  async #comeBack(how: string): Promise<void> {
    if (this.#stopping) return;
    this.restarts += 1;
    this.#set("down", how);
    for (let attempt = 0; !this.#stopping; attempt++) {
      try {
        return await this.start();
      } catch (error) {
        if (attempt >= restartAttempts) return this.#options.onFailed(error as Error);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }

  #set(status: ProcessStatus, detail?: string): void {
    this.#status = status;
    this.#options.onStatus(status, detail);
  }
}

import { BootstrapError } from "./errors";

/** Gives a bearer token for a scope such as `https://management.azure.com/.default`. */
export type TokenSource = (scope: string) => Promise<string>;

export interface HttpDeps {
  readonly tokens: TokenSource;
  /** @default the runtime's fetch */
  readonly fetch?: typeof fetch;
  /** Waits so many milliseconds. @default a timer */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

export interface Answer {
  readonly status: number;
  /** Parsed body; null when there is none. */
  readonly body: unknown;
}

const attempts = 5;
const longestWaitMs = 60_000;

/**
 * JSON requests to one service with an Entra token. Throttled and unavailable answers are repeated as the service asks;
 * errors carry method, path, status and the service's message, never a header.
 */
export class ServiceClient {
  readonly #base: string;
  readonly #scope: string;
  readonly #deps: HttpDeps;

  constructor(base: string, scope: string, deps: HttpDeps) {
    this.#base = base.replace(/\/$/, "");
    this.#scope = scope;
    this.#deps = deps;
  }

  get(path: string): Promise<Answer> {
    return this.send("GET", path, undefined, [200]);
  }

  /** Like get, with null instead of an error when there is nothing at the path. */
  async find(path: string): Promise<unknown> {
    const { status, body } = await this.send("GET", path, undefined, [200, 404]);
    return status === 404 ? null : body;
  }

  /** @throws BootstrapError BOOTSTRAP_REQUEST when the service cannot be reached or answers with another status */
  async send(
    method: "GET" | "PUT" | "POST" | "DELETE",
    path: string,
    body: unknown,
    expected: readonly number[],
  ): Promise<Answer> {
    const request = this.#deps.fetch ?? fetch;
    const wait = this.#deps.wait ?? sleep;
    for (let attempt = 1; ; attempt++) {
      const token = await this.#deps.tokens(this.#scope);
      let response: Response;
      try {
        response = await request(`${this.#base}${path}`, {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            accept: "application/json",
            ...(body !== undefined && { "content-type": "application/json" }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
      } catch (error) {
        throw new BootstrapError(
          "BOOTSTRAP_UNREACHABLE",
          `${method} ${this.#base}${pathOnly(path)} got no answer: ${reasonOf(error)}`,
          "stages with private networking answer only inside their network: run on a runner there",
        );
      }
      const text = await response.text();
      if (expected.includes(response.status))
        return { status: response.status, body: text === "" ? null : parse(text) };
      if ((response.status === 429 || response.status === 503) && attempt < attempts) {
        await wait(retryAfterMs(response, attempt));
        continue;
      }
      throw refused(method, `${this.#base}${pathOnly(path)}`, response.status, text);
    }
  }
}

function refused(method: string, address: string, status: number, text: string): BootstrapError {
  const hints: Record<number, string> = {
    401: "sign in again (`az login`): the token is of another tenant or has ended",
    403: "the identity lacks a data role, a new one has not spread yet (up to 30 minutes), or the network refuses the address",
    404: "deploy the stage's stacks first",
    409: "something else changes the same thing at the moment; run the step again",
    429: "the service still throttles; run the step again later",
  };
  return new BootstrapError(
    "BOOTSTRAP_REQUEST",
    `${method} ${address} was answered with ${status}: ${messageOf(text)}`,
    hints[status] ?? "see the service's message",
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The service's own words: `error.message` of ARM and Digital Twins, `message` of Grafana, else the start of the text. */
function messageOf(text: string): string {
  const body = parse(text) as { error?: { message?: string }; message?: string } | string | null;
  const message = typeof body === "object" ? (body?.error?.message ?? body?.message) : undefined;
  return message ?? text.slice(0, 200);
}

function retryAfterMs(response: Response, attempt: number): number {
  const seconds = Number(response.headers.get("retry-after"));
  return Math.min(seconds > 0 ? seconds * 1000 : 1000 * 2 ** attempt, longestWaitMs);
}

const pathOnly = (path: string): string => path.replace(/\?.*$/, "");

/** A failed fetch says why in its cause. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as { cause?: { message?: string }; message?: string };
  return cause?.message || (message ?? String(error));
}

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

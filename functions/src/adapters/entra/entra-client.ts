/** Gives a bearer token for a scope such as `https://digitaltwins.azure.net/.default`. */
export type TokenSource = (scope: string) => Promise<string>;

/** A service that answers JSON over HTTPS to a token of the app's identity. */
export interface EntraService {
  /** Base address, without a slash at its end. */
  readonly address: string;
  readonly scope: string;
  readonly tokens: TokenSource;
}

export interface EntraRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses that the caller decides on. */
  readonly expected: readonly number[];
}

export interface EntraAnswer {
  readonly status: number;
  /** Parsed body; null when there is none. */
  readonly body: unknown;
  readonly etag: string | null;
}

const timeoutMs = 20_000;

/**
 * Sends one request. The caller's trigger repeats what failed.
 * @throws Error with the service, path, status and the start of the answer, when the status is not expected
 */
export async function sendToService(service: EntraService, request: EntraRequest): Promise<EntraAnswer> {
  const { method, path, body, headers = {}, expected } = request;
  const token = await service.tokens(service.scope);
  const response = await fetch(`${service.address}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      accept: "application/json",
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  if (!expected.includes(response.status)) {
    const where = `${service.address}${path.split("?")[0]}`;
    throw Object.assign(
      new Error(`${method} ${where} was answered with ${response.status}: ${text.slice(0, 300)}`),
      { code: response.status },
    );
  }
  return { status: response.status, body: parsed(text), etag: response.headers.get("etag") };
}

function parsed(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

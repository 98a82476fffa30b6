import { randomUUID } from "node:crypto";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { LocalError } from "../../process/errors";
import type { HostLog, Invoker } from "../invoker";
import type { RpcCookie, RpcHttp, RpcTypedData } from "../rpc";
import { triggerOf } from "../settings";
import { matchRoute, parseRoute, type Route } from "./routes";

export interface HttpTriggersOptions {
  readonly routePrefix: string;
  /** Where bodies are streamed to when the app asked for it. */
  readonly streamUri: string | undefined;
  readonly log: HostLog;
}

const maxBodyBytes = 16 << 20;
const drainMs = 5_000;

/** Serves the app's HTTP functions on 127.0.0.1. Keys and authorisation levels are the service's business, not this host's. */
export class HttpTriggers {
  readonly #options: HttpTriggersOptions;
  readonly #routes: Route[] = [];
  readonly #invokers = new Map<string, Invoker>();
  readonly #server: Server;

  constructor(options: HttpTriggersOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        options.log("error", "an HTTP request failed", { error: String(error) });
        problem(response, 500, "internal", "The function failed", "the host's log holds the cause");
      });
    });
  }

  add(invoker: Invoker): void {
    const { name } = invoker.metadata;
    const { binding } = triggerOf(invoker.metadata);
    const methods = Array.isArray(binding["methods"]) ? (binding["methods"] as string[]) : [];
    this.#routes.push(parseRoute(name, String(binding["route"] ?? name), methods));
    this.#invokers.set(name, invoker);
  }

  /** Listens; port 0 takes a free one. @returns the port. @throws LocalError when the port is taken. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (error: NodeJS.ErrnoException) => {
        reject(
          error.code === "EADDRINUSE"
            ? new LocalError("LOCAL_PORT_IN_USE", `port ${port} of the functions host is taken`, {
                hint: "stop the process that holds it, or choose other ports with --port-base",
              })
            : error,
        );
      });
      this.#server.listen(port, "127.0.0.1", resolve);
    });
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : port;
  }

  /** Takes no more requests and waits for those under way. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      const force = setTimeout(() => this.#server.closeAllConnections(), drainMs);
      this.#server.close(() => {
        clearTimeout(force);
        resolve();
      });
      this.#server.closeIdleConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", `http://${request.headers.host ?? "127.0.0.1"}`);
    const { routePrefix } = this.#options;
    const prefix = routePrefix === "" ? "/" : `/${routePrefix}/`;
    const match = url.pathname.startsWith(prefix)
      ? matchRoute(this.#routes, request.method ?? "GET", url.pathname.slice(prefix.length))
      : ({ kind: "none" } as const);
    if (match.kind === "none") {
      problem(response, 404, "no-route", "No function has this address", `${url.pathname} matches no route`);
      return;
    }
    if (match.kind === "method") {
      response.setHeader("allow", match.allowed.join(", "));
      problem(
        response,
        405,
        "method",
        "The function does not take this method",
        `use ${match.allowed.join(", ")}`,
      );
      return;
    }
    const invoker = this.#invokers.get(match.functionName) as Invoker;
    if (this.#options.streamUri !== undefined) {
      await stream(request, response, invoker, match.parameters, this.#options.streamUri);
      return;
    }
    const body = await readBody(request);
    if (body === undefined) {
      response.setHeader("connection", "close");
      problem(
        response,
        413,
        "too-large",
        "The request is too large",
        `a body may have ${maxBodyBytes} bytes`,
      );
      return;
    }
    await plain(request, response, invoker, match.parameters, url, body);
  }
}

async function plain(
  request: IncomingMessage,
  response: ServerResponse,
  invoker: Invoker,
  params: Readonly<Record<string, string>>,
  url: URL,
  body: Buffer,
): Promise<void> {
  const { name } = triggerOf(invoker.metadata);
  const http: RpcHttp = {
    method: request.method ?? "GET",
    url: url.href,
    headers: headersOf(request),
    query: Object.fromEntries(url.searchParams),
    params,
    body: body.length === 0 ? null : { bytes: body },
  };
  const { returnValue } = await invoker.once({ inputData: [{ name, data: { http } }], triggerMetadata: {} });
  writeResponse(response, returnValue);
}

/** Hands the raw request to the library's own server and its answer back, byte by byte. */
async function stream(
  request: IncomingMessage,
  response: ServerResponse,
  invoker: Invoker,
  params: Readonly<Record<string, string>>,
  streamUri: string,
): Promise<void> {
  const { name } = triggerOf(invoker.metadata);
  const invocationId = randomUUID();
  const target = new URL(request.url ?? "/", streamUri);
  const forwarded = httpRequest({
    host: "127.0.0.1",
    port: target.port,
    method: request.method,
    path: `${target.pathname}${target.search}`,
    headers: {
      ...request.headers,
      "x-ms-invocation-id": invocationId,
      "x-forwarded-host": request.headers.host ?? "127.0.0.1",
      "x-forwarded-proto": "http",
    },
  });
  const answered = new Promise<void>((resolve, reject) => {
    forwarded.once("error", reject);
    forwarded.once("response", (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
      answer.once("error", reject);
      response.once("close", resolve);
    });
  });
  answered.catch(() => {});
  request.pipe(forwarded);
  const triggerMetadata: Record<string, RpcTypedData> = {
    Headers: { json: JSON.stringify(headersOf(request)) },
    Query: { json: "{}" },
  };
  for (const [parameter, value] of Object.entries(params)) triggerMetadata[parameter] = { string: value };
  try {
    await invoker.once({ inputData: [{ name, data: { http: {} } }], triggerMetadata }, { invocationId });
  } catch (error) {
    forwarded.destroy();
    if (response.headersSent) {
      response.destroy();
      return;
    }
    throw error;
  }
  await answered;
}

/** Reads to the end even when the body is too large, so that the client can be told. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBodyBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  return size > maxBodyBytes ? undefined : Buffer.concat(chunks);
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return headers;
}

function writeResponse(response: ServerResponse, returned: RpcTypedData | null | undefined): void {
  const http = returned?.http;
  if (http === undefined) {
    response.writeHead(204).end();
    return;
  }
  for (const [name, value] of Object.entries(http.headers ?? {})) response.setHeader(name, value);
  if (http.cookies !== undefined && http.cookies.length > 0) {
    response.setHeader("set-cookie", http.cookies.map(cookieText));
  }
  response.statusCode = Number(http.statusCode ?? 200);
  const { bytes, string: text } = http.body ?? {};
  response.end(bytes === undefined ? text : Buffer.from(bytes));
}

function cookieText(cookie: RpcCookie): string {
  const sameSite = { lax: "Lax", strict: "Strict", explicitNone: "None" }[cookie.sameSite ?? ""];
  return [
    `${cookie.name}=${encodeURIComponent(cookie.value)}`,
    cookie.domain && `Domain=${cookie.domain.value}`,
    cookie.path && `Path=${cookie.path.value}`,
    cookie.maxAge && `Max-Age=${cookie.maxAge.value}`,
    cookie.secure?.value && "Secure",
    cookie.httpOnly?.value && "HttpOnly",
    sameSite && `SameSite=${sameSite}`,
  ]
    .filter(Boolean)
    .join("; ");
}

function problem(
  response: ServerResponse,
  status: number,
  code: string,
  title: string,
  detail: string,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { "content-type": "application/problem+json" });
  response.end(JSON.stringify({ type: `urn:lambda-platform:problem:${code}`, title, status, detail }));
}

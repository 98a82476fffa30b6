import { createReadStream, statSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize, sep } from "node:path";
import { LocalError } from "../process/errors";
import type { PageState } from "./page-state";

/** What the page's server is told at its start. */
export interface DashboardOptions {
  /** 0 picks a free port. */
  readonly port: number;
  /** Folder of the page's files. */
  readonly pageDir: string;
  readonly state: () => PageState;
  /** Port of the functions host, to which views and quarantine calls are passed on. */
  readonly functionsPort: () => number;
  /** Starts a batch run; rejects when one runs already. */
  readonly runBatch: () => Promise<unknown>;
}

/** The page's running server, on 127.0.0.1. */
export interface Dashboard {
  readonly port: number;
  close(): Promise<void>;
}

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".json": "application/json",
};

const pageHeaders = {
  "content-security-policy":
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-cache",
};

const pushIntervalMs = 500;

/**
 * Serves the page, its state and, on the same port, the functions' HTTP API under /api/.
 * @throws {LocalError} LOCAL_PORT_IN_USE
 */
export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const streams = new Set<ServerResponse>();
  const server = createServer((incoming, response) => {
    handle(options, streams, incoming, response).catch((error: Error) => {
      if (!response.headersSent) problem(response, 500, "the page's server failed", error.message);
      else response.destroy();
    });
  });
  await listen(server, options.port);
  const push = setInterval(() => {
    if (streams.size === 0) return;
    const message = `data: ${JSON.stringify(options.state())}\n\n`;
    for (const stream of streams) {
      // A page that does not read must not fill the memory.
      if (stream.writableLength < 1 << 20) stream.write(message);
    }
  }, pushIntervalMs);
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      clearInterval(push);
      for (const stream of streams) stream.end();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        error.code === "EADDRINUSE"
          ? new LocalError("LOCAL_PORT_IN_USE", `port ${port} for the page is taken`, {
              hint: "stop what listens there, or choose other ports with --port-base",
            })
          : error,
      );
    });
    server.listen(port, "127.0.0.1", () => resolve());
  });
}

/** A page of another origin must not drive the platform through the user's browser. */
function foreign(incoming: IncomingMessage): boolean {
  const host = incoming.headers.host ?? "";
  const name = host.replace(/:\d+$/, "");
  if (name !== "127.0.0.1" && name !== "localhost") return true;
  const { origin } = incoming.headers;
  return origin !== undefined && origin !== `http://${host}`;
}

async function handle(
  options: DashboardOptions,
  streams: Set<ServerResponse>,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (foreign(incoming))
    return problem(response, 403, "foreign origin", "the page answers on 127.0.0.1 and localhost only");
  const address = `http://127.0.0.1${incoming.url ?? "/"}`;
  if (!URL.canParse(address)) return problem(response, 404, "no such page", incoming.url ?? "");
  const url = new URL(address);
  if (url.pathname === "/api/state") return json(response, 200, options.state());
  if (url.pathname === "/events") {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(`data: ${JSON.stringify(options.state())}\n\n`);
    streams.add(response);
    incoming.on("close", () => streams.delete(response));
    return;
  }
  if (url.pathname === "/api/batch" && incoming.method === "POST") {
    try {
      return json(response, 200, await options.runBatch());
    } catch (error) {
      const { message, hint } = error as LocalError;
      const detail = hint === undefined ? message : `${message}; ${hint}`;
      return problem(response, 409, "the batch run did not finish", detail);
    }
  }
  if (url.pathname.startsWith("/api/")) return forward(options.functionsPort(), incoming, response);
  return file(options.pageDir, url.pathname, response);
}

function file(pageDir: string, pathname: string, response: ServerResponse): void {
  const path = join(pageDir, pathname === "/" ? "index.html" : normalize(decoded(pathname)));
  const type = contentTypes[extname(path)];
  const found =
    path.startsWith(pageDir + sep) &&
    type !== undefined &&
    statSync(path, { throwIfNoEntry: false })?.isFile();
  if (!found) {
    problem(response, 404, "no such page", pathname);
    return;
  }
  response.writeHead(200, { ...pageHeaders, "content-type": type });
  createReadStream(path).pipe(response);
}

/** The path without percent signs; one that is not well formed names no file. */
function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return "";
  }
}

function forward(port: number, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const outgoing = request(
      {
        host: "127.0.0.1",
        port,
        path: incoming.url,
        method: incoming.method,
        headers: { ...incoming.headers, host: `127.0.0.1:${port}` },
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        answer.on("end", resolve);
      },
    );
    outgoing.on("error", (error) => {
      if (!response.headersSent) problem(response, 502, "the functions host does not answer", error.message);
      resolve();
    });
    incoming.pipe(outgoing);
  });
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(value));
}

/** RFC 9457 problem details. */
function problem(response: ServerResponse, status: number, title: string, detail: string): void {
  response.writeHead(status, { "content-type": "application/problem+json" });
  response.end(JSON.stringify({ type: "about:blank", title, status, detail }));
}

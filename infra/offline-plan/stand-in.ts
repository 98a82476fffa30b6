import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { makeCertificate } from "./certificate";

/** A request that the stand-in answered. */
export interface AnsweredRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** What stands in for Entra and Resource Manager's metadata while a plan is made. */
export interface StandIn {
  /** Base address, `https://localhost:<port>`. */
  readonly url: string;
  readonly port: number;
  /** Certificate that the providers must trust, PEM. */
  readonly certificate: string;
  readonly requests: readonly AnsweredRequest[];
  close(): Promise<void>;
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token without a signature: the providers read its claims, and only this stand-in ever sees it. */
export function unsignedToken(tenant: string, audience: string, nowSeconds: number): string {
  const claims = {
    oid: "00000000-0000-0000-0000-000000000001",
    tid: tenant,
    appid: "00000000-0000-0000-0000-000000000002",
    aud: audience,
    iat: nowSeconds,
    exp: nowSeconds + 3600,
  };
  return `${encoded({ alg: "none", typ: "JWT" })}.${encoded(claims)}.`;
}

/** What the stand-in answers; undefined for a path that it does not know. */
export function answer(method: string, path: string, url: string, nowSeconds: number): object | undefined {
  const [route] = path.split("?");
  if (method === "GET" && route === "/metadata/endpoints") {
    return {
      name: "stand-in",
      resourceManager: url,
      microsoftGraphResourceId: `${url}/graph`,
      authentication: { loginEndpoint: url, audiences: [url], identityProvider: "AAD", tenant: "common" },
      suffixes: { keyVaultDns: "vault.azure.net", storage: "core.windows.net" },
    };
  }
  const token = /^\/([^/]+)\/oauth2(?:\/v2\.0)?\/token$/.exec(route!);
  if (method === "POST" && token !== null) {
    return {
      token_type: "Bearer",
      expires_in: 3600,
      access_token: unsignedToken(token[1]!, url, nowSeconds),
    };
  }
  // Lists of what a subscription has registered, for the versions of the provider that ask.
  if (method === "GET" && /^\/subscriptions\/[^/]+\/providers$/.test(route!)) return { value: [] };
  return undefined;
}

/** Starts the stand-in at a free port of 127.0.0.1. */
export async function startStandIn(): Promise<StandIn> {
  const { key, certificate } = makeCertificate();
  const requests: AnsweredRequest[] = [];
  let url = "";
  const server = createServer({ key, cert: certificate }, (request, response) => {
    request.resume();
    request.on("end", () => {
      const method = request.method ?? "GET";
      const path = request.url ?? "/";
      const body = answer(method, path, url, Math.floor(Date.now() / 1000));
      const status = body === undefined ? 404 : 200;
      requests.push({ method, path, status });
      const text = JSON.stringify(
        body ?? { error: { code: "NotFound", message: `nothing stands in for ${path}` } },
      );
      response.writeHead(status, { "content-type": "application/json" }).end(text);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  url = `https://localhost:${port}`;
  return {
    url,
    port,
    certificate,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Environment in which the providers talk to the stand-in and to nothing else. */
export function standInEnvironment(standIn: StandIn, certificateFile: string): Record<string, string> {
  return {
    SSL_CERT_FILE: certificateFile,
    ARM_METADATA_HOSTNAME: `localhost:${standIn.port}`,
    ARM_TENANT_ID: "11111111-1111-1111-1111-111111111111",
    ARM_CLIENT_ID: "00000000-0000-0000-0000-000000000002",
    ARM_CLIENT_SECRET: "stand-in",
    ARM_SUBSCRIPTION_ID: "00000000-0000-0000-0000-000000000000",
    ARM_USE_CLI: "false",
    ARM_USE_OIDC: "false",
    ARM_USE_MSI: "false",
    ARM_PROVIDER_ENHANCED_VALIDATION: "false",
  };
}

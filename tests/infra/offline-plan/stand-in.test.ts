import { X509Certificate } from "node:crypto";
import { request } from "node:https";
import { makeCertificate } from "../../../infra/offline-plan/certificate";
import {
  type StandIn,
  standInEnvironment,
  startStandIn,
  unsignedToken,
} from "../../../infra/offline-plan/stand-in";

/** A client that trusts the stand-in's certificate and nothing else. */
function call(
  standIn: StandIn,
  method: string,
  path: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const url = new URL(path, standIn.url);
    const sent = request(url, { method, ca: standIn.certificate, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
    });
    sent.on("error", reject);
    sent.end(method === "POST" ? "grant_type=client_credentials" : undefined);
  });
}

describe("startStandIn", () => {
  let standIn: StandIn;

  beforeEach(async () => {
    standIn = await startStandIn();
  });
  afterEach(() => standIn.close());

  it("answers the metadata that the provider asks for, with itself as every endpoint", async () => {
    const { status, body } = await call(standIn, "GET", "/metadata/endpoints?api-version=2022-09-01");
    expect(status).toBe(200);
    expect(body).toMatchObject({
      resourceManager: standIn.url,
      microsoftGraphResourceId: `${standIn.url}/graph`,
      authentication: { loginEndpoint: standIn.url, identityProvider: "AAD", tenant: "common" },
      suffixes: { keyVaultDns: "vault.azure.net", storage: "core.windows.net" },
    });
    expect(typeof body["name"]).toBe("string");
  });

  it("answers a token request with an unsigned token of the tenant", async () => {
    const { status, body } = await call(standIn, "POST", "/tenant-1/oauth2/v2.0/token");
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: "Bearer", expires_in: 3600 });
    const [head, claims, signature] = String(body["access_token"]).split(".");
    const decode = (part: string | undefined) =>
      JSON.parse(Buffer.from(part ?? "", "base64url").toString("utf8"));
    expect(decode(head)).toMatchObject({ alg: "none" });
    expect(decode(claims)).toMatchObject({ tid: "tenant-1", aud: standIn.url });
    expect(decode(claims).exp - decode(claims).iat).toBe(3600);
    expect(signature).toBe("");
  });

  it("answers nothing else, and remembers what was asked", async () => {
    expect((await call(standIn, "GET", "/subscriptions/s/resourceGroups/g")).status).toBe(404);
    expect((await call(standIn, "GET", "/t/oauth2/v2.0/token")).status).toBe(404);
    expect(standIn.requests.map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
      "GET /subscriptions/s/resourceGroups/g 404",
      "GET /t/oauth2/v2.0/token 404",
    ]);
  });

  it("listens on this machine alone, at a free port", async () => {
    const other = await startStandIn();
    expect(other.port).not.toBe(standIn.port);
    await other.close();
  });

  it("names itself in the providers' environment, without a secret of anybody", () => {
    const environment = standInEnvironment(standIn, "/tmp/ca.pem");
    expect(environment).toMatchObject({
      ARM_METADATA_HOSTNAME: `localhost:${standIn.port}`,
      ARM_USE_CLI: "false",
      ARM_PROVIDER_ENHANCED_VALIDATION: "false",
      SSL_CERT_FILE: "/tmp/ca.pem",
    });
    for (const name of ["ARM_TENANT_ID", "ARM_CLIENT_ID", "ARM_CLIENT_SECRET", "ARM_SUBSCRIPTION_ID"]) {
      expect(environment[name]).toBeTruthy();
    }
  });
});

describe("makeCertificate", () => {
  it("is for localhost, signed by itself, valid now and not for long", () => {
    const certificate = new X509Certificate(makeCertificate(60).certificate);
    expect(certificate.checkHost("localhost")).toBe("localhost");
    expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.ca).toBe(true);
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now());
    expect(Date.parse(certificate.validTo)).toBeLessThanOrEqual(Date.now() + 61 * 60_000);
  });

  it("is another one each time", () => {
    expect(makeCertificate().key).not.toBe(makeCertificate().key);
  });
});

describe("unsignedToken", () => {
  it("ends with an empty signature", () => {
    expect(unsignedToken("t", "a", 0)).toMatch(/^[\w-]+\.[\w-]+\.$/);
  });
});

import { generateKeyPairSync, randomBytes, sign, X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { der } from "./der";

/** The server's certificate in the hub's folder; devices name it as their CA. */
export const certificateFileName = "server.crt";

export interface ServerCertificate {
  readonly keyPem: string;
  readonly certificatePem: string;
  /** File that clients pass as `ca`; the certificate is its own authority. */
  readonly caFile: string;
}

const oids = {
  commonName: "2.5.4.3",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  keyUsage: "2.5.29.15",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
} as const;

const validYears = 10;

/** Returns a new self-signed certificate for `localhost`, `127.0.0.1` and `::1`, with its key, both as PEM. */
export function issueCertificate(now = new Date()): {
  readonly keyPem: string;
  readonly certificatePem: string;
} {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = der.sequence(der.oid(oids.ecdsaWithSha256));
  const name = der.sequence(der.set(der.sequence(der.oid(oids.commonName), der.utf8("localhost"))));
  const notBefore = new Date(now.getTime() - 24 * 3600_000);
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + validYears);
  const extension = (oid: string, critical: boolean, value: Uint8Array) =>
    der.sequence(der.oid(oid), der.boolean(critical), der.octetString(value));
  const alternativeNames = der.sequence(
    der.implicit(2, Buffer.from("localhost")),
    der.implicit(7, Buffer.from([127, 0, 0, 1])),
    der.implicit(7, Buffer.from([...new Array(15).fill(0), 1])),
  );
  // Bits 0 (digitalSignature) and 5 (keyCertSign): clients take the certificate as its own authority.
  const keyUsage = der.bitString(Buffer.from([0b1000_0100]), 2);
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x7f) | 0x01;
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))),
    der.integer(serial),
    algorithm,
    name,
    der.sequence(der.time(notBefore), der.time(notAfter)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der.explicit(
      3,
      der.sequence(
        extension(oids.basicConstraints, true, der.sequence(der.boolean(true))),
        extension(oids.keyUsage, true, keyUsage),
        extension(oids.extendedKeyUsage, false, der.sequence(der.oid(oids.serverAuth))),
        extension(oids.subjectAltName, false, alternativeNames),
      ),
    ),
  );
  const signature = sign("sha256", toBeSigned, privateKey);
  const certificate = der.sequence(toBeSigned, algorithm, der.bitString(signature));
  const base64 = certificate
    .toString("base64")
    .replace(/(.{64})/g, "$1\n")
    .trimEnd();
  return {
    keyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificatePem: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  };
}

function usable(certificatePem: string): boolean {
  try {
    return Date.parse(new X509Certificate(certificatePem).validTo) > Date.now() + 24 * 3600_000;
  } catch {
    return false;
  }
}

/** Returns the folder's certificate, issued at the first start and again when it is damaged or about to expire. */
export function serverCertificate(folder: string): ServerCertificate {
  mkdirSync(folder, { recursive: true });
  const keyFile = join(folder, "server.key");
  const caFile = join(folder, certificateFileName);
  if (existsSync(keyFile) && existsSync(caFile)) {
    const certificatePem = readFileSync(caFile, "utf8");
    if (usable(certificatePem)) return { keyPem: readFileSync(keyFile, "utf8"), certificatePem, caFile };
  }
  const issued = issueCertificate();
  // The certificate is written last: a kill between the two leaves none, and the next start issues both.
  writeFileSync(`${keyFile}.new`, issued.keyPem, { mode: 0o600 });
  writeFileSync(`${caFile}.new`, issued.certificatePem);
  renameSync(`${keyFile}.new`, keyFile);
  renameSync(`${caFile}.new`, caFile);
  return { ...issued, caFile };
}

import { createSign, generateKeyPairSync, randomBytes } from "node:crypto";

/** DER, as far as one certificate needs it. */
const tlv = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const length =
    body.length < 0x80
      ? Buffer.from([body.length])
      : body.length < 0x100
        ? Buffer.from([0x81, body.length])
        : Buffer.from([0x82, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([Buffer.from([tag]), length, body]);
};
const sequence = (...parts: readonly Buffer[]): Buffer => tlv(0x30, ...parts);
const identifier = (...bytes: readonly number[]): Buffer => tlv(0x06, Buffer.from(bytes));
const time = (date: Date): Buffer =>
  tlv(0x18, Buffer.from(date.toISOString().replaceAll(/[-:T]|\.\d+/g, ""), "ascii"));
const extension = (id: Buffer, value: Buffer): Buffer => sequence(id, tlv(0x04, value));

const ecdsaWithSha256 = sequence(identifier(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));

/** A key and its own certificate for `localhost`, for one run; nothing else ever trusts it. */
export function makeCertificate(validMinutes = 240): { readonly key: string; readonly certificate: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = sequence(
    tlv(0x31, sequence(identifier(0x55, 0x04, 0x03), tlv(0x0c, Buffer.from("localhost", "utf8")))),
  );
  const now = Date.now();
  const serial = randomBytes(8);
  // A positive number whose first byte is no padding.
  serial[0] = (serial[0]! & 0x3f) | 0x40;
  const alternativeNames = sequence(
    tlv(0x82, Buffer.from("localhost", "ascii")),
    tlv(0x87, Buffer.from([127, 0, 0, 1])),
  );
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, serial),
    ecdsaWithSha256,
    name,
    sequence(time(new Date(now - 300_000)), time(new Date(now + validMinutes * 60_000))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tlv(
      0xa3,
      sequence(
        extension(identifier(0x55, 0x1d, 0x11), alternativeNames),
        extension(identifier(0x55, 0x1d, 0x13), sequence(tlv(0x01, Buffer.from([0xff])))),
        extension(
          identifier(0x55, 0x1d, 0x25),
          sequence(identifier(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01)),
        ),
      ),
    ),
  );
  const signature = createSign("sha256").update(body).sign(privateKey);
  const der = sequence(body, ecdsaWithSha256, tlv(0x03, Buffer.from([0]), signature));
  const lines = der
    .toString("base64")
    .match(/.{1,64}/g)!
    .join("\n");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}

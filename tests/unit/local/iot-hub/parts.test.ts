import { createPrivateKey, X509Certificate } from "node:crypto";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { issueCertificate, serverCertificate } from "../../../../local/iot-hub/certificate";
import { type DeviceRecord, DeviceStore } from "../../../../local/iot-hub/device-store";
import { decodePropertyBag, encodePropertyBag } from "../../../../local/iot-hub/property-bag";
import { createSasToken, deriveDeviceKey, verifySasToken } from "../../../../local/iot-hub/sas";
import { mergePatch, newTwin } from "../../../../local/iot-hub/twin";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "iot-hub-parts-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("serverCertificate", () => {
  it("issues a certificate for this machine's names that its key belongs to", () => {
    for (let n = 0; n < 20; n += 1) {
      const { certificatePem, keyPem } = issueCertificate();
      const certificate = new X509Certificate(certificatePem);
      expect(certificate.subjectAltName).toBe(
        "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
      );
      expect(certificate.checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
      expect(certificate.verify(certificate.publicKey)).toBe(true);
      expect(certificate.ca).toBe(true);
      expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now() + 9 * 365 * 86_400_000);
    }
  });

  it("keeps it, and replaces a damaged one", () => {
    const first = serverCertificate(folder);
    expect(serverCertificate(folder)).toEqual(first);
    writeFileSync(first.caFile, "damaged");
    expect(serverCertificate(folder).certificatePem).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
  });
});

describe("verifySasToken", () => {
  const key = Buffer.alloc(32, 1).toString("base64");
  const other = Buffer.alloc(32, 2).toString("base64");
  const now = Date.parse("2026-01-05T08:00:00Z");
  const token = createSasToken("localhost:8883/devices/press-0001", key, now + 60_000);

  it.each([
    ["the right key", token, "devices/press-0001", [other, key], now, "accepted"],
    ["another key", token, "devices/press-0001", [other], now, "wrong key"],
    ["no key", token, "devices/press-0001", [], now, "wrong key"],
    ["another device", token, "devices/press-0002", [key], now, "wrong resource"],
    ["a longer name", token, "devices/press-00011", [key], now, "wrong resource"],
    ["its last moment", token, "devices/press-0001", [key], now + 59_999, "accepted"],
    ["after its end", token, "devices/press-0001", [key], now + 60_000, "token expired"],
    ["an empty text", "", "devices/press-0001", [key], now, "token unreadable"],
    ["broken encoding", "SharedAccessSignature sr=%&sig=%&se=1", "devices/x", [key], now, "token unreadable"],
    [
      "a changed end",
      token.replace(/se=\d+/, "se=9999999999"),
      "devices/press-0001",
      [key],
      now,
      "wrong key",
    ],
  ])("decides on %s", (_what, text, path, keys, nowMs, expected) => {
    const verdict = verifySasToken(text, path, keys, nowMs);
    expect(verdict.accepted ? "accepted" : verdict.refusal).toBe(expected);
  });

  it("takes a token of the whole hub for any device", () => {
    const whole = createSasToken("localhost:8883", key, now + 1000, "iothubowner");
    expect(verifySasToken(whole, "devices/press-0001", [key], now).accepted).toBe(true);
  });

  it("derives a key of its own for each device", () => {
    expect(deriveDeviceKey(key, "a")).not.toBe(deriveDeviceKey(key, "b"));
    expect(deriveDeviceKey(key, "a")).toBe(deriveDeviceKey(key, "a"));
  });
});

describe("property bag", () => {
  it("comes back from a topic as it went in", () => {
    const text = fc.string({ unit: "binary" }).map((value) => Buffer.from(value).toString());
    const name = text.filter((value) => value !== "" && !value.startsWith("$."));
    fc.assert(
      fc.property(fc.dictionary(name, text), text, (application, messageId) => {
        const bag = { system: { messageId }, application };
        const decoded = decodePropertyBag(encodePropertyBag(bag));
        expect(decoded.system).toEqual(bag.system);
        expect({ ...decoded.application }).toEqual({ ...application });
      }),
    );
  });

  it.each([
    ["", {}, {}],
    ["?a=1", {}, { a: "1" }],
    ["a&b=&=c", {}, { a: "", b: "", "": "c" }],
    ["%24.mid=m&%24.ct=application%2Fjson&%24.x=1", { messageId: "m", contentType: "application/json" }, {}],
  ])("reads %p", (text, system, application) => {
    expect(decodePropertyBag(text)).toEqual({ system, application });
  });
});

describe("mergePatch", () => {
  it.each([
    [{ a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    [{ a: 1 }, { a: null }, {}],
    [{ a: { b: 1, c: 2 } }, { a: { b: null } }, { a: { c: 2 } }],
    [{ a: 1 }, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
    [{ a: { b: 1 } }, { a: [1] }, { a: [1] }],
    [{ a: 1 }, { $version: 9 }, { a: 1 }],
  ])("%j with %j is %j", (document, patch, expected) => {
    expect(mergePatch(document, patch)).toEqual(expected);
  });

  it("touches no prototype", () => {
    mergePatch({}, JSON.parse('{"__proto__":{"polluted":1}}'));
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe("DeviceStore", () => {
  const record = (deviceId: string, tag = 0): DeviceRecord => ({
    deviceId,
    primaryKey: "a",
    secondaryKey: "b",
    enabled: true,
    generationId: "1",
    twin: { ...newTwin("2026-01-05T08:00:00.000Z"), tags: { tag } },
    cloudToDevice: [],
    session: null,
  });

  it("holds the last state of each device over a restart, a torn line excepted", () => {
    const store = new DeviceStore(folder);
    store.put(record("a"), record("b"));
    store.put(record("a", 2));
    store.delete("b");
    store.close();
    appendFileSync(join(folder, "devices.ndjson"), '{"deviceId":"c","prim');
    const again = new DeviceStore(folder);
    expect([...again.all()]).toEqual([record("a", 2)]);
    again.put(record("d"));
    again.close();
    const last = new DeviceStore(folder);
    expect([...last.all()].map(({ deviceId }) => deviceId)).toEqual(["a", "d"]);
    last.close();
  });

  it("drops outdated lines when it starts", () => {
    const store = new DeviceStore(folder);
    for (let n = 0; n < 50; n += 1) store.put(record("a", n));
    store.close();
    new DeviceStore(folder).close();
    expect(readFileSync(join(folder, "devices.ndjson"), "utf8").trimEnd().split("\n")).toHaveLength(1);
  });
});

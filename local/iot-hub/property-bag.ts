/** System properties of a message as MQTT topics carry them, with the names they have inside the platform. */
const systemNames = {
  "$.mid": "messageId",
  "$.cid": "correlationId",
  "$.uid": "userId",
  "$.ct": "contentType",
  "$.ce": "contentEncoding",
  "$.ctime": "creationTimeUtc",
  "$.to": "to",
  "$.exp": "expiryTimeUtc",
} as const;

type SystemTopicName = keyof typeof systemNames;
export type SystemProperties = { -readonly [K in SystemTopicName as (typeof systemNames)[K]]?: string };

export interface PropertyBag {
  readonly system: SystemProperties;
  readonly application: Readonly<Record<string, string>>;
}

/**
 * Reads the property bag at the end of a topic: URL-encoded pairs joined by `&`. A pair without a value has the empty
 * text. Unknown `$.` names are dropped, as no client may invent system properties.
 *
 * @throws {URIError} when the encoding is broken
 */
export function decodePropertyBag(text: string): PropertyBag {
  const system: SystemProperties = {};
  // Names come from devices: no prototype that one of them could touch.
  const application: Record<string, string> = Object.create(null);
  for (const pair of text.replace(/^\?/, "").split("&")) {
    if (pair === "") continue;
    const at = pair.indexOf("=");
    const name = decodeURIComponent(at < 0 ? pair : pair.slice(0, at));
    const value = at < 0 ? "" : decodeURIComponent(pair.slice(at + 1));
    if (Object.hasOwn(systemNames, name)) system[systemNames[name as SystemTopicName]] = value;
    else if (!name.startsWith("$.")) application[name] = value;
  }
  return { system, application };
}

/** Returns the bag as the tail of a topic. */
export function encodePropertyBag(bag: PropertyBag): string {
  const pairs: string[] = [];
  for (const [topicName, name] of Object.entries(systemNames)) {
    const value = bag.system[name];
    if (value !== undefined) pairs.push(`${encodeURIComponent(topicName)}=${encodeURIComponent(value)}`);
  }
  for (const [name, value] of Object.entries(bag.application)) {
    pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  }
  return pairs.join("&");
}

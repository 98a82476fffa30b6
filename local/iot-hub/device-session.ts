import type { IConnectPacket, IPublishPacket, ISubscribePacket } from "mqtt-packet";
import { HubError } from "./hub-error";
import type { IotHub, MethodCall, MethodResult } from "./iot-hub";
import {
  type ConnectVerdict,
  connectReturnCodes,
  type MqttConnection,
  type MqttHandler,
} from "./mqtt-connection";
import { decodePropertyBag, encodePropertyBag } from "./property-bag";
import { verifySasToken } from "./sas";
import { isTwinDocument } from "./twin";

/** The service's limit of a device-to-cloud message: body and properties. */
export const messageLimitBytes = 256 * 1024;

const longestTimerMs = 2 ** 31 - 1;
const refusedFilter = 0x80;
const subscribable = [
  /^devices\/([^/]+)\/messages\/devicebound\/#$/,
  /^\$iothub\/twin\/res\/#$/,
  /^\$iothub\/twin\/PATCH\/properties\/desired\/#$/,
  /^\$iothub\/methods\/POST\/#$/,
];

interface PendingMethod {
  readonly resolve: (result: MethodResult) => void;
  readonly timer: NodeJS.Timeout;
}

/** One device's conversation with the hub: what its topics mean. */
export class DeviceSession implements MqttHandler {
  readonly #hub: IotHub;
  connection: MqttConnection | undefined;
  #deviceId: string | undefined;
  #persistent = false;
  #filters: Record<string, 0 | 1> = {};
  #will: { readonly topic: string; readonly body: Buffer } | undefined;
  #tokenTimer: NodeJS.Timeout | undefined;
  /** The message from the cloud that is on its way, by packet id. */
  #delivering: { readonly packetId: number; readonly id: string } | undefined;
  readonly #methods = new Map<string, PendingMethod>();
  #nextRequestId = 1;

  constructor(hub: IotHub) {
    this.#hub = hub;
  }

  connect(packet: IConnectPacket): ConnectVerdict {
    const refuse = (returnCode: number, detail: string): ConnectVerdict => {
      this.#hub.refuse("connect", packet.clientId, detail);
      return { returnCode };
    };
    // The user name is `{host}/{deviceId}/?api-version=...`.
    const [, userDevice] = (packet.username ?? "").split("/");
    if (userDevice === undefined || userDevice !== packet.clientId) {
      return refuse(connectReturnCodes.notAuthorized, "client id and user name do not name the same device");
    }
    const record = this.#hub.store.get(packet.clientId);
    if (record === undefined) return refuse(connectReturnCodes.notAuthorized, "unknown device");
    if (!record.enabled) return refuse(connectReturnCodes.notAuthorized, "device is disabled");
    const verdict = verifySasToken(
      packet.password?.toString("utf8") ?? "",
      `devices/${record.deviceId}`,
      [record.primaryKey, record.secondaryKey],
      Date.now(),
    );
    if (!verdict.accepted) return refuse(connectReturnCodes.notAuthorized, verdict.refusal);
    if (packet.will !== undefined) {
      this.#will = { topic: packet.will.topic, body: Buffer.from(packet.will.payload) };
    }
    this.#deviceId = record.deviceId;
    this.#persistent = packet.clean === false;
    const kept = this.#persistent ? record.session : null;
    this.#filters = { ...kept };
    if (!this.#persistent && record.session !== null) this.#hub.store.put({ ...record, session: null });
    this.#tokenTimer = setTimeout(
      () => this.connection?.close(),
      Math.min(verdict.expiresAtMs - Date.now(), longestTimerMs),
    );
    this.#tokenTimer.unref();
    this.#hub.enter(record.deviceId, this);
    return { returnCode: connectReturnCodes.accepted, sessionPresent: kept !== null };
  }

  publish(packet: IPublishPacket): Promise<void> | undefined {
    const { topic } = packet;
    const body = Buffer.from(packet.payload);
    const deviceId = this.#deviceId!;
    const events = `devices/${deviceId}/messages/events`;
    if (topic === events || topic.startsWith(`${events}/`)) {
      return this.#telemetry(topic.slice(events.length + 1), body, packet.retain);
    }
    const twinRequest = /^\$iothub\/twin\/(GET|PATCH\/properties\/reported)\/?\?\$rid=([^&]*)/.exec(topic);
    if (twinRequest !== null) {
      this.#twin(twinRequest[1] === "GET", twinRequest[2]!, body);
      return undefined;
    }
    const answer = /^\$iothub\/methods\/res\/(-?\d+)\/?\?\$rid=([^&]*)/.exec(topic);
    if (answer !== null) {
      this.#methodAnswered(Number(answer[1]), answer[2]!, body);
      return undefined;
    }
    this.#hub.refuse("topic", deviceId, `topic "${topic.slice(0, 200)}" is not one a device may write to`);
    return Promise.reject(new Error("topic refused"));
  }

  subscribe(packet: ISubscribePacket): readonly number[] {
    const granted = packet.subscriptions.map(({ topic, qos }) => {
      const match = subscribable.map((pattern) => pattern.exec(topic)).find((found) => found !== null);
      if (match === undefined || match === null || (match[1] !== undefined && match[1] !== this.#deviceId)) {
        this.#hub.refuse("topic", this.#deviceId!, `topic filter "${topic.slice(0, 200)}" is not offered`);
        return refusedFilter;
      }
      const level = qos === 0 ? 0 : 1;
      this.#filters[topic] = level;
      return level;
    });
    this.#keepSession();
    return granted;
  }

  subscribed(): void {
    this.deliver();
  }

  unsubscribe(filters: readonly string[]): void {
    for (const filter of filters) delete this.#filters[filter];
    this.#keepSession();
  }

  acknowledged(messageId: number): void {
    if (this.#delivering?.packetId !== messageId) return;
    this.#hub.completeForDevice(this.#deviceId!, this.#delivering.id);
    this.#delivering = undefined;
    this.deliver();
  }

  closed(graceful: boolean): void {
    clearTimeout(this.#tokenTimer);
    for (const { resolve, timer } of this.#methods.values()) {
      clearTimeout(timer);
      resolve({ status: 0, payload: null });
    }
    this.#methods.clear();
    if (this.#deviceId === undefined) return;
    if (!graceful && this.#will !== undefined) this.#sendWill(this.#deviceId, this.#will);
    this.#hub.leave(this.#deviceId, this);
  }

  /** Sends the oldest waiting message from the cloud, one at a time, when the device listens for them. */
  deliver(): void {
    if (this.connection === undefined || !this.connection.open || this.#delivering !== undefined) return;
    const deviceId = this.#deviceId!;
    const qos = this.#filters[`devices/${deviceId}/messages/devicebound/#`];
    if (qos === undefined) return;
    const message = this.#hub.nextForDevice(deviceId);
    if (message === undefined) return;
    const bag = encodePropertyBag({
      system: {
        ...message.properties.system,
        messageId: message.id,
        to: `/devices/${deviceId}/messages/deviceBound`,
      },
      application: message.properties.application,
    });
    const body = Buffer.from(message.bodyBase64, "base64");
    const packetId = this.connection.publish(`devices/${deviceId}/messages/devicebound/${bag}`, body, qos);
    if (packetId === undefined) {
      this.#hub.completeForDevice(deviceId, message.id);
      setImmediate(() => this.deliver());
    } else this.#delivering = { packetId, id: message.id };
  }

  desiredChanged(version: number, document: string): void {
    if (this.#filters["$iothub/twin/PATCH/properties/desired/#"] === undefined) return;
    this.connection?.publish(`$iothub/twin/PATCH/properties/desired/?$version=${version}`, document, 0);
  }

  async callMethod(call: MethodCall): Promise<MethodResult> {
    if (this.#filters["$iothub/methods/POST/#"] === undefined) {
      throw new HubError("DeviceNotOnline", `device "${this.#deviceId}" does not listen for methods`);
    }
    const requestId = String(this.#nextRequestId++);
    const result = await new Promise<MethodResult | undefined>((resolve) => {
      const timer = setTimeout(() => resolve(undefined), call.responseTimeoutMs);
      this.#methods.set(requestId, { resolve, timer });
      this.connection?.publish(
        `$iothub/methods/POST/${encodeURIComponent(call.methodName)}/?$rid=${requestId}`,
        JSON.stringify(call.payload ?? null),
        0,
      );
    });
    this.#methods.delete(requestId);
    if (result === undefined) {
      throw new HubError("GatewayTimeout", `device "${this.#deviceId}" did not answer in time`);
    }
    if (result.status === 0 && !this.connection?.open) {
      throw new HubError("DeviceNotOnline", `device "${this.#deviceId}" went away during the call`);
    }
    return result;
  }

  async #telemetry(encodedBag: string, body: Buffer, retain: boolean): Promise<void> {
    const deviceId = this.#deviceId!;
    if (body.length + encodedBag.length > messageLimitBytes) {
      this.#hub.refuse("oversize", deviceId, `message of ${body.length} bytes exceeds ${messageLimitBytes}`);
      throw new Error("message too large");
    }
    const bag = decodePropertyBag(encodedBag);
    const application = retain ? { ...bag.application, "mqtt-retain": "true" } : bag.application;
    await this.#hub.sendToRoutes(this.#hub.device(deviceId), { system: bag.system, application }, body);
  }

  #sendWill(deviceId: string, will: { readonly topic: string; readonly body: Buffer }): void {
    const events = `devices/${deviceId}/messages/events`;
    const record = this.#hub.store.get(deviceId);
    if (record === undefined || !will.topic.startsWith(events) || will.body.length > messageLimitBytes)
      return;
    const send = async () => {
      const bag = decodePropertyBag(will.topic.slice(events.length + 1));
      const application = { ...bag.application, "iothub-MessageType": "Will" };
      await this.#hub.sendToRoutes(record, { system: bag.system, application }, will.body);
    };
    send().catch((error) => this.#hub.refuse("topic", deviceId, `will not sent: ${error}`));
  }

  #twin(get: boolean, requestId: string, body: Buffer): void {
    const reply = (status: number, payload: string, version?: number) => {
      const suffix = version === undefined ? "" : `&$version=${version}`;
      this.connection?.publish(`$iothub/twin/res/${status}/?$rid=${requestId}${suffix}`, payload, 0);
    };
    const fail = (error: HubError) =>
      reply(error.status, JSON.stringify({ errorCode: error.code, message: error.message }));
    try {
      if (get) {
        reply(200, JSON.stringify(this.#hub.twinForDevice(this.#deviceId!)));
        return;
      }
      let patch: unknown;
      try {
        patch = JSON.parse(body.toString("utf8"));
      } catch {
        patch = undefined;
      }
      if (!isTwinDocument(patch)) {
        throw new HubError("ArgumentInvalid", "the reported properties are not a JSON object");
      }
      reply(204, "", this.#hub.patchReported(this.#deviceId!, patch));
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      fail(error);
    }
  }

  #methodAnswered(status: number, requestId: string, body: Buffer): void {
    const pending = this.#methods.get(requestId);
    if (pending === undefined) return;
    clearTimeout(pending.timer);
    let payload: unknown = null;
    try {
      payload = body.length === 0 ? null : JSON.parse(body.toString("utf8"));
    } catch {
      payload = body.toString("utf8");
    }
    pending.resolve({ status, payload });
  }

  #keepSession(): void {
    const record = this.#hub.store.get(this.#deviceId!);
    if (this.#persistent && record !== undefined) {
      this.#hub.store.put({ ...record, session: { ...this.#filters } });
    }
  }
}

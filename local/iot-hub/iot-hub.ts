import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import type { LogClient } from "../event-hubs/log-api";
import type { Clock } from "../process/clock";
import { AppendQueue } from "./append-queue";
import { DeviceSession } from "./device-session";
import type { CloudToDeviceMessage, DeviceRecord, DeviceStore } from "./device-store";
import { HubError } from "./hub-error";
import { telemetryEvent } from "./message-annotations";
import { MqttConnection } from "./mqtt-connection";
import type { PropertyBag } from "./property-bag";
import { newTwin, patchSection, sectionForDevice, type Twin, type TwinDocument } from "./twin";

export interface IotHubRoute {
  readonly name: string;
  readonly source: string;
  readonly condition: string;
  readonly hub: string;
}

export interface IotHubOptions {
  readonly clock: Clock;
  readonly log: Pick<LogClient, "append">;
  readonly store: DeviceStore;
  readonly routes: readonly IotHubRoute[];
  /** Told what was refused: `connect`, `oversize` or `topic`. */
  readonly onRefused: (what: RefusedKind, deviceId: string, detail: string) => void;
  readonly onWarning: (text: string, error: unknown) => void;
}

export type RefusedKind = "connect" | "oversize" | "topic";

export interface MethodCall {
  readonly methodName: string;
  readonly payload: unknown;
  /** How long an absent device may take to connect, wall ms. */
  readonly connectTimeoutMs: number;
  /** How long the device may take to answer, wall ms. */
  readonly responseTimeoutMs: number;
}

export interface MethodResult {
  readonly status: number;
  readonly payload: unknown;
}

/** Messages that wait for one device at most, as in the service. */
const cloudToDeviceQueueLimit = 50;
const twinLimitBytes = 32 * 1024;
const latencySamplesKept = 2_000;

/** The hub's state and its operations; the device protocol and the service API are faces of it. */
export class IotHub {
  readonly clock: Clock;
  readonly store: DeviceStore;
  readonly #options: IotHubOptions;
  readonly #queues: readonly AppendQueue[];
  readonly #sessions = new Map<string, DeviceSession>();
  readonly #connections = new Set<MqttConnection>();
  readonly #connectWaiters = new Map<string, Set<() => void>>();
  #latenciesMs: number[] = [];
  readonly counters = {
    messages: 0,
    bytes: 0,
    refused: 0,
    oversize: 0,
    connects: 0,
    appendRetries: 0,
    twinUpdates: 0,
    methodCalls: 0,
    cloudToDevice: 0,
  };

  constructor(options: IotHubOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.store = options.store;
    const hubs = new Set<string>();
    for (const route of options.routes) {
      if (route.source !== "DeviceMessages" || route.condition !== "true") {
        throw new RangeError(
          `route "${route.name}": the local hub offers source DeviceMessages with condition true only`,
        );
      }
      hubs.add(route.hub);
    }
    this.#queues = [...hubs].map(
      (hub) =>
        new AppendQueue({
          log: options.log,
          hub,
          onRetry: (error) => {
            this.counters.appendRetries += 1;
            options.onWarning(`append to hub "${hub}" failed and is tried again`, error);
          },
          onAppended: (latencyMs) => {
            if (this.#latenciesMs.length < latencySamplesKept) this.#latenciesMs.push(latencyMs);
          },
        }),
    );
  }

  get connectedDevices(): number {
    return this.#sessions.size;
  }

  get waitingAppends(): number {
    return this.#queues.reduce((sum, queue) => sum + queue.length, 0);
  }

  takeLatenciesMs(): readonly number[] {
    const taken = this.#latenciesMs;
    this.#latenciesMs = [];
    return taken;
  }

  /** Serves one device connection that has passed TLS. */
  accept(stream: Duplex): void {
    const session = new DeviceSession(this);
    const connection = new MqttConnection(stream, session);
    session.connection = connection;
    this.#connections.add(connection);
    stream.once("close", () => this.#connections.delete(connection));
  }

  refuse(what: RefusedKind, deviceId: string, detail: string): void {
    if (what === "oversize") this.counters.oversize += 1;
    this.counters.refused += 1;
    this.#options.onRefused(what, deviceId, detail);
  }

  /** Makes the session the device's only one; an older connection of the device is closed, as in the service. */
  enter(deviceId: string, session: DeviceSession): void {
    const older = this.#sessions.get(deviceId);
    this.#sessions.set(deviceId, session);
    older?.connection?.close();
    this.counters.connects += 1;
    for (const wake of this.#connectWaiters.get(deviceId) ?? []) wake();
  }

  leave(deviceId: string, session: DeviceSession): void {
    if (this.#sessions.get(deviceId) === session) this.#sessions.delete(deviceId);
  }

  isConnected(deviceId: string): boolean {
    return this.#sessions.has(deviceId);
  }

  /** Resolves when the message is durable in every hub that a route names. */
  async sendToRoutes(record: DeviceRecord, bag: PropertyBag, body: Buffer): Promise<void> {
    const event = telemetryEvent(record, bag, body, this.clock.now());
    await Promise.all(this.#queues.map((queue) => queue.append(event)));
    this.counters.messages += 1;
    this.counters.bytes += body.length;
  }

  /** Returns the device. @throws {HubError} DeviceNotFound */
  device(deviceId: string): DeviceRecord {
    const record = this.store.get(deviceId);
    if (record === undefined) throw new HubError("DeviceNotFound", `device "${deviceId}" is not registered`);
    return record;
  }

  /** Returns a record of a device that has never connected. */
  newDevice(deviceId: string, primaryKey: string, secondaryKey: string): DeviceRecord {
    return {
      deviceId,
      primaryKey,
      secondaryKey,
      enabled: true,
      generationId: String(this.clock.now()),
      twin: newTwin(this.nowIso()),
      cloudToDevice: [],
      session: null,
    };
  }

  /** Replaces what the registry says of a device; one that may no longer connect is disconnected. */
  putDevice(record: DeviceRecord): void {
    const before = this.store.get(record.deviceId);
    this.store.put(record);
    if (before === undefined) return;
    const keysChanged =
      before.primaryKey !== record.primaryKey || before.secondaryKey !== record.secondaryKey;
    if (!record.enabled || keysChanged) this.#sessions.get(record.deviceId)?.connection?.close();
  }

  deleteDevice(deviceId: string): void {
    this.device(deviceId);
    this.store.delete(deviceId);
    this.#sessions.get(deviceId)?.connection?.close();
  }

  /** Applies the device's patch; returns the new version. */
  patchReported(deviceId: string, patch: TwinDocument): number {
    const record = this.device(deviceId);
    const reported = patchSection(record.twin.reported, patch, this.nowIso());
    this.#putTwin(record, { ...record.twin, reported });
    return reported.version;
  }

  /** Applies the service's patch of tags and desired properties and tells the device. */
  patchTwin(
    deviceId: string,
    patch: {
      readonly tags?: TwinDocument | undefined;
      readonly desired?: TwinDocument | undefined;
    },
    mergeTags: (current: TwinDocument, patch: TwinDocument) => TwinDocument,
  ): DeviceRecord {
    const record = this.device(deviceId);
    const { twin } = record;
    const desired =
      patch.desired === undefined ? twin.desired : patchSection(twin.desired, patch.desired, this.nowIso());
    const tags = patch.tags === undefined ? twin.tags : mergeTags(twin.tags, patch.tags);
    this.#putTwin(record, { ...twin, desired, tags, version: twin.version + 1 });
    if (patch.desired !== undefined) {
      const message = { ...patch.desired, $version: desired.version };
      this.#sessions.get(deviceId)?.desiredChanged(desired.version, JSON.stringify(message));
    }
    return this.device(deviceId);
  }

  twinForDevice(deviceId: string): TwinDocument {
    const { twin } = this.device(deviceId);
    return { desired: sectionForDevice(twin.desired), reported: sectionForDevice(twin.reported) };
  }

  /** Queues a message for the device; returns its id once it is on disk. @throws {HubError} when the queue is full */
  sendToDevice(
    deviceId: string,
    body: Buffer,
    properties: PropertyBag,
    expiresMs: number | null = null,
  ): string {
    const record = this.device(deviceId);
    const waiting = this.#unexpired(record);
    if (waiting.length >= cloudToDeviceQueueLimit) {
      throw new HubError(
        "DeviceMaximumQueueDepthExceeded",
        `device "${deviceId}" has ${cloudToDeviceQueueLimit} messages waiting`,
      );
    }
    const message: CloudToDeviceMessage = {
      id: properties.system.messageId ?? randomUUID(),
      bodyBase64: body.toString("base64"),
      properties,
      enqueuedMs: this.clock.now(),
      expiresMs,
    };
    this.store.put({ ...record, cloudToDevice: [...waiting, message] });
    this.counters.cloudToDevice += 1;
    this.#sessions.get(deviceId)?.deliver();
    return message.id;
  }

  /** Returns the oldest message that waits for the device. */
  nextForDevice(deviceId: string): CloudToDeviceMessage | undefined {
    return this.#unexpired(this.device(deviceId))[0];
  }

  completeForDevice(deviceId: string, id: string): void {
    const record = this.device(deviceId);
    this.store.put({
      ...record,
      cloudToDevice: this.#unexpired(record).filter((message) => message.id !== id),
    });
  }

  /** Calls a method on the device. @throws {HubError} DeviceNotOnline or GatewayTimeout */
  async callMethod(deviceId: string, call: MethodCall): Promise<MethodResult> {
    this.device(deviceId);
    if (!this.isConnected(deviceId) && call.connectTimeoutMs > 0) {
      await this.#connected(deviceId, call.connectTimeoutMs);
    }
    const session = this.#sessions.get(deviceId);
    if (session === undefined) throw new HubError("DeviceNotOnline", `device "${deviceId}" is not connected`);
    this.counters.methodCalls += 1;
    return session.callMethod(call);
  }

  nowIso(): string {
    return new Date(this.clock.now()).toISOString();
  }

  async close(): Promise<void> {
    for (const connection of [...this.#connections]) connection.close();
    await Promise.all(this.#queues.map((queue) => queue.close()));
  }

  #putTwin(record: DeviceRecord, twin: Twin): void {
    for (const document of [twin.desired.properties, twin.reported.properties, twin.tags]) {
      if (Buffer.byteLength(JSON.stringify(document)) > twinLimitBytes) {
        throw new HubError("ArgumentInvalid", `a part of the twin exceeds ${twinLimitBytes} bytes`);
      }
    }
    this.counters.twinUpdates += 1;
    this.store.put({ ...record, twin });
  }

  #unexpired(record: DeviceRecord): readonly CloudToDeviceMessage[] {
    const nowMs = this.clock.now();
    return record.cloudToDevice.filter(({ expiresMs }) => expiresMs === null || expiresMs > nowMs);
  }

  #connected(deviceId: string, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const waiters = this.#connectWaiters.get(deviceId) ?? new Set();
      this.#connectWaiters.set(deviceId, waiters);
      const wake = () => {
        clearTimeout(timer);
        waiters.delete(wake);
        if (waiters.size === 0) this.#connectWaiters.delete(deviceId);
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs);
      waiters.add(wake);
    });
  }
}

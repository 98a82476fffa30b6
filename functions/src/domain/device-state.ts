import type { FactoryTelemetry } from "../../../contracts";
import { checkMessage, type TelemetryMessage } from "./telemetry-message";

/** Latest reading of a device. */
export interface DeviceState extends FactoryTelemetry {
  /** The device's id. */
  readonly id: string;
  /** When the hub took the reading, ISO 8601 UTC. */
  readonly enqueuedTime: string;
}

/** A stored state with the version that a replacement has to name. */
export interface StoredState {
  readonly state: Pick<DeviceState, "id" | "eventTime" | "eventId">;
  readonly etag: string;
}

/** A state to write; without `etag` it must not exist yet. */
export interface StateWrite {
  readonly state: DeviceState;
  readonly etag: string | undefined;
}

/** Where device states are kept. */
export interface DeviceStateStore {
  /** Stored states of these devices; devices without one are left out. */
  read(deviceIds: readonly string[]): Promise<ReadonlyMap<string, StoredState>>;
  /** Writes each state if its etag still holds; returns the new etag, or undefined for each one that lost a race. */
  write(writes: readonly StateWrite[]): Promise<readonly (string | undefined)[]>;
}

const maxRounds = 20;
const maxRemembered = 50_000;

/**
 * Keeps the latest valid reading per device. The state never goes back in event time, whatever the order and number of
 * deliveries, and however many instances run: a write names the version it replaces, and a lost race is decided again.
 * Of readings with equal times the greater eventId stays.
 */
export function updateDeviceStates(
  store: DeviceStateStore,
): (messages: readonly TelemetryMessage[]) => Promise<number> {
  const remembered = new Map<string, StoredState>();

  const remember = (stored: StoredState) => {
    remembered.delete(stored.state.id);
    remembered.set(stored.state.id, stored);
    if (remembered.size > maxRemembered) remembered.delete(remembered.keys().next().value as string);
  };

  return async (messages) => {
    let pending = latestByDevice(messages);
    let written = 0;
    for (let round = 0; pending.size > 0; round++) {
      if (round === maxRounds)
        throw new Error(`${pending.size} device states lost ${maxRounds} races in a row`);
      const unknown = [...pending.keys()].filter((id) => !remembered.has(id));
      const found = unknown.length === 0 ? new Map<string, StoredState>() : await store.read(unknown);
      for (const stored of found.values()) remember(stored);

      const writes: StateWrite[] = [];
      for (const [id, state] of pending) {
        const stored = remembered.get(id);
        if (stored === undefined || isNewer(state, stored.state)) writes.push({ state, etag: stored?.etag });
      }
      if (writes.length === 0) return written;
      const etags = await store.write(writes);
      const lost = new Map<string, DeviceState>();
      writes.forEach(({ state }, index) => {
        const etag = etags[index];
        if (etag === undefined) {
          remembered.delete(state.id);
          lost.set(state.id, state);
        } else {
          remember({ state: { id: state.id, eventTime: state.eventTime, eventId: state.eventId }, etag });
          written++;
        }
      });
      pending = lost;
    }
    return written;
  };
}

/** The newest valid reading of each device in a batch. */
export function latestByDevice(messages: readonly TelemetryMessage[]): Map<string, DeviceState> {
  const latest = new Map<string, DeviceState>();
  for (const message of messages) {
    const validity = checkMessage(message);
    if (!validity.valid) continue;
    const known = latest.get(validity.event.deviceId);
    if (known === undefined || isNewer(validity.event, known)) {
      latest.set(validity.event.deviceId, stateOf(validity.event, message.enqueuedTime));
    }
  }
  return latest;
}

type Moment = Pick<DeviceState, "eventTime" | "eventId">;

/** True when `a` has the later event time; equal times are decided by id. */
export function isNewer(a: Moment, b: Moment): boolean {
  if (a.eventTime !== b.eventTime) {
    const difference = Date.parse(a.eventTime) - Date.parse(b.eventTime);
    if (difference !== 0) return difference > 0;
  }
  return a.eventId > b.eventId;
}

/** Only the fields of the contract: a device may add others, with any size or name. */
function stateOf(event: FactoryTelemetry, enqueuedTime: string): DeviceState {
  return {
    id: event.deviceId,
    eventId: event.eventId,
    schemaVersion: event.schemaVersion,
    eventTime: event.eventTime,
    deviceId: event.deviceId,
    factoryId: event.factoryId,
    lineId: event.lineId,
    temperature: event.temperature,
    vibration: event.vibration,
    pressure: event.pressure,
    powerKw: event.powerKw,
    units: event.units,
    defects: event.defects,
    enqueuedTime,
  };
}

import type { FactoryTelemetry } from "../../contracts";
import type { SimulatedDevice } from "./devices";
import { hash32, Random } from "./random";

const dayMs = 24 * 3600_000;
const minuteMs = 60_000;
/** Share of the wear cycle before a machine shows it, and share at its end that maintenance takes. */
const soundShare = 0.35;
const maintenanceShare = 0.06;
const minutesPerSpike = 300;

export interface ReadingContext {
  readonly seed: number;
  readonly device: SimulatedDevice;
  readonly eventTimeMs: number;
  /** Event time since the device's previous reading, for piece counts. */
  readonly intervalMs: number;
  readonly eventId: string;
}

function rounded(value: number, digits: number, minimum: number, maximum: number): number {
  return Number(Math.min(maximum, Math.max(minimum, value)).toFixed(digits));
}

/** How far wear has gone: 0 sound, towards 1 failing, "stopped" while maintained. */
function wearOf({ device, eventTimeMs }: ReadingContext): number | "stopped" {
  if (device.wear === null) return 0;
  const position = (eventTimeMs / device.wear.periodMs + device.wear.phase) % 1;
  if (position > 1 - maintenanceShare) return "stopped";
  return Math.max(0, (position - soundShare) / (1 - soundShare - maintenanceShare));
}

/** Load of the machine's line, about 0.5 to 1: shifts through the day, slower waves of its own. */
function loadOf({ seed, device, eventTimeMs }: ReadingContext): number {
  const line = Math.floor(device.index / 10);
  const phase = (hash32(seed, line, 201) / 0x1_0000_0000) * 2 * Math.PI;
  const shift = Math.sin(((eventTimeMs % dayMs) / dayMs) * 2 * Math.PI - Math.PI / 2);
  const wave = Math.sin((eventTimeMs / (17 * minuteMs)) * 2 * Math.PI + phase);
  return 0.78 + 0.12 * shift + 0.1 * wave;
}

/** A spike lasts a part of one minute; returns its strength, 0 mostly. */
function spikeOf({ seed, device, eventTimeMs }: ReadingContext): number {
  const minute = Math.floor(eventTimeMs / minuteMs);
  const roll = hash32(seed, device.index, 202, minute);
  if (roll % minutesPerSpike !== 0) return 0;
  const from = (roll >>> 12) % (minuteMs - 12_000);
  const within = eventTimeMs % minuteMs;
  return within >= from && within < from + 12_000 ? 0.6 + ((roll >>> 8) & 15) / 25 : 0;
}

/** Returns what the machine measures at that moment; the same arguments give the same reading. */
export function readingOf(context: ReadingContext): FactoryTelemetry {
  const { seed, device, eventTimeMs, intervalMs, eventId } = context;
  const { kind } = device;
  const random = new Random(hash32(seed, device.index, 203, eventTimeMs));
  const wear = wearOf(context);
  const stopped = wear === "stopped";
  const worn = stopped ? 0 : wear * wear;
  const load = stopped ? 0 : loadOf(context);
  const spike = stopped ? 0 : spikeOf(context);
  const ambient = 21 + 4 * Math.sin(((eventTimeMs % dayMs) / dayMs) * 2 * Math.PI - 2.3);
  const heat = (kind.temperature - 21 + 3 * device.character) * (0.35 + 0.65 * load);
  const expectedPieces = kind.piecesPerMinute * load * (intervalMs / minuteMs);
  const pieces = Math.floor(expectedPieces + random.next());
  const defectChance = 0.004 + 0.09 * worn + 0.05 * spike;
  let defects = 0;
  for (let piece = 0; piece < Math.min(pieces, 200); piece += 1) {
    if (random.next() < defectChance) defects += 1;
  }
  return {
    eventId,
    schemaVersion: 1,
    eventTime: new Date(eventTimeMs).toISOString(),
    deviceId: device.deviceId,
    factoryId: device.factoryId,
    lineId: device.lineId,
    temperature: rounded(ambient + heat + 42 * worn + 30 * spike + 0.6 * random.normal(), 2, -60, 400),
    vibration: rounded(
      kind.vibration * (0.3 + 0.7 * load) * (1 + 0.12 * device.character) +
        11 * worn +
        9 * spike +
        0.12 * random.normal(),
      3,
      0,
      200,
    ),
    pressure: rounded(
      kind.pressure * (0.25 + 0.75 * load) * (1 - 0.18 * worn) + 4 * random.normal(),
      1,
      0,
      5000,
    ),
    powerKw: rounded(
      kind.powerKw * (0.12 + 0.88 * load) * (1 + 0.25 * worn) + 0.2 * random.normal(),
      2,
      0,
      10_000,
    ),
    units: pieces,
    defects,
  };
}

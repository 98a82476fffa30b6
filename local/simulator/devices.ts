import { hash32 } from "./random";

export interface MachineKind {
  readonly name: string;
  /** degC at full load. */
  readonly temperature: number;
  /** mm/s at full load. */
  readonly vibration: number;
  /** kPa at full load. */
  readonly pressure: number;
  readonly powerKw: number;
  /** Pieces per minute at full load. */
  readonly piecesPerMinute: number;
}

/** A simulated machine. */
export interface SimulatedDevice {
  readonly index: number;
  readonly deviceId: string;
  readonly factoryId: string;
  readonly lineId: string;
  readonly kind: MachineKind;
  /** Fixed offset of this machine from its kind, about -1 to 1. */
  readonly character: number;
  /** Null for a sound machine; otherwise how often it wears out until maintenance, and where in the cycle it starts. */
  readonly wear: { readonly periodMs: number; readonly phase: number } | null;
}

const kinds: readonly MachineKind[] = [
  { name: "press", temperature: 62, vibration: 3.2, pressure: 620, powerKw: 22, piecesPerMinute: 18 },
  { name: "lathe", temperature: 54, vibration: 2.4, pressure: 410, powerKw: 11, piecesPerMinute: 9 },
  { name: "robot", temperature: 46, vibration: 1.6, pressure: 550, powerKw: 7, piecesPerMinute: 24 },
  { name: "pump", temperature: 58, vibration: 2.9, pressure: 880, powerKw: 15, piecesPerMinute: 30 },
  { name: "oven", temperature: 182, vibration: 0.8, pressure: 130, powerKw: 64, piecesPerMinute: 12 },
];

const devicesPerLine = 10;
const linesPerFactory = 4;
const oneInWears = 12;

function numbered(prefix: string, number: number, digits: number): string {
  return `${prefix}-${String(number).padStart(digits, "0")}`;
}

/** Returns the machines of a company: lines of ten, factories of four lines, one in twelve machines wearing out. */
export function simulatedDevices(seed: number, count: number): readonly SimulatedDevice[] {
  return Array.from({ length: count }, (_, index) => {
    const line = Math.floor(index / devicesPerLine);
    const kind = kinds[index % kinds.length]!;
    const roll = hash32(seed, index, 101);
    return {
      index,
      deviceId: numbered(kind.name, index + 1, 4),
      factoryId: numbered("fab", Math.floor(line / linesPerFactory) + 1, 2),
      lineId: numbered("line", (line % linesPerFactory) + 1, 2),
      kind,
      character: (roll / 0x1_0000_0000) * 2 - 1,
      wear:
        index % oneInWears === hash32(seed, Math.floor(index / oneInWears), 102) % oneInWears
          ? {
              periodMs: (25 + (hash32(seed, index, 103) % 60)) * 60_000,
              phase: hash32(seed, index, 104) / 0x1_0000_0000,
            }
          : null,
    };
  });
}

/** Returns which devices speak MQTT: the given number, spread evenly over all lines. */
export function mqttDeviceIndexes(deviceCount: number, mqttCount: number): ReadonlySet<number> {
  const taken = Math.min(deviceCount, Math.max(0, Math.floor(mqttCount)));
  return new Set(Array.from({ length: taken }, (_, n) => Math.floor((n * deviceCount) / taken)));
}

/** Devices on MQTT unless told otherwise: one in ten, twenty at most, since the device SDK costs much more per message. */
export function defaultMqttDevices(deviceCount: number): number {
  return Math.min(20, Math.ceil(deviceCount / 10));
}

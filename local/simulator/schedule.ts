import { invalid, malformed } from "./damage";
import { defaultMqttDevices, mqttDeviceIndexes, type SimulatedDevice, simulatedDevices } from "./devices";
import { type FaultFractions, FaultPlan } from "./fault-plan";
import type { Fault, OutgoingMessage, Tick } from "./message";
import { hash32, Random, seededUuid } from "./random";
import { readingOf } from "./reading";

/** What a simulated run depends on; the same options give the same messages. */
export interface ScheduleOptions {
  readonly seed: number;
  /** Originals per wall second. */
  readonly rate: number;
  /** Wall seconds; null goes on without end. */
  readonly forSeconds: number | null;
  /** Event seconds per wall second. */
  readonly speed: number;
  readonly devices: number;
  /** Event time of the start, ms; the first event comes after it. */
  readonly startMs: number;
  /** Fractions of the originals. @default 0 each */
  readonly faults?: Partial<FaultFractions>;
  /** The job's late tolerance in event time, ms. @default 10000 */
  readonly lateToleranceMs?: number;
  /** How many devices speak MQTT. @default one in ten, 20 at most */
  readonly mqttDevices?: number;
  /** Event time between two sends, ms. @default 50 wall ms, at most 1000 */
  readonly tickMs?: number;
}

/** A run that is fixed before it starts: devices and ticks of messages. */
export interface Schedule {
  readonly devices: readonly SimulatedDevice[];
  readonly mqttDeviceIds: readonly string[];
  readonly tickMs: number;
  readonly startMs: number;
  /** Event time of the last possible event and send; Infinity without an end. */
  readonly endMs: number;
  /** Number of originals: rate x forSeconds; Infinity without an end. */
  readonly originals: number;
  /** The ticks from the one after `fromMs` on. @default startMs */
  ticks(fromMs?: number): Generator<Tick, void, undefined>;
}

const minuteMs = 60_000;
/** What an on-time message may be behind its event time, by tick and by the clock's slack; see Sender. */
export const sendSlackMs = 1500;
const lateMarginMs = 2_000;
const longestDelayMs = 60_000;
const shortestDisorderMs = 500;
/** Copies that come after the tolerance. */
const lateCopyShare = 0.15;

/** Event time between two sends, ms, of a schedule that is not told otherwise. */
export function defaultTickMs(speed: number): number {
  return Math.min(1000, Math.max(10, Math.round(speed * 50)));
}

/**
 * Fixes a run before it starts: which message leaves at which moment of event time, with which text. Equal options give
 * equal messages.
 *
 * Original n of N is spread evenly over (startMs, endMs]; a tick at T holds the originals of the tick before T, so nothing
 * is sent before its event time, and one original stands exactly on each whole minute that has any. Faults:
 * - `late` leaves more than the tolerance and a margin of 2 s after its event time, a minute after it at most;
 * - `outOfOrder` leaves later, but at least 4 s within the tolerance;
 * - both only when they can leave before the run ends, otherwise the original stays sound;
 * - `duplicate` is an extra message with the text of a sound original and a message id of its own, most within the
 *   tolerance, some after it;
 * - `malformed` and `invalid` replace the text in place.
 */
export function createSchedule(options: ScheduleOptions): Schedule {
  const { seed, rate, forSeconds, speed, startMs } = options;
  if (!(rate > 0) || !(speed > 0) || !(options.devices >= 1)) {
    throw new RangeError("rate, speed and devices must be greater than 0");
  }
  const devices = simulatedDevices(seed, options.devices);
  const onMqtt = mqttDeviceIndexes(devices.length, options.mqttDevices ?? defaultMqttDevices(devices.length));
  const tickMs = options.tickMs ?? defaultTickMs(speed);
  const toleranceMs = options.lateToleranceMs ?? 10_000;
  const endMs =
    forSeconds === null ? Number.POSITIVE_INFINITY : startMs + Math.round(forSeconds * speed * 1000);
  const originals = forSeconds === null ? Number.POSITIVE_INFINITY : Math.round(rate * forSeconds);
  const plan = new FaultPlan(seed, options.faults ?? {});
  const deviceIntervalMs = (devices.length * speed * 1000) / rate;
  const tickEnd = (tick: number) => Math.min(endMs, startMs + tick * tickMs);
  const originalsUpTo = (atMs: number) =>
    atMs >= endMs
      ? originals
      : Math.min(originals, Math.floor(((atMs - startMs) * rate) / speed / 1000 + 1e-6));

  function sendAt(fault: Fault, eventTimeMs: number, random: Random): number | undefined {
    const roomMs = endMs - eventTimeMs;
    const between = (least: number, most: number) =>
      roomMs < least
        ? undefined
        : eventTimeMs + Math.round(least + random.next() * (Math.min(most, roomMs) - least));
    switch (fault) {
      case "late":
        return between(toleranceMs + lateMarginMs, longestDelayMs);
      case "outOfOrder":
        return between(shortestDisorderMs, Math.max(shortestDisorderMs, toleranceMs - 4000));
      case "duplicate": {
        const afterTolerance = random.next() < lateCopyShare;
        const late = afterTolerance ? between(toleranceMs + lateMarginMs, longestDelayMs) : undefined;
        return late ?? between(0, Math.max(0, toleranceMs - 5000));
      }
      default:
        return eventTimeMs;
    }
  }

  /** Returns the original and, after it, its copy if it has one. */
  function messagesOf(index: number, eventTimeMs: number): readonly OutgoingMessage[] {
    const device = devices[index % devices.length]!;
    const planned = plan.faultOf(index);
    const random = new Random(hash32(seed, index, 401));
    const moment = planned === null ? eventTimeMs : sendAt(planned, eventTimeMs, random);
    const fault = moment === undefined ? null : planned;
    const reading = readingOf({
      seed,
      device,
      eventTimeMs,
      intervalMs: deviceIntervalMs,
      eventId: seededUuid(seed, 1, index),
    });
    const body =
      fault === "malformed"
        ? malformed(reading, random)
        : fault === "invalid"
          ? invalid(reading, random)
          : JSON.stringify(reading);
    const original: OutgoingMessage = {
      messageId: seededUuid(seed, 2, index),
      sendAtMs: fault === "duplicate" ? eventTimeMs : (moment ?? eventTimeMs),
      via: onMqtt.has(device.index) ? "mqtt" : "amqp",
      fault: fault === "duplicate" ? null : fault,
      deviceId: device.deviceId,
      body,
    };
    if (fault !== "duplicate") return [original];
    return [original, { ...original, messageId: seededUuid(seed, 3, index), sendAtMs: moment!, fault }];
  }

  function eventTimes(fromMs: number, toMs: number, count: number, tick: number): readonly number[] {
    const random = new Random(hash32(seed, tick, 402));
    const length = toMs - fromMs;
    const times = Array.from(
      { length: count },
      (_, n) => fromMs + Math.min(length, Math.max(1, Math.ceil(((n + random.next()) / count) * length))),
    );
    const boundary = Math.floor(toMs / minuteMs) * minuteMs;
    if (count > 0 && boundary > fromMs) {
      times[Math.min(count - 1, Math.ceil(((boundary - fromMs) / length) * count) - 1)] = boundary;
    }
    return times;
  }

  function* ticks(fromMs = startMs): Generator<Tick, void, undefined> {
    const firstWanted = Math.floor((fromMs - startMs) / tickMs) + 1;
    const lookback = Math.ceil(longestDelayMs / tickMs) + 1;
    const delayed = new Map<number, OutgoingMessage[]>();
    for (let tick = Math.max(1, firstWanted - lookback); tickEnd(tick - 1) < endMs; tick += 1) {
      const beginMs = tickEnd(tick - 1);
      const atMs = tickEnd(tick);
      const first = originalsUpTo(beginMs);
      const messages: OutgoingMessage[] = [];
      eventTimes(beginMs, atMs, originalsUpTo(atMs) - first, tick).forEach((eventTimeMs, n) => {
        for (const message of messagesOf(first + n, eventTimeMs)) {
          const sendTick = Math.ceil((message.sendAtMs - startMs) / tickMs);
          if (sendTick <= tick) messages.push(message);
          else {
            const waiting = delayed.get(sendTick);
            if (waiting === undefined) delayed.set(sendTick, [message]);
            else waiting.push(message);
          }
        }
      });
      messages.push(...(delayed.get(tick) ?? []));
      delayed.delete(tick);
      if (tick >= firstWanted) {
        yield { atMs, messages: messages.sort((left, right) => left.sendAtMs - right.sendAtMs) };
      }
    }
  }

  return {
    devices,
    mqttDeviceIds: devices.filter(({ index }) => onMqtt.has(index)).map(({ deviceId }) => deviceId),
    tickMs,
    startMs,
    endMs,
    originals,
    ticks,
  };
}

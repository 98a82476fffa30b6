import type { AlertRule, FactoryTelemetry } from "../../../contracts";
import { checkMessage, type TelemetryMessage } from "./telemetry-message";

/** One alert: a device met a rule within one minute of event time. */
export interface Alert {
  /** `ruleId~deviceId~minute`, minute as seconds since 1970. */
  readonly id: string;
  readonly ruleId: string;
  readonly severity: AlertRule["severity"];
  readonly title: string;
  readonly deviceId: string;
  readonly factoryId: string;
  readonly lineId: string;
  readonly field: AlertRule["field"];
  readonly comparison: AlertRule["comparison"];
  readonly threshold: number;
  /** The reading that raised the alert. */
  readonly value: number;
  readonly eventId: string;
  readonly eventTime: string;
  readonly enqueuedTime: string;
}

/** Where alerts are kept. */
export interface AlertStore {
  /** Which of these alerts are stored already, by id. */
  known(alerts: readonly Pick<Alert, "id" | "deviceId">[]): Promise<ReadonlySet<string>>;
  /** Stores each alert unless it is there. */
  keep(alerts: readonly Alert[]): Promise<void>;
}

/** Who is told of an alert; a repeated alert carries the same id. */
export interface AlertChannel {
  send(alerts: readonly Alert[]): Promise<void>;
}

const maxRemembered = 20_000;

/**
 * Raises an alert for each device, rule and minute whose readings meet the rule. Alerts are sent before they are stored: a
 * stored alert is never sent again, and one that was sent but not stored when the process died is sent again under its id.
 */
export function routeAlerts(
  rules: readonly AlertRule[],
  store: AlertStore,
  channel: AlertChannel,
): (messages: readonly TelemetryMessage[]) => Promise<number> {
  const remembered = new Set<string>();
  return async (messages) => {
    const raised = [...alertsOf(rules, messages).values()].filter(({ id }) => !remembered.has(id));
    if (raised.length === 0) return 0;
    const known = await store.known(raised);
    const fresh = raised.filter(({ id }) => !known.has(id));
    if (fresh.length > 0) {
      await channel.send(fresh);
      await store.keep(fresh);
    }
    for (const { id } of raised) remembered.add(id);
    for (const id of remembered) {
      if (remembered.size <= maxRemembered) break;
      remembered.delete(id);
    }
    return fresh.length;
  };
}

/** The alerts of a batch by id; the first reading that meets a rule within the minute is the one shown. */
export function alertsOf(
  rules: readonly AlertRule[],
  messages: readonly TelemetryMessage[],
): Map<string, Alert> {
  const alerts = new Map<string, Alert>();
  for (const message of messages) {
    const validity = checkMessage(message);
    if (!validity.valid) continue;
    for (const rule of rules) {
      if (!meets(rule, validity.event)) continue;
      const alert = alertOf(rule, validity.event, message.enqueuedTime);
      if (!alerts.has(alert.id)) alerts.set(alert.id, alert);
    }
  }
  return alerts;
}

function meets(rule: AlertRule, event: FactoryTelemetry): boolean {
  const value = event[rule.field];
  const beyond = rule.comparison === "above" ? value > rule.threshold : value < rule.threshold;
  return beyond && appliesTo(rule, event.deviceId);
}

function appliesTo({ devicePrefixes, exceptDevicePrefixes }: AlertRule, deviceId: string): boolean {
  const begins = (prefix: string) => deviceId.startsWith(prefix);
  return (devicePrefixes?.some(begins) ?? true) && !(exceptDevicePrefixes?.some(begins) ?? false);
}

function alertOf(rule: AlertRule, event: FactoryTelemetry, enqueuedTime: string): Alert {
  const minute = Math.floor(Date.parse(event.eventTime) / 60_000) * 60;
  return {
    id: `${rule.id}~${event.deviceId}~${minute}`,
    ruleId: rule.id,
    severity: rule.severity,
    title: rule.title,
    deviceId: event.deviceId,
    factoryId: event.factoryId,
    lineId: event.lineId,
    field: rule.field,
    comparison: rule.comparison,
    threshold: rule.threshold,
    value: event[rule.field],
    eventId: event.eventId,
    eventTime: event.eventTime,
    enqueuedTime,
  };
}

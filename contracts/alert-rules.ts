import document from "./alert-rules.json";

/** Measured fields that a rule can compare. */
export type AlertField = "temperature" | "vibration" | "pressure" | "powerKw" | "units" | "defects";

/** One threshold rule; units are those of the telemetry schema. */
export interface AlertRule {
  readonly id: string;
  readonly field: AlertField;
  /** Strictly above or strictly below the threshold. */
  readonly comparison: "above" | "below";
  readonly threshold: number;
  readonly severity: "warning" | "critical";
  readonly title: string;
  /** The rule applies to devices whose id begins with one of these; to all when absent. */
  readonly devicePrefixes?: readonly string[];
  /** And not to those whose id begins with one of these. */
  readonly exceptDevicePrefixes?: readonly string[];
}

/** The rules of the alert-routing function, in the order in which they are applied. */
export const alertRules: readonly AlertRule[] = document.rules as readonly AlertRule[];

/** What a local server does with a feature of its service; docs/differences-from-azure.md is generated from these. */
export interface CoverageEntry {
  readonly area: string;
  readonly feature: string;
  readonly status: "supported" | "differs" | "not supported";
  /** What is different or missing, as a full sentence; absent when there is nothing to say. */
  readonly note?: string;
}

/** Features that work as in the service. */
export function supported(area: string, ...features: readonly string[]): CoverageEntry[] {
  return features.map((feature) => ({ area, feature, status: "supported" }));
}

/** A feature that works otherwise than in the service; the note says how, as a full sentence. */
export function differs(area: string, feature: string, note: string): CoverageEntry {
  return { area, feature, status: "differs", note };
}

/** A feature that is not there; the note says what to use instead, or what happens. */
export function missing(area: string, feature: string, note?: string): CoverageEntry {
  return { area, feature, status: "not supported", ...(note !== undefined && { note }) };
}

/** The load that a plan is for. */
export interface Load {
  readonly eventsPerSecond: number;
  readonly eventBytes: number;
  readonly devices: number;
}

/** What one service needs, why, and what it costs. */
export interface ServicePlan {
  readonly service: string;
  /** What the load needs, as `3 x S3`. */
  readonly needs: string;
  /** What the stage is configured with. */
  readonly configured: string;
  /** Events a second that the configured size carries; null where the load does not decide. */
  readonly carries: number | null;
  readonly arithmetic: readonly string[];
  readonly sources: readonly string[];
  readonly monthlyUsd: number;
  /** Names of prices in it that nobody has verified. */
  readonly unverified: readonly string[];
}

export interface LatencyFloor {
  readonly path: string;
  readonly floor: string;
}

export interface CapacityPlan {
  readonly stage: string;
  readonly load: Load;
  readonly services: readonly ServicePlan[];
  readonly monthlyUsd: number;
  readonly priceBookAsOf: string;
  readonly latency: readonly LatencyFloor[];
  /** The service that the configured sizes overload first, and at which rate. */
  readonly breaksFirst: { readonly service: string; readonly eventsPerSecond: number } | null;
  readonly statements: readonly string[];
}

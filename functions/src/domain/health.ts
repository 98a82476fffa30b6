/** One thing that the app depends on. */
export interface HealthProbe {
  readonly name: string;
  check(): Promise<void>;
}

export interface HealthReport {
  readonly status: "healthy" | "unhealthy";
  readonly checks: readonly {
    readonly name: string;
    readonly status: "healthy" | "unhealthy";
    readonly detail?: string;
  }[];
}

/** Asks every probe; one that fails or takes longer than `timeoutMs` makes the app unhealthy. */
export function checkHealth(probes: readonly HealthProbe[], timeoutMs: number): () => Promise<HealthReport> {
  return async () => {
    const checks = await Promise.all(
      probes.map(async ({ name, check }) => {
        try {
          await withTimeout(check(), timeoutMs);
          return { name, status: "healthy" as const };
        } catch (error) {
          return { name, status: "unhealthy" as const, detail: (error as Error).message };
        }
      }),
    );
    const healthy = checks.every(({ status }) => status === "healthy");
    return { status: healthy ? "healthy" : "unhealthy", checks };
  };
}

async function withTimeout(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

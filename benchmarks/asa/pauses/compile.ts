import { compile, createJob } from "../../../asa";

/** Milliseconds of the first compilation of a process, and of one when the compiler is warm. */
export interface CompileTimes {
  readonly lines: number;
  readonly cold: number;
  readonly warm: number;
  /** Making the running job, generated code included, the first time. */
  readonly job: number;
}

/** A job of steps as people write them: a filter with a CASE, a window, and a statement with a join of the two. */
export function longQuery(lines: number): string {
  const steps: string[] = [];
  const statements: string[] = [];
  for (let n = 0; (steps.join("\n") + statements.join("\n")).split("\n").length < lines - 3; n++) {
    steps.push(`readings${n} AS (
    SELECT
        deviceId,
        temperature,
        CASE
            WHEN temperature > ${80 + n} THEN 'hot'
            WHEN temperature < ${n} THEN 'cold'
            ELSE UPPER(COALESCE(status, 'unknown'))
        END AS verdict
    FROM telemetry TIMESTAMP BY eventTime
    WHERE vibration > ${n} AND LEN(deviceId) > 3
),
minutes${n} AS (
    SELECT
        deviceId,
        COUNT(*) AS readings,
        AVG(temperature) AS mean,
        MAX(temperature) AS high,
        System.Timestamp() AS windowEnd
    FROM readings${n}
    GROUP BY deviceId, TumblingWindow(minute, ${n + 1})
    HAVING COUNT(*) > ${n}
)`);
    statements.push(`SELECT
    m.deviceId,
    m.mean,
    m.high - m.mean AS spread,
    DATEADD(minute, -${n + 1}, m.windowEnd) AS windowStart,
    m.windowEnd,
    CONCAT(m.deviceId, '~', CAST(m.readings AS nvarchar(max))) AS id
INTO output${n}
FROM minutes${n} m
WHERE m.mean BETWEEN ${n} AND ${100 + n}`);
  }
  return `WITH ${steps.join(",\n")}\n${statements.join("\n")}\n`;
}

function took(work: () => unknown): number {
  const before = performance.now();
  work();
  return performance.now() - before;
}

/** Compiles a query of about `lines` lines. */
export function measureCompile(lines: number): CompileTimes {
  const text = longQuery(lines);
  const once = () => {
    const { plan, diagnostics } = compile(text);
    if (plan === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
    return plan;
  };
  const cold = took(once);
  const plan = once();
  const job = took(() =>
    createJob(plan, {
      mode: "live",
      policies: { lateToleranceTicks: null, outOfOrderToleranceTicks: 0n, policy: "adjust" },
      onRows: () => {},
    }),
  );
  const more = Array.from({ length: 15 }, () => took(once)).sort((a, b) => a - b);
  return { lines: text.trim().split("\n").length, cold, warm: more[7]!, job };
}

if (require.main === module) {
  const { lines } = JSON.parse(process.argv[2]!) as { lines: number };
  process.stdout.write(JSON.stringify(measureCompile(lines)));
}

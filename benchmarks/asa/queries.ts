import type { InputDeclaration } from "../../asa";

/** One workload: the query of the engine, and the same question for DuckDB over tables `t`, `c` and `r`. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly query: string;
  readonly sql: string;
  readonly commands?: boolean;
  readonly reference?: boolean;
  /** What DuckDB's answer leaves out. */
  readonly difference?: string;
}

const from = "FROM telemetry TIMESTAMP BY eventTime";

/** The inputs that the workloads read. */
export const inputs: readonly InputDeclaration[] = [
  { alias: "telemetry", kind: "stream" },
  { alias: "commands", kind: "stream" },
  { alias: "devices", kind: "reference" },
];

/** The seven workloads. */
export const workloads: readonly Workload[] = [
  {
    name: "W1",
    title: "tumbling AVG, MIN, MAX, COUNT",
    query: `SELECT deviceId, AVG(temperature) AS mean, MIN(temperature) AS low, MAX(temperature) AS high, COUNT(*) AS n, System.Timestamp() AS windowEnd INTO output ${from} GROUP BY deviceId, TumblingWindow(minute, 1)`,
    sql: `SELECT deviceId, avg(temperature) AS mean, min(temperature) AS low, max(temperature) AS high, count(*) AS n, to_timestamp(ceil(epoch_us(eventTime) / 60e6) * 60) AS windowEnd FROM t GROUP BY 1, 6`,
  },
  {
    name: "W2",
    title: "hopping 5 min every minute",
    query: `SELECT deviceId, AVG(temperature) AS mean, MIN(temperature) AS low, MAX(temperature) AS high, COUNT(*) AS n, System.Timestamp() AS windowEnd INTO output ${from} GROUP BY deviceId, HoppingWindow(minute, 5, 1)`,
    sql: `WITH p AS (SELECT deviceId, sum(temperature) AS s, min(temperature) AS low, max(temperature) AS high, count(*) AS n, ceil(epoch_us(eventTime) / 60e6)::BIGINT AS pane FROM t GROUP BY 1, 6) SELECT deviceId, sum(s) / sum(n) AS mean, min(low) AS low, max(high) AS high, sum(n) AS n, to_timestamp((pane + hop) * 60) AS windowEnd FROM p, (SELECT unnest(range(5)) AS hop) GROUP BY deviceId, pane + hop`,
  },
  {
    name: "W3",
    title: "sliding COUNT with HAVING",
    query: `SELECT deviceId, COUNT(*) AS n, System.Timestamp() AS windowEnd INTO output ${from} WHERE temperature > 80 GROUP BY deviceId, SlidingWindow(minute, 1) HAVING COUNT(*) >= 3`,
    sql: `SELECT deviceId, n, eventTime AS windowEnd FROM (SELECT deviceId, eventTime, count(*) OVER (PARTITION BY deviceId ORDER BY eventTime RANGE BETWEEN INTERVAL 1 MINUTE PRECEDING AND CURRENT ROW) AS n FROM t WHERE temperature > 80) WHERE n >= 3`,
    difference: "rows at entry only, none at exit",
  },
  {
    name: "W4",
    title: "session COUNT, MIN, MAX",
    query: `SELECT deviceId, COUNT(*) AS n, MIN(temperature) AS low, MAX(temperature) AS high, System.Timestamp() AS windowEnd INTO output ${from} GROUP BY deviceId, SessionWindow(second, 5, 60) OVER (PARTITION BY deviceId)`,
    sql: `SELECT deviceId, count(*) AS n, min(temperature) AS low, max(temperature) AS high, max(eventTime) AS windowEnd FROM (SELECT *, sum(begins) OVER (PARTITION BY deviceId ORDER BY eventTime) AS session FROM (SELECT deviceId, temperature, eventTime, CASE WHEN eventTime - lag(eventTime) OVER (PARTITION BY deviceId ORDER BY eventTime) <= INTERVAL 5 SECOND THEN 0 ELSE 1 END AS begins FROM t)) GROUP BY deviceId, session`,
    difference: "no longest duration",
  },
  {
    name: "W5",
    title: "LAG with LIMIT DURATION",
    query: `SELECT deviceId, eventTime, temperature - LAG(temperature) OVER (PARTITION BY deviceId LIMIT DURATION(minute, 1)) AS change INTO output ${from}`,
    sql: `SELECT deviceId, eventTime, CASE WHEN eventTime - lag(eventTime) OVER w < INTERVAL 1 MINUTE THEN temperature - lag(temperature) OVER w END AS change FROM t WINDOW w AS (PARTITION BY deviceId ORDER BY eventTime)`,
  },
  {
    name: "W6",
    title: "temporal join",
    query: `SELECT t.deviceId, t.temperature, c.command, c.value INTO output FROM telemetry t TIMESTAMP BY eventTime JOIN commands c TIMESTAMP BY eventTime ON t.deviceId = c.deviceId AND DATEDIFF(second, t, c) BETWEEN 0 AND 5`,
    sql: `SELECT t.deviceId, t.temperature, c.command, c.value FROM (SELECT *, unnest([b, b + 1]) AS bucket FROM (SELECT *, epoch_us(eventTime) // 6000000 AS b FROM t)) t JOIN (SELECT *, epoch_us(eventTime) // 6000000 AS bucket FROM c) c ON t.deviceId = c.deviceId AND t.bucket = c.bucket AND date_diff('second', t.eventTime, c.eventTime) BETWEEN 0 AND 5`,
    commands: true,
  },
  {
    name: "W7",
    title: "reference join and filter",
    query: `SELECT t.deviceId, t.eventTime, t.temperature, r.region, r.owner INTO output FROM telemetry t TIMESTAMP BY eventTime JOIN devices r ON t.deviceId = r.deviceId WHERE r.region = 'europe'`,
    sql: `SELECT t.deviceId, t.eventTime, t.temperature, r.region, r.owner FROM t JOIN r ON t.deviceId = r.deviceId WHERE r.region = 'europe'`,
    reference: true,
  },
];

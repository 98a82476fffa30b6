/** A workload as Flink SQL over the tables `t` and `c`. */
export interface FlinkQuery {
  readonly columns: string;
  readonly sql: string;
  /** What the answer leaves out, or has beyond the engine's. */
  readonly difference?: string;
}

const figures = "AVG(temperature), MIN(temperature), MAX(temperature), COUNT(*), window_end";
const figureColumns =
  "deviceId STRING, mean DOUBLE, low DOUBLE, high DOUBLE, n BIGINT, windowEnd TIMESTAMP(3)";
const byWindow = "GROUP BY deviceId, window_start, window_end";

/** The workloads that Flink SQL answers over files; a reference join needs a lookup source, which files are not. */
export const flinkQueries: Readonly<Record<string, FlinkQuery>> = {
  W1: {
    columns: figureColumns,
    sql: `SELECT deviceId, ${figures} FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(eventTime), INTERVAL '1' MINUTE)) ${byWindow}`,
  },
  W2: {
    columns: figureColumns,
    sql: `SELECT deviceId, ${figures} FROM TABLE(HOP(TABLE t, DESCRIPTOR(eventTime), INTERVAL '1' MINUTE, INTERVAL '5' MINUTE)) ${byWindow}`,
  },
  W3: {
    columns: "deviceId STRING, n BIGINT, windowEnd TIMESTAMP_LTZ(3)",
    sql: "SELECT deviceId, n, eventTime FROM (SELECT deviceId, eventTime, COUNT(*) OVER (PARTITION BY deviceId ORDER BY eventTime RANGE BETWEEN INTERVAL '1' MINUTE PRECEDING AND CURRENT ROW) AS n FROM t WHERE temperature > 80) WHERE n >= 3",
    difference: "rows at entry only",
  },
  W4: {
    columns: "deviceId STRING, n BIGINT, low DOUBLE, high DOUBLE, windowEnd TIMESTAMP(3)",
    sql: `SELECT deviceId, COUNT(*), MIN(temperature), MAX(temperature), window_end FROM TABLE(SESSION(TABLE t PARTITION BY deviceId, DESCRIPTOR(eventTime), INTERVAL '5' SECOND)) ${byWindow}`,
    difference: "no longest duration",
  },
  W5: {
    columns: "deviceId STRING, eventTime TIMESTAMP_LTZ(3), change DOUBLE",
    sql: "SELECT deviceId, eventTime, temperature - LAG(temperature) OVER (PARTITION BY deviceId ORDER BY eventTime) FROM t",
    difference: "no limit of the duration",
  },
  W6: {
    columns: "deviceId STRING, temperature DOUBLE, command STRING, `value` BIGINT",
    sql: "SELECT t.deviceId, t.temperature, c.command, c.`value` FROM t JOIN c ON t.deviceId = c.deviceId AND c.eventTime BETWEEN t.eventTime AND t.eventTime + INTERVAL '6' SECOND",
    difference: "six seconds instead of five boundaries",
  },
};

/** The workloads that Spark Structured Streaming answers without code of its own for each row (spark.py). */
export const sparkWorkloads: ReadonlySet<string> = new Set(["W1", "W2", "W4", "W6", "W7"]);

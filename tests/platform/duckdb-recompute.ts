import { DuckDBInstance } from "@duckdb/node-api";
import type { ViewWindow } from "../../contracts";

const values = `
  count(*) AS count, sum(temperature) AS temperatureSum, min(temperature) AS temperatureMin, max(temperature) AS temperatureMax,
  sum(vibration) AS vibrationSum, max(vibration) AS vibrationMax, sum(pressure) AS pressureSum, sum(powerKw) AS powerKwSum,
  sum(units) AS unitsSum, sum(defects) AS defectsSum`;

/**
 * Recomputes every window of factory-aggregates from the texts that were sent, in another engine and from the events
 * themselves: windows are (start, end], five-minute windows hop by one minute. Faults that do not count are left out by name.
 */
export async function recomputeInDuckDb(sentPath: string): Promise<ViewWindow[]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    await connection.run(`
      CREATE TABLE event AS
      SELECT DISTINCT ON (eventId) *
      FROM (
        SELECT body->>'eventId' AS eventId, (body->>'eventTime')::TIMESTAMP AS eventTime, body->>'deviceId' AS deviceId,
          body->>'factoryId' AS factoryId, body->>'lineId' AS lineId, (body->>'temperature')::DOUBLE AS temperature,
          (body->>'vibration')::DOUBLE AS vibration, (body->>'pressure')::DOUBLE AS pressure,
          (body->>'powerKw')::DOUBLE AS powerKw, (body->>'units')::DOUBLE AS units, (body->>'defects')::DOUBLE AS defects
        FROM (
          SELECT CASE WHEN json_valid(body) THEN body::JSON END AS body
          FROM read_ndjson('${sentPath.replaceAll("'", "''")}', columns = {messageId: 'VARCHAR', fault: 'VARCHAR', body: 'VARCHAR'})
          WHERE fault IS NULL OR fault NOT IN ('malformed', 'invalid')
        )
      )`);
    await connection.run(`
      CREATE TABLE keyed AS
      SELECT *, to_timestamp(ceil(epoch_us(eventTime) / 60e6) * 60)::TIMESTAMP AS firstEnd FROM (
        SELECT 'device' AS grain, deviceId AS key, * FROM event
        UNION ALL SELECT 'line', factoryId || '~' || lineId, * FROM event
        UNION ALL SELECT 'factory', factoryId, * FROM event
      )`);
    const reader = await connection.runAndReadAll(`
      SELECT grain, key, '1m' AS "window", 1 AS minutes, epoch_ms(firstEnd) AS endMs, ${values} FROM keyed GROUP BY ALL
      UNION ALL
      SELECT grain, key, '5m', 5, epoch_ms(firstEnd) + hop * 60000 AS endMs, ${values}
      FROM keyed, range(5) AS hops(hop) GROUP BY ALL`);
    return reader.getRowObjectsJS().map((row) => {
      const { grain, key, window, minutes, endMs, ...rest } = row as Record<string, never>;
      return {
        grain: String(grain),
        key: String(key),
        window: String(window),
        start: new Date(Number(endMs) - Number(minutes) * 60_000).toISOString(),
        end: new Date(Number(endMs)).toISOString(),
        values: Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, Number(value)])),
      };
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

import type { Anomaly, AnomalySource } from "../../domain/findings";
import { type EntraService, sendToService } from "../entra/entra-client";

interface QueryAnswer {
  readonly Tables: readonly {
    readonly Columns: readonly { readonly ColumnName: string }[];
    readonly Rows: readonly (readonly unknown[])[];
  }[];
}

/** Two hours of history give the function its trend. */
const query = [
  "line_power_anomalies(todatetime(after) - 2h, todatetime(upTo))",
  "| where windowEnd > todatetime(after) and windowEnd <= todatetime(upTo)",
  "| project factoryId, lineId, windowEnd, meanPowerKw = round(meanPowerKw, 1), baseline = round(baseline, 1), direction",
].join("\n");

/** Asks the function `line_power_anomalies` of Data Explorer. */
export function dataExplorerAnomalies(service: EntraService, database: string): AnomalySource {
  return {
    async between(after, upTo) {
      const { body } = await sendToService(service, {
        method: "POST",
        path: "/v1/rest/query",
        body: {
          db: database,
          csl: `declare query_parameters(after:string, upTo:string);\n${query}`,
          properties: { Parameters: { after, upTo } },
        },
        expected: [200],
      });
      const table = (body as QueryAnswer).Tables[0];
      const names = table?.Columns.map(({ ColumnName }) => ColumnName) ?? [];
      return (table?.Rows ?? []).map(
        (row) => Object.fromEntries(names.map((name, index) => [name, row[index]])) as unknown as Anomaly,
      );
    },
  };
}

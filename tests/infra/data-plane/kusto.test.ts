import { readRepositoryFile } from "../../../infra/config/repository";
import { kustoCommands, readKustoScripts } from "../../../infra/constructs/analytics/kusto-script-text";

interface KustoDiagnostic {
  readonly Message: string;
  readonly Start: number;
}

interface KustoLanguage {
  readonly Language: {
    readonly GlobalState: { readonly Default: unknown };
    readonly KustoCode: {
      Parse(
        text: string,
        globals?: unknown,
      ): { GetSyntaxDiagnostics(): { Count: number; getItem(index: number): KustoDiagnostic } };
    };
  };
}

/** The package registers itself on the global object, and only after its bridge. */
function kusto(): KustoLanguage {
  require("@kusto/language-service-next/bridge.min");
  require("@kusto/language-service-next/Kusto.Language.Bridge.min");
  return (globalThis as unknown as { Kusto: KustoLanguage }).Kusto;
}

function mistakes(text: string): string[] {
  const found = kusto().Language.KustoCode.Parse(text).GetSyntaxDiagnostics();
  return Array.from({ length: found.Count }, (_, index) => found.getItem(index).Message);
}

const places = { lakeAccountName: "stlambda" };

// The language service is one large script translated from another language: loading it takes a while.
jest.setTimeout(180_000);

describe("Kusto scripts", () => {
  const database = readKustoScripts("infra/data-plane/kql", places);
  const cluster = readKustoScripts("infra/data-plane/kql/cluster");

  it.each(
    [...kustoCommands(database.content), ...kustoCommands(cluster.content)].map((command) => [
      command.slice(0, 90),
      command,
    ]),
  )("parses %s", (_, command) => {
    expect(mistakes(command)).toEqual([]);
  });

  it("finds a mistake when a command has one", () => {
    expect(mistakes(".create-merge table telemetry (eventId: string")).not.toEqual([]);
    expect(mistakes("telemetry | where | summarize count( by x")).not.toEqual([]);
  });

  it("makes every table before something writes to it", () => {
    const commands = kustoCommands(database.content);
    const at = (start: string) => commands.findIndex((command) => command.startsWith(start));
    expect(at(".create-merge table telemetry_raw")).toBeLessThan(at(".alter table telemetry policy update"));
    expect(at(".create-or-alter function")).toBeLessThan(at(".alter table telemetry policy update"));
    expect(at(".create-or-alter external table")).toBeLessThan(at(".create-or-alter continuous-export"));
  });

  it("keeps telemetry 7 days hot and 30 days in all", () => {
    expect(database.content).toContain(".alter table telemetry policy caching hot = 7d");
    expect(database.content).toContain(".alter-merge table telemetry policy retention softdelete = 30d");
  });

  it("exports from a table that does not stream", () => {
    const streaming = [
      ...database.content.matchAll(/\.alter table (\w+) policy streamingingestion enable/g),
    ].map((found) => found[1]);
    const exported = /continuous-export \w+ over \((\w+)\)/.exec(database.content)?.[1];
    expect(exported).toBeDefined();
    expect(streaming).not.toContain(exported);
  });

  it("writes Parquet by the cluster's identity, to a place that is filled in", () => {
    expect(database.content).toContain("dataformat=parquet");
    expect(database.content).toContain(
      "abfss://lake@stlambda.dfs.core.windows.net/export/telemetry;managed_identity=system",
    );
    expect(database.content).not.toContain("{{");
  });

  it.each(["series_decompose_anomalies", "series_decompose_forecast", "series_outliers"])(
    "analyses by %s",
    (name) => {
      expect(database.content).toContain(name);
    },
  );

  it("maps only columns that the table has", () => {
    const tables = new Map(
      [...database.content.matchAll(/\.create-merge table (\w+) \(([^)]*)\)/g)].map((found) => [
        found[1],
        found[2]!.split(",").map((column) => column.split(":")[0]!.trim()),
      ]),
    );
    const mappings = [
      ...database.content.matchAll(/\.create-or-alter table (\w+) ingestion \w+ mapping "\w+" '(.*)'/g),
    ];
    expect(mappings).toHaveLength(4);
    for (const [, table, text] of mappings) {
      const columns = (JSON.parse(text!.replaceAll("\\'", "'")) as { column: string }[]).map(
        ({ column }) => column,
      );
      expect(tables.get(table)).toEqual(expect.arrayContaining(columns));
    }
  });

  it("refuses messages by the same ranges as the contract", () => {
    const schema = JSON.parse(readRepositoryFile("contracts/events/factory-telemetry/v1.schema.json")) as {
      readonly required: readonly string[];
      readonly properties: Readonly<Record<string, { readonly minimum?: number; readonly maximum?: number }>>;
    };
    for (const [name, { minimum, maximum }] of Object.entries(schema.properties)) {
      if (minimum === undefined || maximum === undefined) continue;
      const range = new RegExp(`body\\.${name}\\) between \\(${minimum}(\\.0)? \\.\\. ${maximum}(\\.0)?\\)`);
      expect(database.content).toMatch(range);
    }
    for (const name of schema.required.filter((field) => field !== "schemaVersion")) {
      expect(database.content).toContain(`"${name}"`);
    }
  });
});

describe("kustoCommands", () => {
  it("splits at a dot at the start of a line and drops comments", () => {
    expect(kustoCommands("// first\n.create a\n  | b\n\n.alter c\n")).toEqual([
      ".create a\n  | b",
      ".alter c",
    ]);
  });

  it("refuses text before the first command", () => {
    expect(() => kustoCommands("telemetry | count")).toThrow("INFRA_KUSTO_SCRIPT");
  });
});

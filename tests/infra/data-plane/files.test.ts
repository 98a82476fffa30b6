import { listRepositoryFiles, readRepositoryFile } from "../../../infra/config/repository";
import { fillPlaces } from "../../../infra/constructs/analytics/kusto-script-text";
import { readPipeline } from "../../../infra/constructs/batch/pipeline";

const read = <T>(path: string): T => JSON.parse(readRepositoryFile(`infra/data-plane/${path}`)) as T;

interface DtdlContent {
  readonly "@type": string;
  readonly name: string;
  readonly schema?: string;
  readonly target?: string;
}

interface DtdlInterface {
  readonly "@id": string;
  readonly "@type": string;
  readonly "@context": string;
  readonly contents: readonly DtdlContent[];
}

describe("Digital Twins models", () => {
  const files = listRepositoryFiles("infra/data-plane/dtdl", ".json");
  const models = files.map((name) => read<DtdlInterface>(`dtdl/${name}`));

  it.each(models.map((model) => [model["@id"], model] as const))(
    "%s keeps the rules of DTDL 3",
    (id, model) => {
      expect(id).toMatch(/^dtmi:[A-Za-z][A-Za-z0-9_]*(:[A-Za-z][A-Za-z0-9_]*)*;[1-9]\d{0,8}$/);
      expect(id.length).toBeLessThanOrEqual(128);
      expect(model["@type"]).toBe("Interface");
      expect(model["@context"]).toBe("dtmi:dtdl:context;3");
      const names = model.contents.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      for (const content of model.contents) {
        expect(content.name).toMatch(/^[A-Za-z](?:[A-Za-z0-9_]*[A-Za-z0-9])?$/);
        expect(["Property", "Telemetry", "Relationship"]).toContain(content["@type"]);
        if (content["@type"] !== "Relationship") {
          expect([
            "boolean",
            "date",
            "dateTime",
            "double",
            "duration",
            "float",
            "integer",
            "long",
            "string",
            "time",
          ]).toContain(content.schema);
        }
      }
    },
  );

  it("names only models that stand before it", () => {
    const known = new Set<string>();
    for (const model of models) {
      for (const { target } of model.contents) if (target !== undefined) expect(known).toContain(target);
      known.add(model["@id"]);
    }
  });
});

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly {
    readonly id: number;
    readonly gridPos: { readonly x: number; readonly w: number };
    readonly targets: readonly { readonly datasource: { readonly uid: string }; readonly query: string }[];
  }[];
}

const kql = listRepositoryFiles("infra/data-plane/kql", ".kql")
  .map((name) => readRepositoryFile(`infra/data-plane/kql/${name}`))
  .join("\n");
const sources = new Set(
  [
    ...kql.matchAll(
      /\.create(?:-merge|-or-alter)? (?:table|function|materialized-view)(?: with \([^)]*\))? (\w+)/g,
    ),
  ].map((found) => found[1]),
);

describe("dashboards", () => {
  it.each(listRepositoryFiles("infra/data-plane/grafana", ".json"))(
    "%s reads what the scripts make",
    (name) => {
      const dashboard = read<Dashboard>(`grafana/${name}`);
      expect(`${dashboard.uid}.json`).toBe(name);
      expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
      for (const { gridPos, targets } of dashboard.panels) {
        expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
        for (const { datasource, query } of targets) {
          expect(datasource.uid).toBe("data-explorer");
          expect(sources).toContain(/^\w+/.exec(query)?.[0]);
        }
      }
    },
  );

  it("the Data Explorer dashboard resolves its references", () => {
    const dashboard = read<{
      readonly pages: readonly { readonly id: string }[];
      readonly dataSources: readonly { readonly id: string }[];
      readonly tiles: readonly { readonly pageId: string; readonly queryRef: { readonly queryId: string } }[];
      readonly queries: readonly {
        readonly id: string;
        readonly text: string;
        readonly dataSource: { readonly dataSourceId: string };
      }[];
    }>("dashboards/factory-analysis.json");
    const pages = dashboard.pages.map(({ id }) => id);
    for (const { pageId, queryRef } of dashboard.tiles) {
      expect(pages).toContain(pageId);
      expect(dashboard.queries.filter(({ id }) => id === queryRef.queryId)).toHaveLength(1);
    }
    for (const { text, dataSource } of dashboard.queries) {
      expect(sources).toContain(/^\w+/.exec(text)?.[0]);
      expect(dashboard.dataSources.map(({ id }) => id)).toContain(dataSource.dataSourceId);
    }
  });
});

describe("readPipeline", () => {
  const places = { stage: "dev", lakeAccountName: "stlambda", cosmosEndpoint: "https://cosmos" };
  const references = { linkedServices: ["databricks"], datasets: ["line_minutes", "sql_line_minutes"] };

  it("takes the batch pipeline and fills its places", () => {
    const pipeline = readPipeline("factory-batch.json", places, references);
    expect(pipeline.activities.map(({ name }) => name)).toEqual([
      "batch-layer",
      "facts-to-sql",
      "once-a-day",
    ]);
    expect(JSON.stringify(pipeline)).not.toContain("{{");
  });

  it("runs notebooks that are in the workspace", () => {
    const text = readRepositoryFile("infra/data-plane/adf/factory-batch.json");
    const paths = [...text.matchAll(/"notebookPath": "\/Shared\/lambda-platform\/notebooks\/(\w+)"/g)];
    expect(paths.map(([, name]) => name)).toEqual(["factory_batch", "maintenance"]);
    for (const [, name] of paths) expect(listRepositoryFiles("notebooks", ".py")).toContain(`${name}.py`);
  });

  it("refuses inside a condition what refers to nothing", () => {
    const withoutSql = { ...references, linkedServices: [] };
    expect(() => readPipeline("factory-batch.json", places, withoutSql)).toThrow(
      /"maintenance" uses linked service "databricks"/,
    );
  });

  it("refuses what refers to nothing", () => {
    expect(() =>
      readPipeline("factory-batch.json", places, { linkedServices: [], datasets: ["line_minutes"] }),
    ).toThrow(/linked service "databricks".*dataset "sql_line_minutes"/);
  });
});

describe("T-SQL", () => {
  it.each([
    ["sql", "10-facts.sql"],
    ["synapse", "10-serverless-views.sql"],
    ["synapse", "20-dedicated-warehouse.sql"],
  ])("%s/%s changes nothing the second time", (folder, name) => {
    const text = readRepositoryFile(`infra/data-plane/${folder}/${name}`);
    for (const batch of text.split(/^GO$/m)) {
      if (/\bCREATE\s+(?!OR ALTER)/i.test(batch)) expect(batch).toMatch(/^IF\b/m);
    }
  });

  it("the sink's type has the columns of the Kusto function", () => {
    const sink = readRepositoryFile("infra/data-plane/sql/10-facts.sql");
    for (const column of [
      "factoryId",
      "lineId",
      "windowEnd",
      "readings",
      "powerKwSum",
      "unitsSum",
      "defectsSum",
    ]) {
      expect(/CREATE TYPE sink\.line_minutes_type AS TABLE\s*\(([\s\S]*?)\);/.exec(sink)?.[1]).toContain(
        column,
      );
      expect(/line_minutes_exact [\s\S]*?\n}/.exec(kql)?.[0]).toContain(column);
    }
  });
});

describe("fillPlaces", () => {
  it("fills every place", () => expect(fillPlaces("a {{b}} c {{b}}", { b: "x" })).toBe("a x c x"));
  it("refuses a place without a value", () => expect(() => fillPlaces("{{b}}", {})).toThrow("{{b}}"));
  it("refuses a value without a place", () => expect(() => fillPlaces("a", { b: "x" })).toThrow("b"));
});

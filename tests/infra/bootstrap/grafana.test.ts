import {
  dataExplorerSource,
  grafanaDashboards,
  grafanaSource,
  runSteps,
  ServiceClient,
  type Step,
} from "../../../infra/bootstrap";
import { grafanaAnswers, type LocalService, startService } from "./services";

let service: LocalService;
let state: ReturnType<typeof grafanaAnswers>;

beforeEach(async () => {
  state = grafanaAnswers();
  service = await startService(state.answer);
});
afterEach(() => service.close());

const client = async () => new ServiceClient(service.address, "scope", { tokens: async () => "t" });
const run = (step: Step) => runSteps([step], { only: [], dryRun: false, print: () => {} });
const source = (uri: string) => grafanaSource(client, async () => dataExplorerSource(uri, "telemetry"));

test("the data source signs in with the managed identity, and a second run changes nothing", async () => {
  await run(source("https://cluster.example"));
  await run(source("https://cluster.example"));
  expect(service.writes()).toHaveLength(1);
  expect(service.writes()[0]).toMatchObject({
    method: "POST",
    path: "/api/datasources",
    body: {
      type: "grafana-azure-data-explorer-datasource",
      jsonData: { clusterUrl: "https://cluster.example", azureCredentials: { authType: "msi" } },
    },
  });
});

test("a data source with another cluster is changed in place", async () => {
  await run(source("https://old.example"));
  await run(source("https://new.example"));
  expect(service.writes()[1]).toMatchObject({ method: "PUT", path: "/api/datasources/uid/data-explorer" });
});

const board = { uid: "lines", title: "Lines", panels: [{ id: 1, type: "timeseries" }] };

test("dashboards stand in a folder of their own; what Grafana numbers does not count as a change", async () => {
  await run(grafanaDashboards(client, [board]));
  expect(service.writes().map(({ path }) => path)).toEqual(["/api/folders", "/api/dashboards/db"]);
  expect(service.writes()[1]?.body).toMatchObject({
    folderUid: "lambda-platform",
    overwrite: true,
    dashboard: { ...board, id: null },
  });
  await run(grafanaDashboards(client, [board]));
  expect(service.writes()).toHaveLength(2);
});

test("a change by hand is replaced by the repository's text", async () => {
  await run(grafanaDashboards(client, [board]));
  state.dashboards.set("lines", { ...board, title: "Edited", id: 7, version: 9 } as never);
  await run(grafanaDashboards(client, [board]));
  expect(state.dashboards.get("lines")).toMatchObject({ title: "Lines", version: 10 });
});

test("a dashboard without a uid is refused before anything is sent", () => {
  expect(() => grafanaDashboards(client, [{ title: "No address" } as never])).toThrow(/no uid or title/);
});

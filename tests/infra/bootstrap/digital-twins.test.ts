import {
  type BootstrapError,
  runSteps,
  ServiceClient,
  twinModels,
  twinRoutes,
} from "../../../infra/bootstrap";
import { digitalTwinsAnswers, type LocalService, startService } from "./services";

const line = {
  "@id": "dtmi:lambda:Line;1",
  "@type": "Interface",
  "@context": "dtmi:dtdl:context;3",
  contents: [],
};
const device = { ...line, "@id": "dtmi:lambda:Device;1", extends: "dtmi:lambda:Line;1" };
const factory = { ...line, "@id": "dtmi:lambda:Factory;1" };

let service: LocalService;
let state: ReturnType<typeof digitalTwinsAnswers>;
const scopes: string[] = [];

beforeEach(async () => {
  state = digitalTwinsAnswers();
  service = await startService(state.answer);
  scopes.length = 0;
});
afterEach(() => service.close());

const client = async () =>
  new ServiceClient(service.address, "https://digitaltwins.azure.net/.default", {
    tokens: async (scope) => {
      scopes.push(scope);
      return "secret-token";
    },
  });
const run = (step: ReturnType<typeof twinModels>) =>
  runSteps([step], { only: [], dryRun: false, print: () => {} });

test("models are uploaded together, and a second run writes nothing", async () => {
  await run(twinModels(client, [line, device, factory]));
  expect(service.writes()).toEqual([
    expect.objectContaining({ method: "POST", path: "/models", body: [line, device, factory] }),
  ]);
  expect(service.requests[0]?.authorization).toBe("Bearer secret-token");
  expect(new Set(scopes)).toEqual(new Set(["https://digitaltwins.azure.net/.default"]));
  await run(twinModels(client, [line, device, factory]));
  expect(service.writes()).toHaveLength(1);
});

test("only models that are missing are uploaded, whatever page the others are on", async () => {
  await run(twinModels(client, [line, device, factory]));
  const more = { ...line, "@id": "dtmi:lambda:Line;2" };
  await run(twinModels(client, [line, device, factory, more]));
  expect(service.writes().at(-1)?.body).toEqual([more]);
});

test("a model's keys may come back in another order", async () => {
  state.models.set(line["@id"], {
    id: line["@id"],
    model: Object.fromEntries(Object.entries(line).reverse()),
    decommissioned: false,
  });
  await expect(twinModels(client, [line]).isDone()).resolves.toBe(true);
});

test.each([
  ["another text", { ...line, displayName: "Line" }, false],
  ["decommissioned", line, true],
])("a model that the service holds with %s is an error, not an upload", async (_, model, decommissioned) => {
  state.models.set(line["@id"], { id: line["@id"], model, decommissioned });
  const failure = await run(twinModels(client, [line])).catch((error: BootstrapError) => error);
  expect(failure).toMatchObject({ code: "BOOTSTRAP_MODEL_CHANGED" });
  expect((failure as BootstrapError).message).toContain("dtmi:lambda:Line;1");
  expect(service.writes()).toEqual([]);
});

test("routes are written once, and again when their filter changes", async () => {
  const route = { id: "twin-events", endpointName: "twin-events", filter: "true" };
  await run(twinRoutes(client, [route]));
  await run(twinRoutes(client, [route]));
  expect(service.writes()).toEqual([
    expect.objectContaining({
      method: "PUT",
      path: "/eventroutes/twin-events",
      body: { endpointName: "twin-events", filter: "true" },
    }),
  ]);
  await run(twinRoutes(client, [{ ...route, filter: "type = 'Microsoft.DigitalTwins.Twin.Update'" }]));
  expect(service.writes()).toHaveLength(2);
});

import type { SynthesisedStage } from "../../../infra/checks";
import { architectureImage } from "../../../infra/graph";
import { edgesOf } from "../../../infra/graph/edges";
import { NodeFinder } from "../../../infra/graph/nodes";
import { mutated, synthesised } from "../support/stages";

describe("architectureImage", () => {
  let prod: SynthesisedStage;
  beforeAll(async () => {
    [prod] = (await synthesised("prod")) as [SynthesisedStage];
  }, 60_000);

  it("is the same for the same stage", () => {
    expect(architectureImage(prod)).toBe(architectureImage(prod));
  });

  it("is well-formed: every element is closed", () => {
    const text = architectureImage(prod);
    const opened = [...text.matchAll(/<([a-z]+)(?=[\s>])[^>]*?(\/?)>/g)]
      .filter((match) => match[2] === "")
      .map((match) => match[1]);
    const closed = [...text.matchAll(/<\/([a-z]+)>/g)].map((match) => match[1]);
    expect(closed.length).toBe(opened.length);
  });

  it("shows every stack and every service behind a private endpoint", () => {
    const text = architectureImage(prod);
    for (const { shortName } of prod.stacks) expect(text).toContain(`>${shortName}</text>`);
    const finder = new NodeFinder(prod);
    expect(finder.nodes.filter(({ endpoints }) => endpoints.length > 0).length).toBeGreaterThan(10);
  });

  it("shows the flow from device to view", () => {
    const edges = edgesOf(prod, new NodeFinder(prod)).filter(({ kind }) => kind === "flow");
    const has = (from: string, to: string) =>
      edges.some((edge) => edge.from.kind === from && edge.to.kind === to);
    expect(has("IoT Hub", "Event Hubs")).toBe(true);
    expect(has("Event Hubs", "Storage")).toBe(true);
    expect(has("Event Hubs", "Stream Analytics")).toBe(true);
    expect(has("Event Hubs", "Functions")).toBe(true);
    expect(has("Event Hubs", "Data Explorer")).toBe(true);
    expect(has("Stream Analytics", "Cosmos DB")).toBe(true);
  });

  it("changes with the stage: a permission less is an arrow less", () => {
    const [role] = prod.resources.filter(({ type }) => type === "azurerm_role_assignment");
    const less = mutated(prod, (resource) => (resource === role ? undefined : resource));
    expect(architectureImage(less)).not.toBe(architectureImage(prod));
  });
});

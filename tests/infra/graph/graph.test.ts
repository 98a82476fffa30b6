import type { SynthesisedStage } from "../../../infra/checks";
import { architectureImage } from "../../../infra/graph";
import { edgesOf } from "../../../infra/graph/edges";
import { layoutOf, type Rectangle } from "../../../infra/graph/layout";
import { NodeFinder } from "../../../infra/graph/nodes";
import { mutated, synthesised } from "../support/stages";

/** Whether the inside of a box and the rectangle, or line, between two points share a point. */
const crosses = (
  box: Rectangle,
  [ax, ay]: readonly [number, number],
  [bx, by]: readonly [number, number],
): boolean =>
  Math.min(ax, bx) < box.x + box.width &&
  Math.max(ax, bx) > box.x &&
  Math.min(ay, by) < box.y + box.height &&
  Math.max(ay, by) > box.y;

describe("architectureImage", () => {
  let prod: SynthesisedStage;
  let allFlags: SynthesisedStage;
  beforeAll(async () => {
    [prod, allFlags] = (await synthesised("prod", "all-flags")) as [SynthesisedStage, SynthesisedStage];
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

  it("shows the batch layer between lake and serving, and who looks", () => {
    const edges = edgesOf(prod, new NodeFinder(prod)).filter(({ kind }) => kind === "flow");
    const has = (from: string, to: string) =>
      edges.some((edge) => edge.from.kind === from && edge.to.kind === to);
    expect(has("Storage", "Databricks")).toBe(true);
    expect(has("Databricks", "Cosmos DB")).toBe(true);
    expect(has("Data Explorer", "Grafana")).toBe(true);
    expect(has("Functions", "Digital Twins")).toBe(true);
    expect(has("Functions", "Logic App")).toBe(true);
  });

  it("puts no box on another, and leads no flow through one", () => {
    for (const stage of [prod, allFlags]) {
      const finder = new NodeFinder(stage);
      const flows = edgesOf(stage, finder).filter(({ kind }) => kind === "flow");
      const { boxes, routes, width } = layoutOf(stage, finder, flows);
      const rectangles = [...boxes.values()];
      expect(rectangles).toHaveLength(finder.nodes.length);
      expect(rectangles.filter(({ x, width: own }) => x < 0 || x + own > width)).toEqual([]);
      const overlaps = rectangles.filter((a) =>
        rectangles.some((b) => a !== b && crosses(a, [b.x, b.y], [b.x + b.width, b.y + b.height])),
      );
      expect(overlaps).toEqual([]);
      const crossed = routes.flatMap(({ edge, points }) =>
        points
          .slice(1)
          .flatMap((point, at) =>
            rectangles.some((box) => crosses(box, points[at]!, point))
              ? [`${edge.from.name} ${edge.to.name}`]
              : [],
          ),
      );
      expect(crossed).toEqual([]);
      expect(routes.length).toBeGreaterThan(20);
    }
  });

  it("has colours for a dark page and for a light one", () => {
    expect(architectureImage(prod)).toContain("@media screen and (prefers-color-scheme:dark)");
  });

  it("changes with the stage: a permission less is an arrow less", () => {
    const [role] = prod.resources.filter(({ type }) => type === "azurerm_role_assignment");
    const less = mutated(prod, (resource) => (resource === role ? undefined : resource));
    expect(architectureImage(less)).not.toBe(architectureImage(prod));
  });
});

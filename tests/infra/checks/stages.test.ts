import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SynthesisedStage } from "../../../infra/checks";
import { stageNames } from "../../../infra/config/stages";
import { providerFacts } from "../../../infra/facts";
import { architectureImage } from "../../../infra/graph";
import { applyExceptions, exceptionsPage } from "../../../infra/policies";
import { checkStages, synthesised } from "../support/stages";

const root = join(__dirname, "..", "..", "..");

describe("every stage as it is synthesised", () => {
  let stages: SynthesisedStage[];

  beforeAll(async () => {
    stages = await synthesised();
  }, 120_000);

  it("is there", () => {
    expect(stages.map(({ name }) => name)).toEqual([...stageNames]);
  });

  it("keeps every rule but the registered exceptions, and every exception is needed", () => {
    const { left } = applyExceptions(checkStages(stages));
    expect(left.map(({ check, path, message }) => `${check} ${path}: ${message}`)).toEqual([]);
  });

  it("uses only resource types that the facts cover", () => {
    const types = new Set(stages.flatMap(({ resources }) => resources.map(({ type }) => type)));
    expect([...types].filter((type) => providerFacts[type] === undefined)).toEqual([]);
    expect(Object.keys(providerFacts).filter((type) => !types.has(type))).toEqual([]);
  });

  it("is drawn in the committed picture", () => {
    const prod = stages.find(({ name }) => name === "prod")!;
    expect(architectureImage(prod)).toBe(
      readFileSync(join(root, "docs", "images", "infra-prod.svg"), "utf8"),
    );
  });

  it("has its exceptions on the committed page", () => {
    expect(readFileSync(join(root, "docs", "exceptions.md"), "utf8")).toBe(exceptionsPage());
  });
});

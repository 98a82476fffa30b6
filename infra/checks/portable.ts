import { repositoryRoot } from "../config/repository";
import { about, type Finding } from "./finding";
import { visitTexts } from "./references";
import type { SynthesisedStage } from "./synthesis";

/** What is synthesised is the same on every machine: no argument holds a place of the one that runs. */
export function checkPortable(stage: SynthesisedStage, root = repositoryRoot()): Finding[] {
  const findings: Finding[] = [];
  for (const resource of stage.resources) {
    visitTexts(resource.args, (text, path) => {
      if (text.includes(root))
        findings.push(about(resource, "synth.portable", `${path} holds a path of this machine`));
    });
  }
  return findings;
}

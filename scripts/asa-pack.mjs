// Makes the tarball of the asa command and library: node scripts/asa-pack.mjs [OUTPUT FOLDER].
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** Packages that the packed code imports, with the versions that this project is tested with. */
function dependencies(folder, versions) {
  const found = new Set();
  const visit = (current) => {
    for (const entry of readdirSync(current, { withFileTypes: true })) {
      const path = join(current, entry.name);
      if (entry.isDirectory()) visit(path);
      else if (entry.name.endsWith(".js"))
        for (const match of readFileSync(path, "utf8").matchAll(/(?:require|import)\("([^".][^"]*)"\)/g))
          if (!match[1].startsWith("node:"))
            found.add(
              match[1]
                .split("/")
                .slice(0, match[1].startsWith("@") ? 2 : 1)
                .join("/"),
            );
    }
  };
  visit(folder);
  return Object.fromEntries(
    [...found].sort().map((name) => {
      if (versions[name] === undefined)
        throw new Error(`package "${name}" is imported but not in package.json`);
      if (/^(@azure|cdktf|@cdktf)/.test(name)) throw new Error(`package "${name}" must not be part of asa`);
      return [name, versions[name]];
    }),
  );
}

/** Builds the tarball into `output` and returns its path. `dist` holds the compiled project. */
export function packAsa(output, dist = join(root, "dist")) {
  if (!existsSync(join(dist, "asa", "node", "cli.js")))
    throw new Error("asa is not built; run npm run build first");
  const staging = mkdtempSync(join(tmpdir(), "asa-pack-"));
  try {
    const keep = (source) => !source.endsWith(".map") && !source.endsWith(".tsbuildinfo");
    for (const folder of ["asa", "contracts"])
      cpSync(join(dist, folder), join(staging, "lib", folder), { recursive: true, filter: keep });
    const project = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const manifest = {
      name: "asa-local",
      version: project.version,
      description: "Compile, run and test Azure Stream Analytics queries in plain Node",
      license: project.license,
      engines: project.engines,
      bin: { asa: "lib/asa/node/cli.js" },
      main: "lib/asa/index.js",
      types: "lib/asa/index.d.ts",
      exports: {
        ".": { types: "./lib/asa/index.d.ts", default: "./lib/asa/index.js" },
        "./node": { types: "./lib/asa/node/index.d.ts", default: "./lib/asa/node/index.js" },
      },
      dependencies: dependencies(join(staging, "lib"), {
        ...project.devDependencies,
        ...project.dependencies,
      }),
    };
    writeFileSync(join(staging, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
    writeFileSync(
      join(staging, "README.md"),
      readFileSync(join(root, "docs", "asa-test-your-project.md"), "utf8"),
    );
    cpSync(join(root, "LICENSE"), join(staging, "LICENSE"));
    mkdirSync(output, { recursive: true });
    execFileSync("npm", ["pack", "--silent", "--pack-destination", output], {
      cwd: staging,
      stdio: ["ignore", "ignore", "inherit"],
    });
    return join(output, `${manifest.name}-${manifest.version}.tgz`);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { ensureBuilt } = await import("./setup/build.mjs");
  await ensureBuilt({ tolerant: true });
  const file = packAsa(resolve(process.argv[2] ?? join(root, "dist")));
  console.log(relative(process.cwd(), file));
}

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(__dirname, "../..");
const self = "tests/architecture/tree.test.ts";

/** Text files of the repository as git has them, with what is new and not ignored. */
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
  maxBuffer: 2 ** 26,
})
  .split("\n")
  .filter((file) => /\.(ts|mjs|js|json|py|md|yml|yaml|asaql|sql|css|html|svg|txt|kql)$|^\.ci\//.test(file))
  .filter((file) => file !== self && existsSync(join(root, file)));

/** Lines that match, as `file:line: text`. */
function offenders(pattern: RegExp, among: readonly string[] = files): string[] {
  return among.flatMap((file) =>
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .flatMap((line, index) =>
        pattern.test(line) ? [`${file}:${index + 1}: ${line.trim().slice(0, 120)}`] : [],
      ),
  );
}

const source = files.filter((file) => /\.(ts|mjs|js|py|css|asaql)$/.test(file) && !/\.min\.js$/.test(file));
const written = files.filter((file) => !file.endsWith("package-lock.json"));

describe("the tree", () => {
  it("has files to look at", () => {
    expect(files.length).toBeGreaterThan(300);
  });

  it("names no folder of anybody's machine", () => {
    expect(offenders(/(?<![\w.])\/(home|Users|work|root)\/[\w.-]+\//, written)).toEqual([]);
  });

  it("fetches packages from the registries' ordinary names only", () => {
    const lock = readFileSync(join(root, "package-lock.json"), "utf8");
    const hosts = [...lock.matchAll(/"resolved":\s"https?:\/\/([^/"]+)/g)].map((match) => match[1]);
    expect([...new Set(hosts)].filter((host) => host !== "registry.npmjs.org")).toEqual([]);
    expect(
      offenders(
        /registry\.npmjs\.org|pypi\.org\/simple|files\.pythonhosted\.org|\b--(registry|index-url)\b/,
        source,
      ),
    ).toEqual([]);
  });

  it("names no script of package.json twice", () => {
    const text = readFileSync(join(root, "package.json"), "utf8");
    const scripts = /"scripts": \{([\s\S]*?)\n {2}\}/.exec(text)?.[1] ?? "";
    const names = [...scripts.matchAll(/^\s+"([^"]+)":/gm)].map((match) => match[1]);
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it("leaves nothing for later", () => {
    expect(offenders(/\b(TODO|FIXME|HACK)\b/, source)).toEqual([]);
  });

  it("suppresses a rule only with a reason", () => {
    expect(offenders(/biome-ignore(?!(?:-all|-start|-end)? lint\/[\w/]+: \S)/, source)).toEqual([]);
    expect(offenders(/@ts-(ignore|nocheck)|eslint-disable/, source)).toEqual([]);
  });

  it("has no test that is left out or runs alone", () => {
    const tests = source.filter((file) => file.endsWith(".test.ts"));
    expect(offenders(/\b(it|test|describe)\.(only|todo)\b|\bf(it|describe)\(/, tests)).toEqual([]);
  });
});

describe("links in pages", () => {
  const pages = files.filter((file) => file.endsWith(".md"));
  it.each(pages)("%s leads to files that exist", (page) => {
    const text = readFileSync(join(root, page), "utf8").replaceAll(/```[\s\S]*?```/g, "");
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1]!.split("#")[0]!)
      .filter((target) => target !== "" && !/^[a-z]+:/.test(target));
    const missing = targets.filter((target) => !existsSync(join(root, dirname(page), target)));
    expect(missing).toEqual([]);
  });
});

describe("local/README.md", () => {
  const text = readFileSync(join(root, "local/README.md"), "utf8");
  const rooms = readdirSync(join(root, "local"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

  it.each(rooms)("lists %s", (room) => {
    expect(text).toContain(`\`${room}/\``);
  });
});

describe("decisions", () => {
  const adrs = readdirSync(join(root, "docs/adr")).sort();

  it("are numbered without gap or repetition", () => {
    expect(adrs.map((name) => name.slice(0, 4))).toEqual(
      adrs.map((_, index) => String(index + 1).padStart(4, "0")),
    );
  });

  it.each(adrs)("%s has its number, a status with a date, and the five parts in order", (name) => {
    const text = readFileSync(join(root, "docs/adr", name), "utf8");
    expect(text).toMatch(new RegExp(`^# ${name.slice(0, 4)} \\S`));
    expect([...text.matchAll(/^## (.+)$/gm)].map((match) => match[1])).toEqual([
      "Status",
      "Context",
      "Positions",
      "Decision",
      "Consequences",
    ]);
    expect(text).toMatch(/^## Status\n(Accepted|Replaced by \d{4}), \d{4}-\d\d-\d\d\.$/m);
  });
});

describe("words", () => {
  /** Words that name a thing of the glossary by another name. */
  const others: readonly (readonly [RegExp, string])[] = [
    [/\bhigh[- ]?water[- ]?mark\b/i, "batchHighWatermark, or watermark"],
    [/\bspeed view\b/i, "real-time view"],
    [/\bdead[- ]letter queue\b/i, "quarantine"],
    [/\bmaster[- ]data set\b/i, "master dataset"],
    [/\bconsumer[- ]?groups? id\b/i, "consumer group"],
    [/\bsliding aggregates?\b/i, "hopping window or sliding window"],
    [/\brealtime view\b/i, "real-time view"],
  ];

  it.each(others)("%s is said otherwise", (pattern) => {
    const pages = files.filter((file) => file.endsWith(".md"));
    expect(offenders(pattern, [...source, ...pages])).toEqual([]);
  });

  it("of the glossary are in the code that they name", () => {
    const code = source.map((file) => readFileSync(join(root, file), "utf8")).join("\n");
    const glossary = readFileSync(join(root, "docs/glossary.md"), "utf8");
    const names = [...glossary.matchAll(/`([A-Za-z][\w-]+)`/g)].map((match) => match[1]!);
    expect(names.length).toBeGreaterThan(2);
    expect(names.filter((name) => !code.includes(name))).toEqual([]);
  });
});

describe("released stream jobs", () => {
  it("are as they were released, and every version is", () => {
    const check = () =>
      execFileSync(process.execPath, [join(root, "scripts/stream-jobs-lock.mjs"), "--check"], {
        encoding: "utf8",
        stdio: "pipe",
      });
    expect(check()).toBe("");
  });
});

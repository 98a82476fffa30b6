import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "../../local/cli/verbs";

const root = join(__dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
  ...["contracts", "asa", "stream-jobs", "functions", "notebooks", "infra", "local"].map(
    (room) => `${room}/README.md`,
  ),
];

const scripts = (JSON.parse(read("package.json")) as { scripts: Record<string, string> }).scripts;

/** Commands in code blocks and in code spans, one a line, without their comments. */
function commandsOf(page: string): string[] {
  const text = read(page);
  const blocks = [...text.matchAll(/```(?:sh|bash)?\n([\s\S]*?)```/g)].flatMap((match) =>
    match[1]!.split("\n"),
  );
  const spans = [...text.replaceAll(/```[\s\S]*?```/g, "").matchAll(/`([^`\n]+)`/g)].map(
    (match) => match[1]!,
  );
  return [...blocks, ...spans]
    .map((line) => line.replace(/\s+#.*$/, "").trim())
    .filter((line) => /^(npm (run|start|test)|npx jest|node )\b/.test(line));
}

async function helpOf(verb: string): Promise<string> {
  let text = "";
  const write = jest.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    expect(await main([verb, "--help"])).toBe(0);
  } finally {
    write.mockRestore();
  }
  return text;
}

describe.each(pages)("%s", (page) => {
  const commands = commandsOf(page);

  it("names npm scripts that exist", () => {
    const named = commands
      .map((command) => /^npm (?:run (?:-s )?([\w:-]+)|(start|test))/.exec(command))
      .flatMap((match) => (match === null ? [] : [match[1] ?? match[2]!]));
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it("names files that exist in its commands", () => {
    const named = commands.flatMap((command) =>
      [...command.matchAll(/(?<=\s)(?:tests|scripts|stream-jobs|benchmarks|docs|examples)\/[\w./-]+/g)].map(
        (match) => match[0].replace(/\/$/, ""),
      ),
    );
    expect(named.filter((file) => !/[<>N]/.test(file) && !existsSync(join(root, file)))).toEqual([]);
  });

  it("names verbs and options of the platform that exist", async () => {
    for (const command of commands) {
      const [, verb, rest] =
        /^npm run local -- ([a-z]+)(.*)$/.exec(command) ??
        (/^npm start -- /.test(command) ? ["", "up", command] : []);
      if (verb === undefined) continue;
      const help = await helpOf(verb);
      const options = [...(rest ?? "").matchAll(/\s(--[a-z-]{2,})/g)].map((match) => match[1]!);
      expect({ command, unknown: options.filter((option) => !help.includes(option)) }).toEqual({
        command,
        unknown: [],
      });
    }
  });
});

describe("README.md", () => {
  it("has commands", () => {
    expect(commandsOf("README.md").length).toBeGreaterThan(8);
  });

  it("names every room", () => {
    const text = read("README.md");
    for (const room of [
      "contracts",
      "asa",
      "stream-jobs",
      "functions",
      "notebooks",
      "local",
      "infra",
      "docs",
    ]) {
      expect(text).toContain(`\`${room}/\``);
    }
  });

  it("asks for the Node version that package.json asks for", () => {
    const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
    expect(read("README.md")).toContain(`Node ${engines.node.replace(/^>=/, "")}`);
  });

  it("says the size at which a live run stops sending", async () => {
    expect(await helpOf("up")).toContain("(default 4)");
    expect(read("README.md")).toContain("4 GiB");
  });
});

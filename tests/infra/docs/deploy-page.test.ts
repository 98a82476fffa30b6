import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { deployOrder, destroyOrder, stepsOf, targetsOf } from "../../../infra/bootstrap";
import { deployment } from "../../../infra/config/deployment";
import { abbreviations } from "../../../infra/config/names";
import { stages } from "../../../infra/config/stages";

const root = join(__dirname, "../../..");
const page = readFileSync(join(root, "docs/deploy.md"), "utf8");

const listOf = (name: string): string[] =>
  [
    ...new RegExp(`<!-- order:${name} -->\\n([\\s\\S]*?)<!-- /order -->`)
      .exec(page)![1]!
      .matchAll(/^\d+\. (.+)$/gm),
  ].map((match) => match[1]!);

test("the orders on the page are those of infra/app.ts", () => {
  const deployed = deployOrder("prod");
  const short = (stacks: readonly { readonly name: string }[]) =>
    stacks.map(({ name }) => name.replace(/^prod-/, ""));
  expect(listOf("deploy")).toEqual(short(deployed));
  expect(listOf("destroy")).toEqual(short(destroyOrder("prod", deployed)));
});

const commands = /## Ten commands\n\n```sh\n([\s\S]*?)```/.exec(page)![1]!.trim().split("\n");

test("ten commands, each with its number and its explanation", () => {
  expect(commands.map((line) => Number(/# (\d+)$/.exec(line)?.[1]))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const explained = page.slice(page.indexOf("```\n", page.indexOf("## Ten commands"))).split("\n## ")[0]!;
  expect([...explained.matchAll(/^(\d+)\. /gm)].map((match) => Number(match[1]))).toEqual(
    commands.map((_, index) => index + 1),
  );
});

test("the first stack is the one that commands 3 to 5 deploy, and command 6 takes the others", () => {
  expect(listOf("deploy")[0]).toBe("bootstrap");
  expect(commands[2]).toContain("cdktf deploy dev-bootstrap");
  expect(commands[5]).toContain("npm run -s stacks -- --stage dev | tail -n +2");
});

test("resource names on the page are of kinds that have names", () => {
  const kinds = [...page.matchAll(/npm run -s names -- --stage \w+ (\w+)/g)].map((match) => match[1]!);
  expect(kinds.length).toBeGreaterThan(2);
  expect(kinds.filter((kind) => !(kind in abbreviations))).toEqual([]);
});

test("the functions' zip is packed alike on the page, in the deployment and in the release", () => {
  const zipped = (text: string) => /cd functions && zip -q -r \S+ ([\w. /]+)\)/.exec(text)?.[1];
  const workflow = (name: string) => readFileSync(join(root, ".github/workflows", name), "utf8");
  expect(zipped(page)).toBe("host.json package.json dist");
  expect(zipped(workflow("deploy-stage.yml"))).toBe(zipped(page));
  expect(zipped(workflow("release.yml"))).toBe(zipped(page));
});

test("variables that workflows read are on the page", () => {
  const texts = ["plan", "deploy", "deploy-stage", "drift", "cost-guard"].map((name) =>
    readFileSync(join(root, `.github/workflows/${name}.yml`), "utf8"),
  );
  for (const text of texts) expect(() => parse(text)).not.toThrow();
  const read = texts.flatMap((text) => [...text.matchAll(/vars\.(\w+)/g)].map((match) => match[1]!));
  expect(new Set(read).size).toBeGreaterThan(5);
  expect(
    [...new Set(read)].filter((name) => !page.includes(`\`${name}`) && !page.includes(`${name}=`)),
  ).toEqual([]);
});

test("what the page says of data planes are the steps of the program", () => {
  const targets = targetsOf({ stage: stages.prod, deployment, tokens: async () => "" });
  const services = new Set(
    stepsOf(stages.prod, targets, async () => "").map(({ name }) => name.split("-")[0]),
  );
  expect(services).toEqual(new Set(["private", "sql", "synapse", "digital", "grafana"]));
  for (const word of ["private endpoints", "SQL", "Synapse", "Digital Twins", "Grafana"])
    expect(page).toContain(word);
});

test.each(["deploy", "providers", "add-a-service"])("%s says that nothing was run against Azure", (name) => {
  const text = readFileSync(join(root, `docs/${name}.md`), "utf8").replaceAll("**", "");
  expect(text).toMatch(/(nothing[^.]*|not) been run against Azure/i);
});

test.each(["deploy", "providers", "add-a-service"])("files that %s names exist", (name) => {
  const text = readFileSync(join(root, `docs/${name}.md`), "utf8");
  const named = [...text.matchAll(/`((?:infra|contracts|functions)\/[\w./-]+)`/g)].map((match) => match[1]!);
  const missing = named.filter((path) => {
    // Written by a workflow, as the page says.
    if (path === "infra/.terraform.lock.hcl") return false;
    try {
      readFileSync(join(root, path));
      return false;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== "EISDIR";
    }
  });
  expect(missing).toEqual([]);
});

import { compileErrors, compileWarnings, runtimeErrors } from "../asa/errors";
import { asaToolErrors } from "../asa/node";
import { bootstrapErrors } from "../infra/bootstrap/errors";
import { eventHubsErrors } from "../local/event-hubs";
import { localErrors } from "../local/process/errors";

/** One table of codes in the code. */
export interface ErrorTable {
  readonly title: string;
  /** What a reader of the page should know about the whole table. */
  readonly about: string;
  /** Module of the table, from the root of the repository. */
  readonly source: string;
  readonly codes: Readonly<Record<string, string>>;
}

/** Every table of codes that users meet, in the order of the page. */
export const errorTables: readonly ErrorTable[] = [
  {
    title: "Mistakes in a query",
    about: "The job does not start. Every mistake of a file is reported with its place, a caret and a hint.",
    source: "asa/errors.ts",
    codes: compileErrors,
  },
  {
    title: "Warnings of the compiler",
    about: "The job starts; `asa check --warnings-as-errors` refuses it all the same.",
    source: "asa/errors.ts",
    codes: compileWarnings,
  },
  {
    title: "Errors of a running job and of the library",
    about: "The job stops, as in the service; the message names the expression, its line and its column.",
    source: "asa/errors.ts",
    codes: runtimeErrors,
  },
  {
    title: "Projects, data files and the command asa",
    about: "Shown with the file and, where there is one, the line.",
    source: "asa/node/errors.ts",
    codes: asaToolErrors,
  },
  {
    title: "The platform on one machine",
    about: "Shown by `npm start`, `npm run local` and `npm run setup`.",
    source: "local/process/errors.ts",
    codes: localErrors,
  },
  {
    title: "Event Hubs on one machine",
    about: "AMQP conditions that clients see; texts are the service's own where it has one.",
    source: "local/event-hubs/errors.ts",
    codes: eventHubsErrors,
  },
  {
    title: "Data planes of Azure",
    about: "Shown by `npm run bootstrap` and `npm run stage-power`.",
    source: "infra/bootstrap/errors.ts",
    codes: bootstrapErrors,
  },
];

const introduction = `# Errors

Every code with its meaning, written by \`npm run docs\` from the tables in code; a test holds page and tables equal, another one looks for a test that raises
each code. A message has three parts: what is wrong, in full sentences why (detail), and what to do about it (hint). The Cosmos DB and IoT Hub
servers answer with the services' own status codes and texts.
`;

/** The text of docs/errors.md. */
export function errorsPage(tables: readonly ErrorTable[] = errorTables): string {
  return [introduction, ...tables.map(section)].join("\n");
}

function section({ title, about, source, codes }: ErrorTable): string {
  const rows = Object.entries(codes).map(
    ([name, meaning]) => `| \`${name}\` | ${meaning.replaceAll("|", "\\|")} |`,
  );
  return `## ${title}\n\n${about} Table: [\`${source}\`](../${source}).\n\n| code | meaning |\n| --- | --- |\n${rows.join("\n")}\n`;
}

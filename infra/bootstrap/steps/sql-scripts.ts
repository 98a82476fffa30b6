import { createHash } from "node:crypto";
import { BootstrapError } from "../errors";
import type { SqlRunner, SqlTarget } from "../sqlcmd";
import type { Step } from "../step";

export interface SqlScript {
  /** File name. */
  readonly name: string;
  readonly text: string;
}

export interface SqlScriptsProps {
  readonly name: string;
  readonly scripts: readonly SqlScript[];
  /** Values of `{{place}}` in the scripts. */
  readonly places: Readonly<Record<string, string>>;
  readonly target: () => Promise<SqlTarget>;
  readonly run: SqlRunner;
  /** Database that the scripts make and switch to, when it is not the one they start in. */
  readonly madeDatabase?: string;
}

/**
 * Runs T-SQL scripts in the order of their names. The scripts change nothing the second time; what ran is kept as a hash
 * in the view `dbo.bootstrap_<step>`, a form that Azure SQL, dedicated pools and serverless pools all know.
 */
export function sqlScripts(props: SqlScriptsProps): Step {
  const { name, run, target } = props;
  const text = joinScripts(props.scripts, props.places);
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return {
    name,
    plan: () => props.scripts.map((script) => `run ${script.name}`),
    isDone: async () => {
      if (props.scripts.length === 0) return true;
      return (await run(await target(), readMark(name, props.madeDatabase))).trim() === hash;
    },
    apply: async () => {
      await run(await target(), text + writeMark(name, hash));
    },
  };
}

/**
 * The scripts as one text with their places filled, `GO` between them.
 * @throws BootstrapError BOOTSTRAP_SQL_PLACE for a place without a value, or a value that could end a name or a string
 */
export function joinScripts(scripts: readonly SqlScript[], places: Readonly<Record<string, string>>): string {
  return scripts
    .map(({ name, text }) => {
      const filled = text.replace(/\{\{(\w+)\}\}/g, (_, place: string) => {
        const value = places[place];
        if (value === undefined || !/^[\w.:/@-]+$/.test(value)) {
          throw new BootstrapError(
            "BOOTSTRAP_SQL_PLACE",
            `${name}: place {{${place}}} has ${value === undefined ? "no value" : "a value that is no plain name"}`,
            `known places: ${Object.keys(places).sort().join(", ")}`,
          );
        }
        return value;
      });
      return /\nGO\s*$/.test(filled) ? filled : `${filled.trimEnd()}\nGO\n`;
    })
    .join("");
}

const viewOf = (step: string): string => `bootstrap_${step.replaceAll("-", "_")}`;

function readMark(step: string, database: string | undefined): string {
  const view = `${database === undefined ? "" : `[${database}].`}dbo.${viewOf(step)}`;
  return [
    "SET NOCOUNT ON;",
    // In a string, because a batch that names a missing view is not even compiled.
    `IF OBJECT_ID(N'${view}', N'V') IS NULL SELECT 'none' ELSE EXEC(N'SELECT contentHash FROM ${view}');`,
    "GO\n",
  ].join("\n");
}

function writeMark(step: string, hash: string): string {
  const view = viewOf(step);
  return [
    `IF OBJECT_ID(N'dbo.${view}', N'V') IS NOT NULL DROP VIEW dbo.${view};`,
    "GO",
    `CREATE VIEW dbo.${view} AS SELECT '${hash}' AS contentHash;`,
    "GO\n",
  ].join("\n");
}

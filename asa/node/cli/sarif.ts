import { asaErrors } from "../engine";
import { asaToolErrors } from "../errors";
import type { Finding } from "./findings";

const meanings: Readonly<Record<string, string>> = { ...asaErrors, ...asaToolErrors };

/** A SARIF 2.1.0 log of the findings, as code scanning services read it. */
export function sarifLog(findings: readonly Finding[]): string {
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "asa",
            rules: codes.map((id) => ({ id, shortDescription: { text: meanings[id] ?? id } })),
          },
        },
        results: findings.map(({ severity, code, message, file, line, column, more }) => ({
          ruleId: code,
          level: severity,
          message: {
            text: [
              message,
              ...more.map((text) => text.trim()).filter((text) => text.startsWith("hint:")),
            ].join("\n"),
          },
          locations: file === undefined ? [] : [{ physicalLocation: physicalLocation(file, line, column) }],
        })),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function physicalLocation(file: string, line: number | undefined, column: number | undefined): object {
  const uri = file.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
  const region =
    line === undefined
      ? {}
      : { region: { startLine: line, ...(column === undefined ? {} : { startColumn: column }) } };
  return { artifactLocation: { uri }, ...region };
}

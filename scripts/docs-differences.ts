import { captureCoverage } from "../local/capture";
import { cosmosCoverage } from "../local/cosmos";
import { eventHubsCoverage } from "../local/event-hubs";
import { functionsHostCoverage } from "../local/functions-host";
import { iotHubCoverage } from "../local/iot-hub";
import type { CoverageEntry } from "../local/process/coverage";
import { storageCoverage } from "../local/storage";
import { streamAnalyticsCoverage } from "../local/stream-analytics";

/** The local counterpart of one service, and the table in code that says what it does. */
export interface CoveredService {
  readonly title: string;
  /** Module of the table, from the root of the repository. */
  readonly source: string;
  readonly entries: readonly CoverageEntry[];
}

/** Every local server with a table, in the order of the flow. */
export const coveredServices: readonly CoveredService[] = [
  { title: "IoT Hub", source: "local/iot-hub/coverage.ts", entries: iotHubCoverage },
  { title: "Event Hubs", source: "local/event-hubs/coverage.ts", entries: eventHubsCoverage },
  { title: "Event Hubs Capture", source: "local/capture/coverage.ts", entries: captureCoverage },
  {
    title: "Stream Analytics",
    source: "local/stream-analytics/coverage.ts",
    entries: streamAnalyticsCoverage,
  },
  { title: "Azure Functions", source: "local/functions-host/coverage.ts", entries: functionsHostCoverage },
  { title: "Cosmos DB", source: "local/cosmos/coverage.ts", entries: cosmosCoverage },
  { title: "Blob storage", source: "local/storage/coverage.ts", entries: storageCoverage },
];

const introduction = `# Differences from Azure

What the local servers do not do, or do otherwise than the services they stand for. The page is written by \`npm run docs\` from the tables named below;
a test holds page and tables equal. Everything that a table lists as supported is spoken to by the official SDKs in \`tests/conformance\`, or by the
room's own tests.

Three things differ everywhere: servers listen on 127.0.0.1 only, in plain text but for the IoT hub; keys and connection strings take the place of
Microsoft Entra ID; and what the services take from their own clocks (enqueued times, timers, Capture's intervals) follows the platform clock
([architecture](architecture.md#the-clock)). One difference lies in the cloud and not here: in Azure a message whose body is an array is several
events to Stream Analytics ([ADR 0005](adr/0005-one-event-per-message.md)).
`;

/** The text of docs/differences-from-azure.md. */
export function differencesPage(services: readonly CoveredService[] = coveredServices): string {
  return [introduction, summaryTable(services), ...services.map(section)].join("\n");
}

function count(entries: readonly CoverageEntry[], status: CoverageEntry["status"]): number {
  return entries.filter((entry) => entry.status === status).length;
}

function summaryTable(services: readonly CoveredService[]): string {
  const rows = services.map(
    ({ title, source, entries }) =>
      `| [${title}](#${anchor(title)}) | ${count(entries, "supported")} | ${count(entries, "differs")} | ${count(entries, "not supported")} | [\`${source}\`](../${source}) |`,
  );
  return `${["| service | supported | differs | not supported | table |", "|---|---|---|---|---|", ...rows].join("\n")}\n`;
}

function section({ title, entries }: CoveredService): string {
  const parts = [`## ${title}`, ""];
  parts.push(...table("Differs", "how", entries, "differs"));
  parts.push(...table("Not supported", "instead", entries, "not supported"));
  const areas = [...new Set(entries.map(({ area }) => area))];
  const lines = areas.flatMap((area) => {
    const features = entries.filter((entry) => entry.area === area && entry.status === "supported");
    return features.length === 0
      ? []
      : [`- ${area}: ${features.map(({ feature }) => escaped(feature)).join("; ")}`];
  });
  if (lines.length > 0)
    parts.push("<details><summary>Supported</summary>", "", ...lines, "", "</details>", "");
  return parts.join("\n");
}

function table(
  title: string,
  column: string,
  entries: readonly CoverageEntry[],
  status: CoverageEntry["status"],
): string[] {
  const chosen = entries.filter((entry) => entry.status === status);
  if (chosen.length === 0) return [];
  return [
    `| ${title} | | ${column} |`,
    "|---|---|---|",
    ...chosen.map(({ area, feature, note }) => `| ${area} | ${escaped(feature)} | ${escaped(note ?? "")} |`),
    "",
  ];
}

function anchor(title: string): string {
  return title.toLowerCase().replaceAll(" ", "-");
}

/** Text in a table's cell: a bar would end the cell, and outside code a star or an underscore would change the letters. */
function escaped(text: string): string {
  return text
    .split("`")
    .map((part, index) => part.replaceAll(index % 2 === 0 ? /[|*_<]/g : /\|/g, (found) => `\\${found}`))
    .join("`");
}

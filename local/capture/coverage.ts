import { type CoverageEntry, differs, missing, supported } from "../process/coverage";

/** Features of Event Hubs Capture, area by area. */
export const captureCoverage: readonly CoverageEntry[] = [
  ...supported(
    "Files",
    "Avro in the service's schema",
    "The default path pattern, one file for each partition and interval",
    "Files closed early by size",
    "Empty files for intervals without events",
  ),
  differs(
    "Files",
    "A long time without events",
    "One empty file covers several intervals, where the service writes one for each.",
  ),
  differs(
    "Files",
    "Blob metadata",
    "Each file carries its range of times and sequence numbers; readers of this repository do not need it.",
  ),
  differs("Files", "Intervals", "They are measured by the platform clock."),
  missing("Files", "Other path patterns", "The topology states the default one."),
  missing("Files", "Parquet and the no-code editor"),
];

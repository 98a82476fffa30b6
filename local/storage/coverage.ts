import { type CoverageEntry, differs, missing, supported } from "../process/coverage";

/** Blob storage on one machine is Azurite; here is what matters of it to this platform. */
export const storageCoverage: readonly CoverageEntry[] = [
  ...supported("Blobs", "Containers, block blobs, metadata, leases and listing, through the service's SDKs"),
  differs(
    "Blobs",
    "Durability",
    "Azurite saves its catalogue every few seconds, so that a kill may take back the blobs of the last ones; Capture writes them again.",
  ),
  differs(
    "Blobs",
    "Data Lake",
    "Spark's abfss:// driver is told that the account has no hierarchical namespace and speaks to the blob endpoint.",
  ),
  missing("Blobs", "TLS and Microsoft Entra ID", "Use the emulators' account and key."),
  missing("Further", "Queues, tables and files", "The platform does not use them."),
];

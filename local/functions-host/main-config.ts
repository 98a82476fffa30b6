/** What the supervisor tells the process. */
export interface FunctionsHostConfig {
  /** Folder of the app: host.json, package.json and the built module. */
  readonly appFolder: string;
  /** Checkpoints, timers' states and dead letters. */
  readonly dataFolder: string;
  /** Port of the HTTP functions; 0 takes a free one. */
  readonly port: number;
  /** App settings; `EventHubs`, `Cosmos` and `AzureWebJobsStorage` are connection strings. */
  readonly settings: Readonly<Record<string, string>>;
  /**
   * How hubs are read: through the platform's log client at the broker's internal port, or through the service's SDK with
   * checkpoints in the blob container `checkpoints` of `AzureWebJobsStorage`.
   */
  readonly reader:
    | { readonly kind: "log"; readonly port: number; readonly token: string }
    | { readonly kind: "sdk" };
}

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
  /** `log`, the default, reads hubs through the platform's log client; `sdk` through the service's SDK. */
  readonly reader?: "log" | "sdk";
}

/** How to reach a service: by identity in the cloud, by connection string on one machine. */
export type Connection =
  | { readonly kind: "identity"; readonly address: string; readonly clientId: string | undefined }
  | { readonly kind: "connectionString"; readonly connectionString: string };

/** A service that the app reaches by its identity only. */
export interface ServiceAddress {
  readonly address: string;
  readonly clientId: string | undefined;
}

/** Where measurements go. */
export interface InsightsSettings extends ServiceAddress {
  readonly instrumentationKey: string;
}

/**
 * The app's settings; `eventHubs.address` is a namespace's host name, `cosmos.address` an account's URL. What a stage, or one
 * machine, does not have is null, and the functions that need it are not registered.
 */
export interface Settings {
  readonly eventHubs: Connection;
  readonly cosmos: Connection;
  readonly digitalTwins: ServiceAddress | null;
  readonly dataExplorer: (ServiceAddress & { readonly database: string }) | null;
  /** The workflow that findings are told to; its address is a resource id. */
  readonly notifications: ServiceAddress | null;
  readonly insights: InsightsSettings | null;
}

/** App settings that cannot be used: every mistake in one error, each with what to set. */
export class SettingsError extends Error {
  readonly code = "FUNCTIONS_SETTINGS";
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(
      `the app settings cannot be used:\n${mistakes.map((mistake) => `  - ${mistake}`).join("\n")}\n` +
        "  hint: local.settings.example.json shows the names",
    );
    this.name = "SettingsError";
    this.mistakes = mistakes;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the settings once. @throws SettingsError naming every mistake. */
export function readSettings(environment: Environment): Settings {
  const mistakes: string[] = [];
  const eventHubs = readConnection(environment, mistakes, {
    name: "EventHubs",
    addressSuffix: "fullyQualifiedNamespace",
    address: /^[A-Za-z0-9.-]+$/,
    addressExample: "evhns-lambda-dev.servicebus.windows.net",
    connectionString: /(^|;)\s*Endpoint=sb:\/\/[^;]+/i,
    connectionStringExample: "Endpoint=sb://...;SharedAccessKeyName=...;SharedAccessKey=...",
  });
  const cosmos = readConnection(environment, mistakes, {
    name: "Cosmos",
    addressSuffix: "accountEndpoint",
    address: /^https:\/\/[^\s]+$/,
    addressExample: "https://cosmos-lambda-dev.documents.azure.com:443/",
    connectionString: /(^|;)\s*AccountEndpoint=https?:\/\/[^;]+;.*AccountKey=/i,
    connectionStringExample: "AccountEndpoint=...;AccountKey=...",
  });
  const digitalTwins = readService(environment, mistakes, {
    name: "DigitalTwins",
    addressSuffix: "serviceUrl",
    address: /^https:\/\/[^\s/]+$/,
    addressExample: "https://dt-lambda-test.api.weu.digitaltwins.azure.net",
  });
  const dataExplorer = readService(environment, mistakes, {
    name: "DataExplorer",
    addressSuffix: "clusterUri",
    address: /^https:\/\/[^\s/]+$/,
    addressExample: "https://declambda.westeurope.kusto.windows.net",
  });
  const notifications = readService(environment, mistakes, {
    name: "Notifications",
    addressSuffix: "workflowId",
    address: /^\/subscriptions\/[^\s]+\/workflows\/[^\s/]+$/,
    addressExample: "/subscriptions/.../providers/Microsoft.Logic/workflows/logic-lambda-test",
  });
  const insights = readInsights(environment, mistakes);
  if (mistakes.length > 0 || eventHubs === undefined || cosmos === undefined)
    throw new SettingsError(mistakes);
  const database = nonEmpty(environment["DataExplorer__database"]) ?? "telemetry";
  return {
    eventHubs,
    cosmos,
    digitalTwins,
    dataExplorer: dataExplorer && { ...dataExplorer, database },
    notifications,
    insights,
  };
}

/** A service that need not be there. */
function readService(
  environment: Environment,
  mistakes: string[],
  shape: AddressShape,
): ServiceAddress | null {
  const addressName = `${shape.name}__${shape.addressSuffix}`;
  const address = nonEmpty(environment[addressName]);
  if (address === undefined) return null;
  return readIdentity(environment, mistakes, shape, addressName, address) ?? null;
}

/** The settings under the names that the host itself reads. */
function readInsights(environment: Environment, mistakes: string[]): InsightsSettings | null {
  const name = "APPLICATIONINSIGHTS_CONNECTION_STRING";
  const connection = nonEmpty(environment[name]);
  if (connection === undefined) return null;
  const part = (key: string) => new RegExp(`(?:^|;)\\s*${key}=([^;]+)`, "i").exec(connection)?.[1];
  const instrumentationKey = part("InstrumentationKey");
  const address = part("IngestionEndpoint")?.replace(/\/$/, "");
  if (instrumentationKey === undefined || address === undefined) {
    mistakes.push(`${name} does not look like InstrumentationKey=...;IngestionEndpoint=https://...`);
    return null;
  }
  const clientId = /(?:^|;)\s*ClientId=([^;]+)/i.exec(
    environment["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"] ?? "",
  )?.[1];
  return { address, instrumentationKey, clientId };
}

interface AddressShape {
  readonly name: string;
  readonly addressSuffix: string;
  readonly address: RegExp;
  readonly addressExample: string;
}

interface ConnectionShape extends AddressShape {
  readonly connectionString: RegExp;
  readonly connectionStringExample: string;
}

function readConnection(
  environment: Environment,
  mistakes: string[],
  shape: ConnectionShape,
): Connection | undefined {
  const { name } = shape;
  const addressName = `${name}__${shape.addressSuffix}`;
  const address = nonEmpty(environment[addressName]);
  const connectionString = nonEmpty(environment[name]);
  if (address !== undefined && connectionString !== undefined) {
    mistakes.push(`both ${name} and ${addressName} are set: keep one`);
    return undefined;
  }
  if (address !== undefined) return readIdentity(environment, mistakes, shape, addressName, address);
  if (connectionString === undefined) {
    mistakes.push(
      `neither ${addressName} (such as ${shape.addressExample}) nor, on one machine, ${name} (${shape.connectionStringExample}) is set`,
    );
    return undefined;
  }
  if (nonEmpty(environment["WEBSITE_INSTANCE_ID"]) !== undefined) {
    mistakes.push(`${name} is a connection string: in Azure set ${addressName} and use the app's identity`);
    return undefined;
  }
  if (!shape.connectionString.test(connectionString)) {
    mistakes.push(`${name} does not look like ${shape.connectionStringExample}`);
    return undefined;
  }
  return { kind: "connectionString", connectionString };
}

function readIdentity(
  environment: Environment,
  mistakes: string[],
  { name, address: pattern, addressExample }: AddressShape,
  addressName: string,
  address: string,
): Extract<Connection, { kind: "identity" }> | undefined {
  const credential = nonEmpty(environment[`${name}__credential`]);
  const clientId = nonEmpty(environment[`${name}__clientId`]);
  const before = mistakes.length;
  if (!pattern.test(address)) mistakes.push(`${addressName} does not look like ${addressExample}`);
  if (credential !== undefined && credential !== "managedidentity") {
    mistakes.push(`${name}__credential is "${credential}": the only value is managedidentity`);
  }
  if (clientId !== undefined && credential === undefined) {
    mistakes.push(`${name}__clientId needs ${name}__credential=managedidentity`);
  }
  return mistakes.length === before ? { kind: "identity", address, clientId } : undefined;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : text.trim();
}

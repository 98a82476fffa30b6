/** How to reach a service: by identity in the cloud, by connection string on one machine. */
export type Connection =
  | { readonly kind: "identity"; readonly address: string; readonly clientId: string | undefined }
  | { readonly kind: "connectionString"; readonly connectionString: string };

/** The app's settings; `eventHubs.address` is a namespace's host name, `cosmos.address` an account's URL. */
export interface Settings {
  readonly eventHubs: Connection;
  readonly cosmos: Connection;
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
  if (eventHubs === undefined || cosmos === undefined) throw new SettingsError(mistakes);
  return { eventHubs, cosmos };
}

interface ConnectionShape {
  readonly name: string;
  readonly addressSuffix: string;
  readonly address: RegExp;
  readonly addressExample: string;
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
  { name, address: pattern, addressExample }: ConnectionShape,
  addressName: string,
  address: string,
): Connection | undefined {
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

import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { LocalError } from "../../process/errors";
import { errors } from "../cosmos-error";
import type { ObjectValue } from "../sql";
import { Container } from "./container";
import { checkResourceId, readContainerSettings } from "./container-settings";
import { containerRid, databaseRid } from "./resource-id";

interface CatalogFile {
  readonly nextDatabase: number;
  readonly databases: readonly {
    readonly id: string;
    readonly number: number;
    readonly ts: number;
    readonly nextContainer: number;
    readonly containers: readonly {
      readonly number: number;
      readonly ts: number;
      readonly version: number;
      readonly definition: ObjectValue;
    }[];
  }[];
}

/** A container with what the catalog keeps about it. */
export interface ContainerEntry {
  readonly number: number;
  ts: number;
  /** Counts replacements; part of the resource's `_etag`. */
  version: number;
  container: Container;
}

export interface DatabaseEntry {
  readonly id: string;
  readonly number: number;
  readonly rid: string;
  readonly ts: number;
  nextContainer: number;
  readonly containers: Map<string, ContainerEntry>;
}

/** Databases and containers of the account, kept in a file that is replaced as a whole with each change. */
export class Catalog {
  readonly databases = new Map<string, DatabaseEntry>();
  readonly #folder: string;
  #nextDatabase = 1;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    if (existsSync(this.#path)) this.#load(this.#read());
  }

  get #path(): string {
    return join(this.#folder, "catalog.json");
  }

  /** @throws CosmosError 404 */
  database(id: string): DatabaseEntry {
    const entry = this.databases.get(id);
    if (entry === undefined) throw errors.notFound();
    return entry;
  }

  /** @throws CosmosError 404; substatus 1003 when already the database is missing */
  container(databaseId: string, id: string): ContainerEntry {
    const database = this.databases.get(databaseId);
    if (database === undefined) throw errors.ownerNotFound();
    const entry = database.containers.get(id);
    if (entry === undefined) throw errors.notFound();
    return entry;
  }

  /** @throws CosmosError 400, 409 */
  createDatabase(id: unknown, nowMs: number): DatabaseEntry {
    const checked = checkResourceId(id);
    if (this.databases.has(checked)) throw errors.conflict();
    const number = this.#nextDatabase++;
    const entry: DatabaseEntry = {
      id: checked,
      number,
      rid: databaseRid(number),
      ts: Math.floor(nowMs / 1000),
      nextContainer: 1,
      containers: new Map(),
    };
    this.databases.set(checked, entry);
    this.#save();
    return entry;
  }

  async deleteDatabase(id: string): Promise<void> {
    const entry = this.database(id);
    this.databases.delete(id);
    this.#save();
    for (const { container } of entry.containers.values()) await removeContainer(container);
  }

  /** @throws CosmosError 400, 404, 409 */
  createContainer(databaseId: string, body: ObjectValue, nowMs: number): ContainerEntry {
    const database = this.database(databaseId);
    const settings = readContainerSettings(body);
    if (database.containers.has(settings.id)) throw errors.conflict();
    const number = database.nextContainer++;
    const container = new Container(this.#place(database, number), settings);
    const entry = { number, ts: Math.floor(nowMs / 1000), version: 1, container };
    database.containers.set(settings.id, entry);
    this.#save();
    return entry;
  }

  /** Takes over what may change: indexing, time to live, conflict and change feed policies. @throws CosmosError 400 */
  replaceContainer(databaseId: string, id: string, body: ObjectValue, nowMs: number): ContainerEntry {
    const entry = this.container(databaseId, id);
    const settings = readContainerSettings(body);
    const { settings: current } = entry.container;
    if (settings.id !== id) throw errors.badRequest("The id of a container cannot be changed.");
    if (settings.partitionKey.paths.join() !== current.partitionKey.paths.join()) {
      throw errors.badRequest("Document collection partition key cannot be changed.");
    }
    if (JSON.stringify(settings.uniqueKeys) !== JSON.stringify(current.uniqueKeys)) {
      throw errors.badRequest("Unique keys cannot be changed after the container is created.");
    }
    entry.container.configure(settings);
    entry.ts = Math.floor(nowMs / 1000);
    entry.version++;
    this.#save();
    return entry;
  }

  async deleteContainer(databaseId: string, id: string): Promise<void> {
    const { container } = this.container(databaseId, id);
    this.databases.get(databaseId)?.containers.delete(id);
    this.#save();
    await removeContainer(container);
  }

  *containers(): Generator<Container> {
    for (const database of this.databases.values()) {
      for (const { container } of database.containers.values()) yield container;
    }
  }

  async close(): Promise<void> {
    for (const container of this.containers()) await container.close();
  }

  #read(): CatalogFile {
    const text = readFileSync(this.#path, "utf8");
    try {
      return JSON.parse(text) as CatalogFile;
    } catch (cause) {
      throw new LocalError("LOCAL_FILE_UNREADABLE", `the list of containers "${this.#path}" is damaged`, {
        hint: "Restore the file, or start over with `npm run local -- reset`.",
        cause,
      });
    }
  }

  #place(database: DatabaseEntry, number: number): Container["place"] {
    return {
      rid: containerRid(database.number, number),
      databaseRid: database.rid,
      databaseNumber: database.number,
      number,
      journalPath: join(this.#folder, `${database.number}-${number}.journal`),
    };
  }

  #load(file: CatalogFile): void {
    this.#nextDatabase = file.nextDatabase;
    for (const { id, number, ts, nextContainer, containers } of file.databases) {
      const database: DatabaseEntry = {
        id,
        number,
        rid: databaseRid(number),
        ts,
        nextContainer,
        containers: new Map(),
      };
      this.databases.set(id, database);
      for (const { number: containerNumber, ts: containerTs, version, definition } of containers) {
        const settings = readContainerSettings(definition);
        const container = new Container(this.#place(database, containerNumber), settings);
        database.containers.set(settings.id, {
          number: containerNumber,
          ts: containerTs,
          version,
          container,
        });
      }
    }
  }

  #save(): void {
    const file: CatalogFile = {
      nextDatabase: this.#nextDatabase,
      databases: [...this.databases.values()].map(({ id, number, ts, nextContainer, containers }) => ({
        id,
        number,
        ts,
        nextContainer,
        containers: [...containers.values()].map((entry) => ({
          number: entry.number,
          ts: entry.ts,
          version: entry.version,
          definition: entry.container.settings.definition,
        })),
      })),
    };
    const temporary = `${this.#path}.new`;
    const handle = openSync(temporary, "w");
    writeSync(handle, JSON.stringify(file));
    fsyncSync(handle);
    closeSync(handle);
    renameSync(temporary, this.#path);
  }
}

async function removeContainer(container: Container): Promise<void> {
  await container.close();
  rmSync(container.place.journalPath, { force: true });
}

import type { Connection, ConnectionBroker, SaslChoice } from "../amqp";
import { IncomingLink, type OutgoingLink } from "../amqp";
import { EventHubsError } from "../errors";
import { type Address, addressPath, entityNotFound, readAddress } from "./address";
import { answerCbs } from "./cbs";
import type { Hub } from "./hub";
import { Intake } from "./intake";
import { answerManagement } from "./management";
import { serveReceiver } from "./receiver";
import { ReplyLinks, type Request, readRequest } from "./requests";
import { serveSender } from "./sender";
import { type AccessKey, type AccessRight, Grants, rightsOf } from "./tokens";

const maxRequestBytes = 256 * 1024;
const requestCredit = 100;
/** Bytes of one connection that may wait for the disk. */
const maxIntakeBytes = 32 * 1024 * 1024;
const expiryCheckMs = 5000;

interface ConnectionState {
  readonly grants: Grants;
  readonly replies: ReplyLinks;
  readonly intake: Intake;
}

export interface BrokerOptions {
  readonly hubs: readonly Hub[];
  readonly keys: readonly AccessKey[];
  readonly log: ConnectionBroker["log"];
}

/** Routes links to hubs, `$cbs` and `$management`, and lets in only what tokens cover. */
export class Broker implements ConnectionBroker {
  readonly containerId = "event-hubs";
  readonly #hubs = new Map<string, Hub>();
  readonly #keys: readonly AccessKey[];
  readonly #connections = new Map<Connection, ConnectionState>();
  readonly #expiryTimer: NodeJS.Timeout;
  readonly log: ConnectionBroker["log"];
  #refusedConnections = 0;
  #refusedTokens = 0;

  constructor(options: BrokerOptions) {
    for (const hub of options.hubs) this.#hubs.set(hub.options.name.toLowerCase(), hub);
    this.#keys = options.keys;
    this.log = options.log;
    this.#expiryTimer = setInterval(() => this.#closeExpired(), expiryCheckMs);
    this.#expiryTimer.unref();
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  get refusals(): { readonly connections: number; readonly tokens: number } {
    return { connections: this.#refusedConnections, tokens: this.#refusedTokens };
  }

  hub(name: string): Hub | undefined {
    return this.#hubs.get(name.toLowerCase());
  }

  authenticate(connection: Connection, choice: SaslChoice): boolean {
    const state = this.#stateOf(connection);
    if (choice.plain === undefined) return true;
    const { userName, password } = choice.plain;
    const key = this.#keys.find((candidate) => candidate.name === userName && candidate.key === password);
    if (key === undefined) {
      this.#refusedConnections++;
      return false;
    }
    state.grants.add({ path: "", expiresMs: Number.POSITIVE_INFINITY, rights: rightsOf(key) });
    return true;
  }

  attach(connection: Connection, link: IncomingLink | OutgoingLink): void {
    const text =
      (link instanceof IncomingLink ? link.request.targetAddress : link.request.sourceAddress) ?? "";
    const address = readAddress(text);
    if (address === undefined) throw entityNotFound(connection.hostName, addressPath(text));
    if (link instanceof IncomingLink) this.#attachIncoming(connection, link, address, text);
    else this.#attachOutgoing(connection, link, address, text);
  }

  /** Ends every connection, saying goodbye. */
  close(): void {
    clearInterval(this.#expiryTimer);
    for (const connection of [...this.#connections.keys()]) connection.close();
  }

  #attachIncoming(connection: Connection, link: IncomingLink, address: Address, text: string): void {
    const state = this.#stateOf(connection);
    if (address.kind === "cbs" || address.kind === "management") {
      const answer =
        address.kind === "cbs"
          ? (request: Request) => this.#answerCbs(state, request)
          : (request: Request) =>
              answerManagement(
                request,
                (name) => this.hub(name),
                (hub) =>
                  // Clients ask for a token of the hub or of its management node.
                  state.grants.allow(`${hub}/$management`, undefined, Date.now()),
                connection.hostName,
              );
      link.open({ maxMessageBytes: maxRequestBytes, credit: requestCredit }, (message) => {
        try {
          const request = readRequest(message.payload);
          state.replies.answer(request, answer(request));
          message.settle();
        } catch (error) {
          message.settle(EventHubsError.from(error));
        }
      });
      return;
    }
    if (address.kind !== "hub") throw entityNotFound(connection.hostName, addressPath(text));
    const hub = this.#knownHub(connection, address.hub, text);
    this.#authorize(connection, text, "Send");
    serveSender(hub, address.partition, link, state.intake);
  }

  #attachOutgoing(connection: Connection, link: OutgoingLink, address: Address, text: string): void {
    const state = this.#stateOf(connection);
    if (address.kind === "cbs" || address.kind === "management") {
      state.replies.add(link);
      link.open({}, () => state.replies.flush(link));
      return;
    }
    if (address.kind !== "reader") throw entityNotFound(connection.hostName, addressPath(text));
    const hub = this.#knownHub(connection, address.hub, text);
    this.#authorize(connection, text, "Listen");
    if (!hub.readers.hasGroup(address.group)) throw entityNotFound(connection.hostName, addressPath(text));
    serveReceiver(hub, address.group, address.partition, link, {
      full: () => connection.transport.full,
      log: (level, message, fields) => this.log(level, message, fields),
    });
  }

  #knownHub(connection: Connection, name: string, text: string): Hub {
    const hub = this.hub(name);
    if (hub === undefined) throw entityNotFound(connection.hostName, addressPath(text));
    return hub;
  }

  #authorize(connection: Connection, text: string, right: AccessRight): void {
    const path = addressPath(text);
    const { grants } = this.#stateOf(connection);
    if (grants.allow(path, right, Date.now())) return;
    const resource = `sb://${connection.hostName}/${path}`;
    throw new EventHubsError(
      "amqp:unauthorized-access",
      grants.expired(path, Date.now())
        ? `ExpiredToken: The token for '${resource}' is expired.`
        : `Unauthorized access. '${right}' claim(s) are required to perform this operation. Resource: '${resource}'.`,
    );
  }

  #answerCbs(state: ConnectionState, request: Request): ReturnType<typeof answerCbs> {
    const answer = answerCbs(request, this.#keys, state.grants, Date.now());
    if (
      answer.properties.some(
        ([name, value]) => name === "status-code" && (value as { value: number }).value >= 400,
      )
    ) {
      this.#refusedTokens++;
    }
    return answer;
  }

  #stateOf(connection: Connection): ConnectionState {
    const known = this.#connections.get(connection);
    if (known !== undefined) return known;
    const state = {
      grants: new Grants(),
      replies: new ReplyLinks(),
      intake: new Intake(
        maxIntakeBytes,
        () => connection.pause(),
        () => connection.resume(),
      ),
    };
    this.#connections.set(connection, state);
    connection.onClosed(() => this.#connections.delete(connection));
    return state;
  }

  /** Closes links whose token ran out without a new one, as the service does. */
  #closeExpired(): void {
    const nowMs = Date.now();
    for (const [connection, { grants }] of this.#connections) {
      for (const link of connection.links) {
        const text =
          (link instanceof IncomingLink ? link.request.targetAddress : link.request.sourceAddress) ?? "";
        if (!grants.expired(addressPath(text), nowMs)) continue;
        link.detach(
          new EventHubsError(
            "amqp:unauthorized-access",
            `ExpiredToken: The token for 'sb://${connection.hostName}/${addressPath(text)}' is expired.`,
          ),
        );
      }
    }
  }
}

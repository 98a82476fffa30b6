import { createServer } from "node:net";
import { LocalError } from "../process/errors";

/** Servers of the platform that listen, in the order of their ports in the row. */
export const serverPorts = [
  "dashboard",
  "functions",
  "eventHubs",
  "eventHubsInternal",
  "iotHub",
  "blob",
  "cosmos",
] as const;

export type ServerPort = (typeof serverPorts)[number];

export const defaultPortBase = 7400;

/** Returns the port that was free, or undefined when it is taken. */
function probe(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      const bound = typeof address === "object" && address !== null ? address.port : undefined;
      server.close(() => resolve(bound));
    });
  });
}

/**
 * Chooses the ports: a row from `base` on, or free ones when `base` is 0.
 * @throws {LocalError} LOCAL_PORT_IN_USE naming the server whose port is taken
 */
export async function choosePorts(base: number): Promise<Record<ServerPort, number>> {
  const chosen: Partial<Record<ServerPort, number>> = {};
  for (const [index, name] of serverPorts.entries()) {
    let port = await probe(base === 0 ? 0 : base + index);
    while (base === 0 && port !== undefined && Object.values(chosen).includes(port)) port = await probe(0);
    if (port === undefined) {
      throw new LocalError("LOCAL_PORT_IN_USE", `port ${base + index}, meant for ${name}, is taken`, {
        hint: "stop what listens there, or choose another row with --port-base N (0: free ports)",
      });
    }
    chosen[name] = port;
  }
  return chosen as Record<ServerPort, number>;
}

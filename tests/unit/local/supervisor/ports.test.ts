import { createServer, type Server } from "node:net";
import { choosePorts, serverPorts } from "../../../../local/supervisor/ports";

function holding(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

/** First of a row of ports that are all free at this moment. */
async function freeRow(): Promise<number> {
  for (let base = 20_000; ; base += 50) {
    const held = await Promise.all(serverPorts.map((_, n) => holding(base + n)));
    await Promise.all(held.map((server) => server && new Promise((resolve) => server.close(resolve))));
    if (held.every((server) => server !== undefined)) return base;
  }
}

describe("choosePorts", () => {
  it("takes a row from its base, in a fixed order", async () => {
    const base = await freeRow();
    expect(await choosePorts(base)).toEqual(
      Object.fromEntries(serverPorts.map((name, n) => [name, base + n])),
    );
  });

  it("takes free and different ports for base 0", async () => {
    const ports = Object.values(await choosePorts(0));
    expect(new Set(ports).size).toBe(serverPorts.length);
    for (const port of ports) expect(port).toBeGreaterThan(1023);
  });

  it("names the server whose port is taken", async () => {
    const base = await freeRow();
    const holder = await holding(base + 4);
    try {
      await expect(choosePorts(base)).rejects.toMatchObject({
        code: "LOCAL_PORT_IN_USE",
        message: `port ${base + 4}, meant for iotHub, is taken`,
        hint: "stop what listens there, or choose another row with --port-base N (0: free ports)",
      });
    } finally {
      holder?.close();
    }
  });
});

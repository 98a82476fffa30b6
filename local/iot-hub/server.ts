import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createServer, type TLSSocket } from "node:tls";
import type { LogClient } from "../event-hubs/log-api";
import type { ProcessStats } from "../process/child";
import type { Clock } from "../process/clock";
import { LocalError } from "../process/errors";
import { callVerb, type IotHubCallArguments } from "./call-verbs";
import { serverCertificate } from "./certificate";
import { DeviceStore } from "./device-store";
import { IotHub, type IotHubRoute, type RefusedKind } from "./iot-hub";
import { deriveDeviceKey } from "./sas";
import { serviceApi, servicePolicyName } from "./service-api";

/** What the IoT hub is told at its start. */
export interface IotHubServerOptions {
  /** The hub's own folder: certificate and device state. */
  readonly folder: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: Pick<LogClient, "append">;
  readonly routes: readonly IotHubRoute[];
  /** Base64; devices without a key of their own have one derived from it. */
  readonly groupKey: string;
  /** Base64 key of the policy `iothubowner`. */
  readonly serviceKey: string;
  /** Devices to register when they are unknown. */
  readonly devices: readonly (string | { readonly deviceId: string; readonly key: string })[];
  readonly onRefused?: (what: RefusedKind, deviceId: string, detail: string) => void;
  readonly onWarning?: (text: string, error: unknown) => void;
}

/** A running IoT hub. */
export interface IotHubServer {
  readonly hub: IotHub;
  readonly port: number;
  /** `localhost:port`, as connection strings name it. */
  readonly hostName: string;
  readonly caFile: string;
  readonly serviceConnectionString: string;
  /** Returns the device's connection string. */
  deviceConnectionString(deviceId: string): string;
  /** Counters, gauges and append latencies since the last call. */
  stats(): ProcessStats;
  /** Answers `cloudToDevice`, `method`, `twin` and `patchTwin`. */
  call(verb: string, argument: IotHubCallArguments): Promise<unknown>;
  close(): Promise<void>;
}

function register(hub: IotHub, options: IotHubServerOptions): void {
  const missing = options.devices
    .map((device) =>
      typeof device === "string"
        ? { deviceId: device, key: deriveDeviceKey(options.groupKey, device) }
        : device,
    )
    .filter(({ deviceId }) => hub.store.get(deviceId) === undefined)
    .map(({ deviceId, key }) => hub.newDevice(deviceId, key, key));
  hub.store.put(...missing);
}

/** Whether the first byte of a connection is that of an MQTT CONNECT packet; anything else is HTTP. */
const connectPacketByte = 0x10;

/**
 * Starts a local IoT Hub on 127.0.0.1: MQTT 3.1.1 for devices and HTTPS for the service side on one TLS port, told apart
 * by their first byte, so that both kinds of connection string carry the same host name.
 *
 * @throws {LocalError} LOCAL_PORT_IN_USE
 */
export async function startIotHub(options: IotHubServerOptions): Promise<IotHubServer> {
  const certificate = serverCertificate(options.folder);
  const store = new DeviceStore(join(options.folder, "devices"));
  const hub = new IotHub({
    clock: options.clock,
    log: options.log,
    store,
    routes: options.routes,
    onRefused: options.onRefused ?? (() => {}),
    onWarning: options.onWarning ?? (() => {}),
  });
  register(hub, options);

  const api = serviceApi(hub, options.serviceKey);
  const http = createHttpServer((request, response) => void api(request, response));
  const sockets = new Set<TLSSocket>();
  const tls = createServer({ key: certificate.keyPem, cert: certificate.certificatePem }, (socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.once("readable", () => {
      const first = socket.read() as Buffer | null;
      if (first === null) {
        socket.destroy();
        return;
      }
      socket.unshift(first);
      if (first[0] === connectPacketByte) hub.accept(socket);
      else http.emit("connection", socket);
    });
  });
  await new Promise<void>((resolve, reject) => {
    tls.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? new LocalError("LOCAL_PORT_IN_USE", `port ${options.port} of the IoT hub is taken`, {
              hint: "choose other ports with --port-base",
            })
          : error,
      ),
    );
    tls.listen(options.port, "127.0.0.1", resolve);
  });

  const { port } = tls.address() as AddressInfo;
  const hostName = `localhost:${port}`;
  return {
    hub,
    port,
    hostName,
    caFile: certificate.caFile,
    serviceConnectionString: `HostName=${hostName};SharedAccessKeyName=${servicePolicyName};SharedAccessKey=${options.serviceKey}`,
    deviceConnectionString: (deviceId) =>
      `HostName=${hostName};DeviceId=${deviceId};SharedAccessKey=${hub.device(deviceId).primaryKey}`,
    stats: () => ({
      counters: { ...hub.counters },
      gauges: {
        connectedDevices: hub.connectedDevices,
        registeredDevices: store.size,
        waitingAppends: hub.waitingAppends,
      },
      latenciesMs: { "iot-hub.append": hub.takeLatenciesMs() },
    }),
    call: (verb, argument) => callVerb(hub, verb, argument),
    async close() {
      const closed = new Promise<void>((resolve) => tls.close(() => resolve()));
      const drained = hub.close();
      http.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      await Promise.all([closed, drained]);
      store.close();
    },
  };
}

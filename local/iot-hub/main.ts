import { topology } from "../../contracts";
import { connectLog } from "../event-hubs";
import { runChild } from "../process/child";
import { type IotHubCallArguments, type IotHubConfig, startIotHub } from "./index";

/** How long a stop waits for appends that the broker has not answered; their devices send them again. */
const closeWaitMs = 2000;

runChild<IotHubConfig>(async ({ config, clock, emit, log }) => {
  const logClient = connectLog(config.eventHubs);
  const server = await startIotHub({
    ...config,
    clock,
    log: logClient,
    routes: topology.iotHub.routes,
    onRefused: (what, deviceId, detail) => emit({ kind: "iothub.refused", data: { what, deviceId, detail } }),
    onWarning: (text, error) => log("warn", text, { error: String(error) }),
  });
  return {
    endpoints: {
      port: server.port,
      hostName: server.hostName,
      caFile: server.caFile,
      connectionString: server.serviceConnectionString,
      deviceConnectionString: `HostName=${server.hostName};DeviceId={deviceId};SharedAccessKey={key}`,
    },
    stats: () => server.stats(),
    call: async (verb, argument) => await server.call(verb, argument as IotHubCallArguments),
    async close() {
      const giveUp = setTimeout(() => void logClient.close(), closeWaitMs);
      await server.close();
      clearTimeout(giveUp);
      await logClient.close();
    },
  };
});

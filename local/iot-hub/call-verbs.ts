import type { IotHub } from "./iot-hub";

/** Arguments of the process's verbs; each verb reads its own. */
export interface IotHubCallArguments {
  readonly deviceId: string;
  /** cloudToDevice: text of the message. */
  readonly body?: string;
  /** cloudToDevice: application properties. */
  readonly properties?: Readonly<Record<string, string>>;
  /** method */
  readonly methodName?: string;
  readonly payload?: unknown;
  readonly timeoutMs?: number;
  /** patchTwin: merge patches. */
  readonly desired?: Readonly<Record<string, unknown>>;
}

type Verb = (hub: IotHub, argument: IotHubCallArguments) => unknown;

const verbs: Readonly<Record<string, Verb>> = {
  cloudToDevice: (hub, { deviceId, body = "", properties = {} }) => ({
    messageId: hub.sendToDevice(deviceId, Buffer.from(body), { system: {}, application: properties }),
  }),
  method: (hub, { deviceId, methodName = "", payload = null, timeoutMs = 30_000 }) =>
    hub.callMethod(deviceId, { methodName, payload, connectTimeoutMs: 0, responseTimeoutMs: timeoutMs }),
  twin: (hub, { deviceId }) => hub.twinForDevice(deviceId),
  patchTwin: (hub, { deviceId, desired = {} }) => {
    hub.patchTwin(deviceId, { desired }, (tags) => tags);
    return hub.twinForDevice(deviceId);
  },
};

/** Answers a verb of the supervisor: `cloudToDevice`, `method`, `twin` or `patchTwin`. */
export async function callVerb(hub: IotHub, verb: string, argument: IotHubCallArguments): Promise<unknown> {
  const run = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (run === undefined) throw new Error(`no verb "${verb}"`);
  return await run(hub, argument);
}

export type { IotHubCallArguments } from "./call-verbs";
export type { IotHubConfig } from "./config";
export { createSasToken, deriveDeviceKey, verifySasToken } from "./sas";
export { type IotHubServer, type IotHubServerOptions, startIotHub } from "./server";

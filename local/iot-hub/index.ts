export type { IotHubCallArguments } from "./call-verbs";
export { certificateFileName } from "./certificate";
export type { IotHubConfig } from "./config";
export { iotHubCoverage } from "./coverage";
export { createSasToken, deriveDeviceKey, verifySasToken } from "./sas";
export { type IotHubServer, type IotHubServerOptions, startIotHub } from "./server";

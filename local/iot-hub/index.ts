export { createSasToken, deriveDeviceKey, verifySasToken } from "./sas";
export { type IotHubServer, type IotHubServerOptions, startIotHub } from "./server";

export { mqttDeviceIndexes, type SimulatedDevice, simulatedDevices } from "./devices";
export { type PreparedFile, type PrepareOptions, prepareFile } from "./file";
export type { LedgerLine } from "./ledger";
export { type Fault, faults, type Via } from "./message";
export { createSchedule, defaultTickMs, type Schedule, type ScheduleOptions } from "./schedule";
export type { FileOptions, SimulatorOptions, SimulatorResult } from "./simulator";

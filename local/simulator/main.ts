import { runChild } from "../process/child";
import type { SimulatorOptions } from "./index";
// Not by the door: who plans a run need not load the SDKs of devices and producers.
import { startSimulator } from "./simulator-process";

runChild<SimulatorOptions>(startSimulator);

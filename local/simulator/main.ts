import { runChild } from "../process/child";
import { type SimulatorOptions, startSimulator } from "./index";

runChild<SimulatorOptions>(startSimulator);

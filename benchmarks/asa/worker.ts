import { parentPort, workerData } from "node:worker_threads";
import { runEngine } from "./run-engine";

parentPort?.postMessage(runEngine(workerData));

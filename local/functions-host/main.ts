import { runChild } from "../process/child";
import { startFunctionsHostProcess } from "./functions-host-process";

runChild(startFunctionsHostProcess);

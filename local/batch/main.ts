import { runChild } from "../process/child";
import { createBatchProcess } from "./batch-process";

runChild(createBatchProcess);

import { parentPort, workerData } from "node:worker_threads";
import { type LaneCall, LaneHost, type LaneSetup } from "./lane-host";

/** Entry of a worker thread: answers the calls of its lanes in the order in which they come. */
async function serve(setup: LaneSetup): Promise<void> {
  const host = await LaneHost.open(setup);
  parentPort!.on("message", ({ lane, call }: { lane: number; call: LaneCall }) => {
    const answer = host.answer(lane, call);
    const own = answer.lines.map(({ lines }) => lines.buffer as ArrayBuffer);
    if (answer.snapshot !== null) own.push(answer.snapshot.buffer as ArrayBuffer);
    if (answer.spent !== null) own.push(answer.spent);
    parentPort!.postMessage(answer, own);
  });
}

if (parentPort !== null) void serve(workerData as LaneSetup);

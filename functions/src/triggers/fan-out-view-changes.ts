import type { InvocationContext } from "@azure/functions";
import { type ChangedRow, fanOutViewChanges, type ViewChangeChannel } from "../domain/view-changes";
import { registerChangeFeedFunction } from "./change-feed";

const name = "fanOutViewChanges";

/** Handler: changed windows go to the hub `view-changes`. */
export function fanOutViewChangesHandler(channel: ViewChangeChannel) {
  const fanOut = fanOutViewChanges(channel);
  return async (rows: readonly ChangedRow[], _context: InvocationContext): Promise<void> => {
    await fanOut(rows);
  };
}

export function registerFanOutViewChanges(channel: ViewChangeChannel): void {
  registerChangeFeedFunction(name, fanOutViewChangesHandler(channel));
}

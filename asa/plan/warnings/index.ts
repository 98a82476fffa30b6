import type { WarningContext } from "./context";

/** Checks beyond the service's own, in the order in which they run. */
export const warnings: readonly ((context: WarningContext) => void)[] = [];

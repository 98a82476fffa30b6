import type { Policy } from "./policy";
import { computeRules } from "./rules/compute";
import { storeRules } from "./rules/stores";
import { warehouseRules } from "./rules/warehouse";

/** The project's security rules, by the id of the checkov check that each mirrors. */
export const policies: readonly Policy[] = [...storeRules, ...warehouseRules, ...computeRules];

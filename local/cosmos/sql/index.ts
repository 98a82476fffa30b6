export { aggregates } from "./aggregates";
export { functionGroups } from "./functions";
export { parseQuery } from "./parse-query";
export { filterValue, type PathFilter } from "./path-filter";
export { type PreparedQuery, prepareQuery } from "./run-query";
export { SqlError } from "./sql-error";
export { canonicalText, compareOrdered, memberOf, type ObjectValue, type Value } from "./value";

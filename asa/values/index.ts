export { convertValue } from "./convert";
export { formatDateTime, parseDateTime } from "./datetime";
export { compareForOrder, compareValues, equalValues, IncomparableError } from "./equality";
export { formatFloat, formatJsonFloat } from "./float-text";
export { groupKey, tupleKey } from "./group-key";
export { JsonReadError, JsonReader, readJson } from "./json-read";
export { writeJson, writeJsonObject } from "./json-write";
export {
  floorDiv,
  maxTicks,
  ticksFromUnixMillis,
  ticksPerDay,
  ticksPerHour,
  ticksPerMicrosecond,
  ticksPerMillisecond,
  ticksPerMinute,
  ticksPerSecond,
  unixEpochTicks,
  unixMillisFromTicks,
} from "./ticks";
export { finite, fitsBigint, maxBigint, minBigint, typeOf } from "./types";
export { AsaRecord, DateTime, type StaticType, type Value, type ValueType } from "./value";

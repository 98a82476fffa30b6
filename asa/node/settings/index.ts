export { placeOf } from "./place";
export { toPlain } from "./plain";
export { readSettings, Settings } from "./settings";
export { decodeText, fileError, readTextFile } from "./text-file";

export { placeOf } from "./place";
export { toPlain } from "./plain";
export { readSettings, Settings } from "./settings";
export { decodeText, encodingOf, fileError, notText, readTextFile } from "./text-file";

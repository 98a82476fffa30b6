/**
 * Ways of reading events, the fastest first. Each hands on what it does not accept without doubt, so all give the same
 * results: `layout` compares with the events seen before, `any-order` reads key by key, both in WebAssembly with SIMD;
 * `script` is generated JavaScript; `reader` the JSON reader of the row engine.
 */
export const scannerLevels = ["layout", "any-order", "script", "reader"] as const;

export type ScannerLevel = (typeof scannerLevels)[number];

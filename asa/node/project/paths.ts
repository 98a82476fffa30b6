import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, isAbsolute, join, parse, resolve } from "node:path";

const windowsAbsolute = /^(?:[A-Za-z]:[\\/]|\\\\)/;

/** Tells whether a path is absolute on Windows (`C:\x`, `\\server\x`), which names nothing on another machine. */
export function isWindowsAbsolute(path: string): boolean {
  return windowsAbsolute.test(path);
}

/**
 * Returns the file that a project means by `path`, relative to `folder`.
 *
 * Backslashes count as separators, `%20` as a blank when no file has the literal name, and letter case is ignored
 * where the exact name does not exist, as on the Windows machines most projects come from. Returns the literal
 * resolution when nothing matches, so that an error can name it.
 */
export function resolveProjectPath(folder: string, path: string): string {
  const slashed = path.trim().replaceAll("\\", "/");
  const literal = isAbsolute(slashed) ? slashed : resolve(folder, slashed);
  for (const candidate of [literal, decoded(literal)]) {
    const found = existing(candidate);
    if (found !== undefined) return found;
  }
  return decoded(literal);
}

/** Returns the path with the casing it has on disk, or undefined when there is no such file. */
function existing(path: string): string | undefined {
  if (existsSync(path)) return path;
  const { root } = parse(path);
  if (path === root) return undefined;
  const parent = existing(dirname(path));
  if (parent === undefined) return undefined;
  const name = basename(path).toLowerCase();
  let entries: string[];
  try {
    entries = readdirSync(parent);
  } catch {
    return undefined;
  }
  const match = entries.sort().find((entry) => entry.toLowerCase() === name);
  return match === undefined ? undefined : join(parent, match);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

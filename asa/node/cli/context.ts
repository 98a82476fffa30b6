/** What the command line needs of its surroundings; tests give their own. */
export interface CliContext {
  readonly cwd: string;
  /** Writes a text, line feeds included. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Shows a line in place of the last such line, the empty text none; absent where nobody looks. */
  readonly progress?: (line: string) => void;
}

/** 0: fine; 1: the query or a test is wrong; 2: the command could not do its work. */
export type ExitCode = 0 | 1 | 2;

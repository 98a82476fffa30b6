import type { InputEvent, RuntimeDiagnostic } from "../../api";
import type { FilePiece } from "../formats";
import { fileEvents } from "./events";
import { type InputSource, unreadableParts } from "./source";

/** Takes the events of files, in the calling thread or in others. */
export interface FileTaker {
  push(input: string, events: readonly InputEvent[]): Promise<void> | void;
  pushLines(input: string, lines: Uint8Array): Promise<void> | void;
}

export interface FeedOptions {
  readonly onRead?: ((bytes: number) => void) | undefined;
  readonly onDiagnostic?: (diagnostic: RuntimeDiagnostic) => void;
  /** How far each input is after each of its pieces: the one that is least far goes on. Absent: one input after another. */
  readonly reached?: ReadonlyMap<InputSource, readonly number[]> | undefined;
}

/** Hands the events of files over, piece by piece. `behind` hears of each piece after it was taken. */
export async function feed(
  sources: readonly InputSource[],
  taker: FileTaker,
  options: FeedOptions,
  behind: (source: InputSource) => void = () => {},
): Promise<void> {
  const open = sources.map((source) => ({
    source,
    pieces: source.pieces(options.onRead)[Symbol.asyncIterator](),
    taken: 0,
  }));
  const progress = ({ source, taken }: (typeof open)[number]): number =>
    options.reached?.get(source)?.[taken - 1] ?? Number.NEGATIVE_INFINITY;
  try {
    while (open.length > 0) {
      let least = open[0]!;
      for (const input of open) if (progress(input) < progress(least)) least = input;
      const { value, done } = await least.pieces.next();
      if (done === true) open.splice(open.indexOf(least), 1);
      else {
        await take(least.source, value, taker, options);
        least.taken++;
        behind(least.source);
      }
    }
  } finally {
    for (const { pieces } of open) await pieces.return?.();
  }
}

async function take(
  { definition, file }: InputSource,
  piece: FilePiece,
  taker: FileTaker,
  { onDiagnostic }: FeedOptions,
): Promise<void> {
  if ("lines" in piece) {
    await taker.pushLines(definition.alias, piece.lines);
    return;
  }
  for (const part of unreadableParts(definition, file, piece.unreadable)) onDiagnostic?.(part);
  if (piece.events.length > 0) await taker.push(definition.alias, fileEvents(piece));
}

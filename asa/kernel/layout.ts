// Reads objects that look like one seen before: the bytes between their values are compared, not parsed.
import { isSame } from "./interner";
import { clearRow, putCell, putRaw, putText, targets } from "./memory";
import { numberEnd, numberKind, numberValue, readNumber } from "./number";
import { escaped, textEnd } from "./text";
import { readTime, ticks, timeKind } from "./time";
import { readValue, valueEnd } from "./value";

/**
 * A step: u32 length of the bytes before the value, u32 operation, u32 first target, u32 count of targets, then 64 bytes.
 * The opening quote of a text belongs to the bytes before it, its closing quote to those of the next step.
 */
const stepBytes: usize = 80;

const opSkipText: u32 = 1;
const opSkipNumber: u32 = 2;
const opSkip: u32 = 3;
const opText: u32 = 4;
const opNumber: u32 = 5;
const opTime: u32 = 6;
const opRead: u32 = 7;
/** A text that the host makes. */
const opRawText: u32 = 8;

/** Reads the object at `at` by the steps at `steps`; returns the index behind it, 0 when it looks otherwise. */
export function readLayout(at: usize, row: i32, steps: usize): usize {
  clearRow(row);
  let i = at;
  let step = steps;
  while (true) {
    const length = <usize>load<u32>(step);
    if (!isSame(i, step + 16, length)) return 0;
    i += length;
    switch (load<u32>(step, 4)) {
      case opSkipText:
        i = textEnd(i);
        break;
      case opSkipNumber:
        i = numberEnd(i);
        break;
      case opSkip:
        i = valueEnd(i);
        break;
      case opText: {
        const end = textEnd(i);
        if (end == 0) return 0;
        const column = <i32>load<u32>(step, 8);
        if (escaped) putRaw(column, row, i - 1, end + 1);
        else putText(column, row, i, end);
        i = end;
        break;
      }
      case opNumber: {
        i = readNumber(i);
        if (i != 0) putCell(<i32>load<u32>(step, 8), row, numberKind, numberValue);
        break;
      }
      case opTime: {
        i = readTime(i);
        if (i != 0) putCell(<i32>load<u32>(step, 8), row, timeKind, ticks);
        break;
      }
      case opRawText: {
        const end = textEnd(i);
        if (end == 0) return 0;
        putRaw(<i32>load<u32>(step, 8), row, i - 1, end + 1);
        i = end;
        break;
      }
      case opRead: {
        const first = load<u32>(step, 8);
        const behind = first + load<u32>(step, 12);
        let after: usize = 0;
        for (let t = first; t < behind; t++) {
          after = readValue(i, <i32>load<u8>(targets + <usize>t), row);
          if (after == 0) return 0;
        }
        i = after;
        break;
      }
      default:
        return i;
    }
    if (i == 0) return 0;
    step += stepBytes;
  }
}

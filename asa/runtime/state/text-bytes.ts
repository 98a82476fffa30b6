import { loneSurrogate } from "../../values/lone-surrogate";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8, or UTF-16 (`wide`) for text with a lone surrogate, which UTF-8 cannot hold. */
export function encodeText(value: string): { readonly wide: boolean; readonly bytes: Uint8Array } {
  const encoded = encoder.encode(value);
  if (encoded.length === value.length || !loneSurrogate.test(value)) return { wide: false, bytes: encoded };
  const bytes = new Uint8Array(value.length * 2);
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    bytes[i * 2] = unit & 255;
    bytes[i * 2 + 1] = unit >> 8;
  }
  return { wide: true, bytes };
}

/** Reads what `encodeText` gave. */
export function decodeText(bytes: Uint8Array, wide: boolean): string {
  if (!wide) return decoder.decode(bytes);
  let text = "";
  for (let i = 0; i < bytes.length; i += 2) text += String.fromCharCode(bytes[i]! + bytes[i + 1]! * 256);
  return text;
}

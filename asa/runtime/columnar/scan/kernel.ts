import { kernelModule } from "./kernel-module";

interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  allocate(bytes: number): number;
  scratch(bytes: number): number;
  setColumns(at: number, count: number, starts: number, ends: number, states: number): void;
  setKeys(table: number, lengths: number, targets: number): void;
  setLayouts(table: number, count: number): void;
  readLines(from: number, to: number, limit: number): number;
  readBodies(count: number): void;
  position(): number;
  unfinished(): number;
  misses(): number;
  lastMiss(): number;
  intern(at: number, length: number): number;
  compactTexts(live: number, numbers: number): void;
  textCount(): number;
  textBytes(): number;
  textPool(): number;
  textStarts(): number;
  powersOfTen(): number;
  beginRows(at: number): void;
  writeRows(items: number, itemCount: number, count: number, end: number): number;
  moveRow(begin: number): void;
  passCell(at: number): void;
  currentRow(): number;
  currentItem(): number;
  outPosition(): number;
  rowBegin(): number;
  neededBytes(): number;
}

/** The part of the host's WebAssembly that is used here. */
interface WebAssemblyHost {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

let compiled: object | null | undefined;

/** The compiled kernel; null where WebAssembly, or SIMD in it, is missing or forbidden. */
function compile(host: WebAssemblyHost): object | null {
  if (compiled === undefined) {
    try {
      compiled = new host.Module(Uint8Array.from(atob(kernelModule), (letter) => letter.charCodeAt(0)));
    } catch {
      compiled = null;
    }
  }
  return compiled;
}

/** One instance of the kernel with a memory of its own; see asa/kernel. */
export class Kernel {
  readonly calls: KernelExports;
  /** Whose columns, keys and layouts it reads by. */
  user: object | null = null;
  private buffer: ArrayBuffer | null = null;
  private byteView = new Uint8Array(0);
  private wordView = new Int32Array(0);

  private constructor(calls: KernelExports) {
    this.calls = calls;
  }

  /** A new instance; null where the kernel cannot run. */
  static make(): Kernel | null {
    const host = (globalThis as { readonly WebAssembly?: WebAssemblyHost }).WebAssembly;
    const module = host === undefined ? null : compile(host);
    return module === null ? null : new Kernel(new host!.Instance(module).exports as KernelExports);
  }

  private refresh(): void {
    const { buffer } = this.calls.memory;
    if (buffer === this.buffer) return;
    this.buffer = buffer;
    this.byteView = new Uint8Array(buffer);
    this.wordView = new Int32Array(buffer);
  }

  /** The memory; valid until the next call that may let it grow. */
  get bytes(): Uint8Array {
    this.refresh();
    return this.byteView;
  }

  /** The memory as 32-bit words. */
  get words(): Int32Array {
    this.refresh();
    return this.wordView;
  }

  allocate(bytes: number): number {
    return this.calls.allocate(bytes) >>> 0;
  }
}

/** What JavaScript and a WebAssembly module both see. */
export interface WasmMemory<Buffer extends ArrayBufferLike> {
  readonly buffer: Buffer;
}

/** The part of the standard global that is used; its types come with those of browsers alone. */
declare const WebAssembly: {
  Memory: {
    new (size: { initial: number; maximum: number; shared: true }): WasmMemory<SharedArrayBuffer>;
    new (size: { initial: number; maximum: number }): WasmMemory<ArrayBuffer>;
  };
  Module: new (bytes: Uint8Array) => object;
  Instance: new (
    module: object,
    imports: Record<string, Record<string, WasmMemory<ArrayBufferLike>>>,
  ) => { readonly exports: object };
};

const PAGE = 2 ** 16;
/** What pointers of 32 bits reach. */
const MOST_BYTES = 2 ** 32;

/** @throws RangeError above 4 GiB */
export function makeSharedMemory(bytes: number): WasmMemory<SharedArrayBuffer> {
  const pages = pagesOf(bytes);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

/** @throws RangeError above 4 GiB */
export function makeMemory(bytes: number): WasmMemory<ArrayBuffer> {
  const pages = pagesOf(bytes);
  return new WebAssembly.Memory({ initial: pages, maximum: pages });
}

function pagesOf(bytes: number): number {
  if (bytes > MOST_BYTES)
    throw new RangeError(`${bytes} bytes of memory; at most ${MOST_BYTES} are expected`);
  return Math.ceil(bytes / PAGE);
}

/**
 * Compiles a module when it is first asked for, once a thread.
 * @param base64 the bytes of the module
 * @returns makes its exports over a memory, which it imports as `memory` of the given name
 */
export function wasmModule<Exports extends object>(
  base64: string,
  importName: string,
): (memory: WasmMemory<ArrayBufferLike>) => Exports {
  let module: object | undefined;
  return (memory) => {
    module ??= new WebAssembly.Module(Buffer.from(base64, "base64"));
    return new WebAssembly.Instance(module, { [importName]: { memory } }).exports as Exports;
  };
}

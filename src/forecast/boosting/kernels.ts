import { KERNELS } from "./kernels.generated.js";

/** Memory of WebAssembly that threads share. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

/**
 * What kernels.wat exports. A pointer is a byte offset into the memory, a matrix of bins has a byte a feature and
 * `stride` bytes a row. A feature has 256 sums, those of the next follow.
 */
export interface Kernels {
  /** Adds a row's amount to the sums of the bins of eight features, for `count` rows side by side. */
  addEight(sums: number, row: number, stride: number, amounts: number, count: number): void;
  /** Of four features. */
  addFour(sums: number, row: number, stride: number, amounts: number, count: number): void;
  /** Copies the rows order[0..count − 1] side by side to `to`; the stride is a multiple of 8. */
  gather(order: number, count: number, rows: number, stride: number, to: number): void;
  /** The same of one double a row. */
  pick(order: number, count: number, from: number, to: number): void;
  /**
   * Writes order[0..count − 1] to two lists, in the order they have; `goesLeft` says of each bin, 1 or 0. Each list
   * needs room for all of them, and `left` may be `order`.
   * @returns how many are on the left
   */
  divide(order: number, count: number, bins: number, goesLeft: number, left: number, right: number): number;
}

/** The part of the standard global that is used; its types come with those of browsers alone. */
declare const WebAssembly: {
  Memory: new (size: { initial: number; maximum: number; shared: true }) => SharedMemory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (
    module: object,
    imports: { workspace: { memory: SharedMemory } },
  ) => { readonly exports: object };
};

const PAGE = 2 ** 16;
/** What pointers of 32 bits reach. */
const MOST_BYTES = 2 ** 32;

/** @throws RangeError above 4 GiB */
export function makeMemory(bytes: number): SharedMemory {
  if (bytes > MOST_BYTES) {
    throw new RangeError(`${bytes} bytes for rows, features and leaves; at most ${MOST_BYTES} are expected`);
  }
  const pages = Math.ceil(bytes / PAGE);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

export const makeKernels = (memory: SharedMemory): Kernels =>
  new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(KERNELS, "base64")), { workspace: { memory } })
    .exports as Kernels;

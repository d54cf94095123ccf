import { type WasmMemory, wasmModule } from "../../kit/web-assembly.js";
import { KERNELS } from "./kernels.generated.js";

/** Memory that threads share. */
export type SharedMemory = WasmMemory<SharedArrayBuffer>;

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

/** Makes them over the memory of a workspace. */
export const makeKernels: (memory: SharedMemory) => Kernels = wasmModule<Kernels>(KERNELS, "workspace");

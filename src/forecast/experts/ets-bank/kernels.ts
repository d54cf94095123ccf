import { wasmModule } from "../../../kit/web-assembly.js";
import { KERNELS } from "./kernels.generated.js";

/** Members that a kernel runs side by side. */
export const BLOCK = 6;
/** Numbers of a block's shares: α, αβ and γ(1 − α), each of all its members. */
export const SHARES = 3 * BLOCK;

/**
 * What kernels.wat exports: one block of members on `length` values at `rest`, from states of zero. A pointer is a
 * byte offset. What is left of a member when it has run, level, slope and Σ e², has an array of its own.
 */
export interface BankKernels {
  withoutSeason(
    shares: number,
    phi: number,
    rest: number,
    length: number,
    level: number,
    slope: number,
    squares: number,
  ): void;
  /** @param season indices, all 0, of phase 0; those of the next phase are `stride` bytes further */
  withSeason(
    shares: number,
    phi: number,
    rest: number,
    length: number,
    season: number,
    seasonLength: number,
    stride: number,
    level: number,
    slope: number,
    squares: number,
  ): void;
}

export const makeKernels = wasmModule<BankKernels>(KERNELS, "bank");

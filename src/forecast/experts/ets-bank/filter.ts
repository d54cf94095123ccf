import { makeMemory } from "../../../kit/web-assembly.js";
import { type BankKernels, BLOCK, makeKernels, SHARES } from "./kernels.js";
import type { MemberGroup } from "./members.js";

/** Filters of several groups, and the row that they run on. */
export interface FilterBank {
  /** [longest]: what the start path leaves of a row. */
  readonly rest: Float64Array;
  readonly filters: readonly Filters[];
}

/** @param longest periods of a row at most */
export function makeFilterBank(
  groups: readonly MemberGroup[],
  seasonLength: number,
  longest: number,
): FilterBank {
  const sizes = groups.map((group) => sizeOf(group, seasonLength));
  const numbers = sizes.reduce((sum, size) => sum + size, longest);
  const memory = makeMemory(Math.max(1, numbers) * Float64Array.BYTES_PER_ELEMENT);
  const kernels = makeKernels(memory);
  let first = longest;
  return {
    rest: new Float64Array(memory.buffer, 0, longest),
    filters: groups.map((group, g) => {
      const filters = new Filters(group, seasonLength, memory.buffer, first, kernels);
      first += sizes[g]!;
      return filters;
    }),
  };
}

const blocksOf = (group: MemberGroup): number => Math.ceil(group.toLevel.length / BLOCK);

/** Numbers of a group in the memory: shares, then level, slope, squares and seasonal indices of each member. */
const sizeOf = (group: MemberGroup, seasonLength: number): number =>
  blocksOf(group) * (SHARES + BLOCK * (3 + (group.seasonal ? seasonLength : 0)));

/**
 * The members' filters. They run on what the start path leaves of a row, from states of zero: the filters are
 * linear, so path and rest add up.
 *
 *     e = z − season − level;  slope = φ (slope + αβ e);  level += α e + slope;  season += γ(1 − α) e
 *
 * where `level` and `slope` are those expected of the next period (l + φb and φb).
 */
export class Filters {
  /** Of each member, the sum of its squared errors. */
  readonly squares: Float64Array;
  readonly #level: Float64Array;
  readonly #slope: Float64Array;
  /** [s × members], phase 0 first in the row. */
  readonly #season: Float64Array;
  readonly #shares: Float64Array;
  readonly #kernels: BankKernels;

  /** @param first where its numbers begin in the memory */
  constructor(
    readonly group: MemberGroup,
    readonly seasonLength: number,
    memory: ArrayBuffer,
    first: number,
    kernels: BankKernels,
  ) {
    const blocks = blocksOf(group);
    let place = first * Float64Array.BYTES_PER_ELEMENT;
    const take = (length: number): Float64Array => {
      const own = new Float64Array(memory, place, length);
      place += own.byteLength;
      return own;
    };
    this.#shares = take(blocks * SHARES);
    this.#level = take(blocks * BLOCK);
    this.#slope = take(blocks * BLOCK);
    this.squares = take(blocks * BLOCK);
    this.#season = take(group.seasonal ? blocks * BLOCK * seasonLength : 0);
    this.#kernels = kernels;
    for (let m = 0; m < group.toLevel.length; m++) {
      const place = Math.floor(m / BLOCK) * SHARES + (m % BLOCK);
      this.#shares[place] = group.toLevel[m]!;
      this.#shares[place + BLOCK] = group.toSlope[m]!;
      this.#shares[place + 2 * BLOCK] = group.toSeason[m]!;
    }
  }

  /** Every member on the first `length` of the bank's `rest`. */
  run(length: number): void {
    const { group, seasonLength, squares } = this;
    const phi = group.phi ?? 0;
    this.#season.fill(0);
    const blockBytes = BLOCK * Float64Array.BYTES_PER_ELEMENT;
    for (let block = 0; block * BLOCK < squares.length; block++) {
      const at = block * blockBytes;
      const shares = this.#shares.byteOffset + 3 * at;
      const ends = [
        this.#level.byteOffset + at,
        this.#slope.byteOffset + at,
        squares.byteOffset + at,
      ] as const;
      if (group.seasonal) {
        const season = this.#season.byteOffset + at;
        const stride = squares.byteLength;
        this.#kernels.withSeason(shares, phi, 0, length, season, seasonLength, stride, ...ends);
      } else {
        this.#kernels.withoutSeason(shares, phi, 0, length, ...ends);
      }
    }
  }

  /**
   * Writes the member's forecasts of the periods after the last one.
   * @param length periods that it ran on
   * @param path what the start values predict, `length` periods and those to forecast
   */
  forecast(m: number, length: number, path: Float64Array, out: Float64Array): void {
    const { seasonLength, group } = this;
    const phi = group.phi ?? 0;
    const season = this.#season;
    const stride = this.squares.length;
    let level = this.#level[m]!;
    let slope = this.#slope[m]!;
    let phase = length % seasonLength;
    for (let h = 0; h < out.length; h++) {
      out[h] = path[length + h]! + level + (group.seasonal ? season[phase * stride + m]! : 0);
      slope *= phi;
      level += slope;
      if (++phase === seasonLength) phase = 0;
    }
  }
}

/** Errors of one member on a row, by the equations of `Filters`. */
export function memberErrors(
  group: MemberGroup,
  m: number,
  seasonLength: number,
  rest: Float64Array,
): Float64Array {
  const season = new Float64Array(seasonLength);
  const phi = group.phi ?? 0;
  let level = 0;
  let slope = 0;
  return rest.map((z, t) => {
    const phase = t % seasonLength;
    const e = z - season[phase]! - level;
    slope = phi * (slope + group.toSlope[m]! * e);
    level += group.toLevel[m]! * e + slope;
    if (group.seasonal) season[phase] = season[phase]! + group.toSeason[m]! * e;
    return e;
  });
}

/**
 * [members × length], row-major: errors of each member on a 1 followed by zeros. The filters do not change
 * in time, so these make the errors of any row.
 */
export function errorResponses(group: MemberGroup, season: number, length: number): Float64Array {
  const impulse = new Float64Array(length);
  impulse[0] = 1;
  const responses = new Float64Array(group.toLevel.length * length);
  group.toLevel.forEach((_, m) => {
    responses.set(memberErrors(group, m, season, impulse), m * length);
  });
  return responses;
}

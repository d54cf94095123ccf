import type { MemberGroup } from "./members.js";

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
  /** Errors of the member that ran last. */
  readonly errors: Float64Array;
  readonly #level: Float64Array;
  readonly #slope: Float64Array;
  /** [members × s], phase 0 first in the row. */
  readonly #season: Float64Array;

  /** @param longest periods at most */
  constructor(
    readonly group: MemberGroup,
    readonly seasonLength: number,
    longest: number,
  ) {
    const members = group.toLevel.length;
    this.squares = new Float64Array(members);
    this.errors = new Float64Array(longest);
    this.#level = new Float64Array(members);
    this.#slope = new Float64Array(members);
    this.#season = new Float64Array(members * seasonLength);
  }

  /** Every member on the first `length` of `rest`. */
  run(rest: Float64Array, length: number): void {
    for (let m = 0; m < this.squares.length; m++) this.runMember(m, rest, length);
  }

  runMember(m: number, rest: Float64Array, length: number): void {
    if (this.group.seasonal) this.#withSeason(m, rest, length);
    else this.#withoutSeason(m, rest, length);
  }

  #withoutSeason(m: number, rest: Float64Array, length: number): void {
    const { errors, group } = this;
    const toLevel = group.toLevel[m]!;
    const toSlope = group.toSlope[m]!;
    const phi = group.phi ?? 0;
    let level = 0;
    let slope = 0;
    let squares = 0;
    for (let t = 0; t < length; t++) {
      const e = rest[t]! - level;
      slope = phi * (slope + toSlope * e);
      level += toLevel * e + slope;
      squares += e * e;
      errors[t] = e;
    }
    this.#level[m] = level;
    this.#slope[m] = slope;
    this.squares[m] = squares;
  }

  #withSeason(m: number, rest: Float64Array, length: number): void {
    const { errors, group, seasonLength } = this;
    const toLevel = group.toLevel[m]!;
    const toSlope = group.toSlope[m]!;
    const toSeason = group.toSeason[m]!;
    const phi = group.phi ?? 0;
    const season = this.#season;
    const first = m * seasonLength;
    const end = first + seasonLength;
    season.fill(0, first, end);
    let level = 0;
    let slope = 0;
    let squares = 0;
    let phase = first;
    for (let t = 0; t < length; t++) {
      const before = season[phase]!;
      const e = rest[t]! - before - level;
      slope = phi * (slope + toSlope * e);
      level += toLevel * e + slope;
      season[phase] = before + toSeason * e;
      squares += e * e;
      errors[t] = e;
      if (++phase === end) phase = first;
    }
    this.#level[m] = level;
    this.#slope[m] = slope;
    this.squares[m] = squares;
  }

  /**
   * Adds the member's forecasts of the periods after the last one to `path`.
   * @param length periods that it ran on
   */
  addForecast(m: number, length: number, path: Float64Array): void {
    const { seasonLength } = this;
    const phi = this.group.phi ?? 0;
    let level = this.#level[m]!;
    let slope = this.#slope[m]!;
    for (let h = 0; h < path.length; h++) {
      path[h] = path[h]! + level + this.#season[m * seasonLength + ((length + h) % seasonLength)]!;
      slope *= phi;
      level += slope;
    }
  }
}

/**
 * [members × length], row-major: errors of each member on a 1 followed by zeros. The filters do not change
 * in time, so these make the errors of any row.
 */
export function errorResponses(group: MemberGroup, season: number, length: number): Float64Array {
  const filters = new Filters(group, season, length);
  const members = group.toLevel.length;
  const impulse = new Float64Array(length);
  impulse[0] = 1;
  const responses = new Float64Array(members * length);
  for (let m = 0; m < members; m++) {
    filters.runMember(m, impulse, length);
    responses.set(filters.errors, m * length);
  }
  return responses;
}

import type { Shape } from "../../rows.js";
import type { EtsBankExpert } from "./model.js";

/**
 * Members of one class that also share the damping, and so the path that their start values predict. Classes
 * by the usual letters: ANN (level), AAdN (damped trend), ANA (season), AAdA (both).
 */
export interface MemberGroup {
  readonly seasonal: boolean;
  /** Damping of the trend; null where there is no trend. */
  readonly phi: number | null;
  /** One a member: the shares of an error that go into level, slope and season. */
  readonly toLevel: Float64Array;
  /** αβ */
  readonly toSlope: Float64Array;
  /** γ(1 − α) */
  readonly toSeason: Float64Array;
  /**
   * By length 0..C of the row: −temper · (AICc without its likelihood + 2 ln(members of the class));
   * `NOT_ELIGIBLE` where the row is too short.
   */
  readonly prior: Float64Array;
}

/** A score that leaves no weight beside any other, and still is a number that can be added to. */
export const NOT_ELIGIBLE = -1e30;

/** Periods that a trend needs. */
const TREND_LENGTH = 6;

/** Groups that some row of the shape can use. A level goes with every row, the empty one included. */
export function memberGroups(expert: EtsBankExpert, shape: Shape): MemberGroup[] {
  const { alpha, beta, gamma, phi } = expert;
  const groups = [false, true].flatMap((seasonal) =>
    [null, ...phi].map((damping): MemberGroup => {
      const members = alpha.flatMap((a) =>
        (damping === null ? [0] : beta).flatMap((b) =>
          (seasonal ? gamma : [0]).map((g) => ({ a, slope: a * b, season: g * (1 - a) })),
        ),
      );
      const size = members.length * (damping === null ? 1 : phi.length);
      return {
        seasonal,
        phi: damping,
        toLevel: Float64Array.from(members, ({ a }) => a),
        toSlope: Float64Array.from(members, ({ slope }) => slope),
        toSeason: Float64Array.from(members, ({ season }) => season),
        prior: priorByLength(seasonal, damping !== null, size, expert.temper, shape),
      };
    }),
  );
  return groups.filter(({ prior }) => prior.at(-1)! !== NOT_ELIGIBLE);
}

function priorByLength(
  seasonal: boolean,
  trend: boolean,
  size: number,
  temper: number,
  { season, context }: Shape,
): Float64Array {
  // As Hyndman & Athanasopoulos count them: smoothing parameters, start values, variance.
  const parameters = 3 + (trend ? 3 : 0) + (seasonal ? season : 0);
  const base = !seasonal && !trend;
  return Float64Array.from({ length: context + 1 }, (_, n) => {
    const spare = n - parameters - 1;
    const possible =
      spare > 0 && (!trend || n >= TREND_LENGTH) && (!seasonal || (season > 1 && n >= 2 * season));
    // Where no class has AICc, the level stands alone and its penalty compares with nothing.
    if (!possible && !base) return NOT_ELIGIBLE;
    const correction = (2 * parameters * (parameters + 1)) / Math.max(1, spare);
    return -temper * (2 * parameters + correction + 2 * Math.log(size));
  });
}

/** [length + 1]: φ + φ² + … + φ^i; how far a slope of 1 has carried the level after i periods. */
export function dampedSums(phi: number, length: number): Float64Array {
  const sums = new Float64Array(length + 1);
  let power = 1;
  for (let i = 1; i <= length; i++) {
    power *= phi;
    sums[i] = sums[i - 1]! + power;
  }
  return sums;
}

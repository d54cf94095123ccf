import type { ThetaExpert } from "./model.js";

/** No SSE counts as less: where all are zero, the members weigh the same. */
export const SMALLEST_SSE = 1e-200;

/** Parameters of one filter. */
export interface Member {
  readonly alpha: number;
  readonly beta: number;
  readonly phi: number;
}

/** Where a filter is one period before the row. */
export interface Start {
  readonly level: number;
  /** Drift a period; `theta` never changes it. */
  readonly trend: number;
}

/** Where a filter is at the end of the row. */
export interface Filtered extends Start {
  /** Σ of squared one-step errors. */
  readonly sse: number;
}

/** The grid, α slowest. `ses` and `theta` are filters whose trend stays as it starts. */
export function membersOf({ method, alpha, beta, phi }: ThetaExpert): Member[] {
  if (method !== "damped") return alpha.map((a) => ({ alpha: a, beta: 0, phi: 1 }));
  return alpha.flatMap((a) => beta.flatMap((b) => phi.map((p) => ({ alpha: a, beta: b, phi: p }))));
}

/** Drift as a share of the slope of the least-squares line. */
export const driftShare = (method: ThetaExpert["method"]): number => (method === "theta" ? 0.5 : 0);

/** One step: l' = l + φb + αe, b' = φb + αβe, e = x − l − φb. */
export function filter(row: Float64Array, start: Start, { alpha, beta, phi }: Member): Filtered {
  let { level, trend } = start;
  let sse = 0;
  for (let t = 0; t < row.length; t++) {
    const drift = phi * trend;
    const expected = level + drift;
    const error = row[t]! - expected;
    const gain = alpha * error;
    level = expected + gain;
    trend = drift + beta * gain;
    sse += error * error;
  }
  return { level, trend, sse };
}

/** Level and trend such that the line through them has the mean of the first season at its middle. */
export function startOf(row: Float64Array, season: number, share: number): Start {
  const trend = share === 0 ? 0 : share * slopeOf(row);
  const count = Math.min(season, row.length);
  let sum = 0;
  for (let t = 0; t < count; t++) sum += row[t]!;
  return { level: sum / count - (trend * (count + 1)) / 2, trend };
}

/** Of the least-squares line over the periods; 0 for one period. */
export function slopeOf(row: Float64Array): number {
  const middle = (row.length - 1) / 2;
  let product = 0;
  let square = 0;
  for (let t = 0; t < row.length; t++) {
    product += (t - middle) * row[t]!;
    square += (t - middle) ** 2;
  }
  return product / Math.max(square, 1);
}

/** [H]: the members' forecasts, each weighing SSE^(−temper · n) beside the best one's. */
export function smooth(
  row: Float64Array,
  season: number,
  expert: ThetaExpert,
  horizon: number,
): Float64Array {
  const members = membersOf(expert);
  const start = startOf(row, season, driftShare(expert.method));
  const ends = members.map((member) => filter(row, start, member));
  const errors = ends.map(({ sse }) => Math.max(sse, SMALLEST_SSE));
  const least = Math.min(...errors);
  const forecast = new Float64Array(horizon);
  let total = 0;
  ends.forEach(({ level, trend }, k) => {
    const weight = (least / errors[k]!) ** (expert.temper * row.length);
    const { phi } = members[k]!;
    total += weight;
    let drift = trend;
    let value = level;
    for (let h = 0; h < horizon; h++) {
      drift *= phi;
      value += drift;
      forecast[h]! += weight * value;
    }
  });
  return forecast.map((value) => value / total);
}

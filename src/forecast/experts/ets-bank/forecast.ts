import type { Rows } from "../../rows.js";
import { type Filters, makeFilterBank } from "./filter.js";
import { dampedSums, type MemberGroup, memberGroups, NOT_ELIGIBLE } from "./members.js";
import type { EtsBankExpert } from "./model.js";
import { startPath, startValues } from "./start.js";

/**
 * Added to the mean squared error, in squared units of the scale: rows that a member fits but for rounding do
 * not make the weights depend on that rounding.
 */
export const VARIANCE_FLOOR = 1e-8;

/** A member on logarithms answers at most this multiple of the row's largest number: exp must not run away. */
export const LOG_CEILING = 10;

/** Members with less weight than this beside the best are not asked. */
const NEGLIGIBLE = 1e-14;

/** What is needed for one group and one row, made once. */
interface Bench {
  readonly group: MemberGroup;
  readonly carried: Float64Array;
  readonly filters: Filters;
  /** [C + H] */
  readonly path: Float64Array;
  /** One a member. */
  readonly score: Float64Array;
}

/** One transformation of a row, in units of its scale. */
interface Transformed {
  readonly row: Float64Array;
  /** Turns a mean squared error into squared units of the scale. */
  readonly unit: number;
  /** Of logarithms, what an answer is cut at before it becomes units of the scale; null where the row is in these. */
  readonly ceiling: number | null;
  readonly benches: readonly Bench[];
}

export function forecastEtsBank(expert: EtsBankExpert, rows: Rows): Float64Array {
  const { context, horizon } = rows;
  const groups = memberGroups(expert, rows);
  const bank = makeFilterBank([...groups, ...groups], rows.season, context);
  const benches = bank.filters.map((filters) => makeBench(filters, rows));
  const raw = benches.slice(0, groups.length);
  const log = benches.slice(groups.length);
  const forecast = new Float64Array(rows.count * horizon);
  for (let i = 0; i < rows.count; i++) {
    const length = rows.length[i]!;
    const scale = rows.scale[i]!;
    const row = rows.filled.slice((i + 1) * context - length, (i + 1) * context);
    for (let t = 0; t < length; t++) row[t] = row[t]! / scale;
    const out = forecast.subarray(i * horizon, (i + 1) * horizon);
    const views: Transformed[] = [{ row, unit: 1, ceiling: null, benches: raw }];
    if (length > 0 && row.every((value) => value > 0)) views.push(onLogs(row, log));
    for (const view of views) score(view, bank.rest, expert.temper, rows.season, horizon);
    mean(views, out, length);
    for (let h = 0; h < horizon; h++) out[h] = out[h]! * scale;
  }
  return forecast;
}

function makeBench(filters: Filters, { context, horizon }: Rows): Bench {
  const { group } = filters;
  return {
    group,
    filters,
    carried: group.phi === null ? new Float64Array(0) : dampedSums(group.phi, context + horizon),
    path: new Float64Array(context + horizon),
    score: new Float64Array(group.toLevel.length),
  };
}

function onLogs(positive: Float64Array, benches: readonly Bench[]): Transformed {
  const row = positive.map(Math.log);
  let sum = 0;
  let peak = row[0]!;
  for (const value of row) {
    sum += value;
    if (value > peak) peak = value;
  }
  return {
    row,
    // The Jacobian of the likelihood: n ln(unit) = 2 Σ ln y.
    unit: Math.exp((2 * sum) / row.length),
    ceiling: peak + Math.log(LOG_CEILING),
    benches,
  };
}

function score(
  { row, unit, benches }: Transformed,
  rest: Float64Array,
  temper: number,
  season: number,
  horizon: number,
): void {
  const start = startValues(row, season);
  const length = row.length;
  for (const { group, carried, filters, path, score } of benches) {
    const prior = group.prior[length]!;
    if (prior === NOT_ELIGIBLE) {
      score.fill(NOT_ELIGIBLE);
      continue;
    }
    startPath(start, group, carried, path.subarray(0, length + horizon));
    for (let t = 0; t < length; t++) rest[t] = row[t]! - path[t]!;
    filters.run(length);
    const share = unit / Math.max(1, length);
    for (let m = 0; m < score.length; m++) {
      score[m] = prior - temper * length * Math.log(filters.squares[m]! * share + VARIANCE_FLOOR);
    }
  }
}

/** Adds the mean of the members, weighted by exp(score), to `out`, in units of the scale. */
function mean(views: readonly Transformed[], out: Float64Array, length: number): void {
  let best = NOT_ELIGIBLE;
  for (const { benches } of views) {
    for (const { score } of benches) for (const value of score) if (value > best) best = value;
  }
  let total = 0;
  const own = new Float64Array(out.length);
  for (const { benches, ceiling } of views) {
    for (const { score, path, filters } of benches) {
      for (let m = 0; m < score.length; m++) {
        const weight = Math.exp(score[m]! - best);
        if (weight < NEGLIGIBLE) continue;
        total += weight;
        filters.forecast(m, length, path, own);
        if (ceiling === null) {
          for (let h = 0; h < out.length; h++) out[h]! += weight * own[h]!;
        } else {
          for (let h = 0; h < out.length; h++) out[h]! += weight * Math.exp(Math.min(own[h]!, ceiling));
        }
      }
    }
  }
  for (let h = 0; h < out.length; h++) out[h] = out[h]! / total;
}

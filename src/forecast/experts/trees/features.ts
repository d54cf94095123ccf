import type { Rows } from "../../rows.js";
import type { TreesExpert } from "./model.js";
import { snap } from "./snap.js";

/** Seasons whose values at the target period's season are averaged. */
const MEAN_SEASONS = 5;

/** Which features the trees look at. */
export type Layout = Pick<TreesExpert, "lags" | "sameSeason" | "known" | "observed"> & {
  /** S: columns of `codes`. */
  readonly codes: number;
};

/** What a forecaster sees of one series. */
export interface Seen {
  /** [C]: the history without holes. */
  readonly filled: Float64Array;
  readonly scale: number;
  /** Calendar index of the first forecast period. */
  readonly period: number;
  /** [S]: the numbers that stand for the codes. */
  readonly encoded: ArrayLike<number>;
  /** [O] */
  readonly observed: ArrayLike<number>;
}

/** Names of the panel's columns, in the order of the model. The first of the codes is the segment. */
export interface FeatureColumns {
  readonly codes: readonly string[];
  readonly known: readonly string[];
  readonly observed: readonly string[];
}

/** Names of the features, in their order: as reports show them. A season is a year. */
export function featureNames(
  layout: Pick<TreesExpert, "lags" | "sameSeason" | "encodings">,
  columns: FeatureColumns,
): string[] {
  return [
    ...Array.from({ length: layout.lags }, (_, k) => `lag ${layout.lags - k}`),
    ...Array.from(
      { length: layout.sameSeason },
      (_, k) => `same season, ${k + 1} ${k === 0 ? "year" : "years"} before`,
    ),
    "same season, mean",
    "mean of the last year",
    "lead time",
    "place in the year",
    ...columns.codes.slice(0, layout.encodings.length),
    ...columns.known,
    ...columns.observed,
  ];
}

/** Column of the first code. */
export const firstCode = ({ lags, sameSeason }: Pick<Layout, "lags" | "sameSeason">): number =>
  lags + sameSeason + 4;

export const featureCount = (layout: Layout): number =>
  firstCode(layout) + layout.codes + layout.known + layout.observed;

/** Mean of the last season: what the answer is counted from. */
export function levelOf(filled: Float64Array, season: number): number {
  let sum = 0;
  for (let t = filled.length - season; t < filled.length; t++) sum += filled[t]!;
  return sum / season;
}

/**
 * Position in the context of the value of the target period's season, `back` seasons before the last one that
 * the context can have; −1 when it is too short.
 */
export function sameSeasonAt(context: number, season: number, lead: number, back: number): number {
  const seasons = Math.floor(lead / season) + 1 + back;
  return Math.max(-1, context + lead - seasons * season);
}

/** Positions of the values whose mean is a feature. None where the lead is too far for the context. */
export const sameSeasonPositions = (context: number, season: number, lead: number): number[] =>
  Array.from({ length: MEAN_SEASONS }, (_, back) => sameSeasonAt(context, season, lead, back)).filter(
    (at) => at >= 0,
  );

function sameSeasonMean(filled: Float64Array, season: number, lead: number): number {
  let sum = 0;
  let count = 0;
  for (let back = 0; back < MEAN_SEASONS; back++) {
    const t = sameSeasonAt(filled.length, season, lead, back);
    if (t < 0) break;
    sum += filled[t]!;
    count++;
  }
  return count === 0 ? levelOf(filled, season) : sum / count;
}

/** Position in the season of a period, 0..season − 1. */
export const phaseOf = (period: number, season: number): number => ((period % season) + season) % season;

/**
 * Writes the features of one (series, lead) to `out`. Values of the target are in units of the row's scale
 * around the level; NaN is missing.
 * @param lead from 0
 * @param known [K]: of the target period
 */
export function writeFeatures(
  layout: Layout,
  season: number,
  seen: Seen,
  lead: number,
  known: ArrayLike<number>,
  out: Float32Array,
): void {
  const { filled, scale } = seen;
  const context = filled.length;
  const level = levelOf(filled, season);
  let column = 0;
  for (let t = context - layout.lags; t < context; t++) out[column++] = snap((filled[t]! - level) / scale);
  for (let back = 0; back < layout.sameSeason; back++) {
    const t = sameSeasonAt(context, season, lead, back);
    out[column++] = t < 0 ? Number.NaN : snap((filled[t]! - level) / scale);
  }
  out[column++] = snap((sameSeasonMean(filled, season, lead) - level) / scale);
  out[column++] = snap(level / scale);
  out[column++] = lead + 1;
  out[column++] = phaseOf(seen.period + lead, season);
  for (let c = 0; c < layout.codes; c++) out[column++] = seen.encoded[c]!;
  for (let k = 0; k < layout.known; k++) out[column++] = known[k]!;
  for (let o = 0; o < layout.observed; o++) out[column++] = seen.observed[o]!;
}

export const layoutOf = (expert: TreesExpert): Layout => ({ ...expert, codes: expert.encodings.length });

/** The number that stands for a code; the last one for anything that is none. */
export const encode = (encoding: readonly number[], code: number): number =>
  encoding[code >= 0 && code < encoding.length - 1 ? code : encoding.length - 1]!;

/** Every (series, lead) of the rows: [N·H × F], row-major. */
export function featureMatrix(expert: TreesExpert, rows: Rows): Float32Array {
  const layout = layoutOf(expert);
  const { horizon, context, season } = rows;
  const width = featureCount(layout);
  const all = new Float32Array(rows.count * horizon * width);
  for (let i = 0; i < rows.count; i++) {
    const seen: Seen = {
      filled: rows.filled.subarray(i * context, (i + 1) * context),
      scale: rows.scale[i]!,
      period: rows.period[i]!,
      encoded: expert.encodings.map((encoding, c) => encode(encoding, rows.codes[i * rows.columns + c]!)),
      observed: rows.observed.subarray(i * layout.observed, (i + 1) * layout.observed),
    };
    for (let lead = 0; lead < horizon; lead++) {
      const cell = i * horizon + lead;
      const known = rows.known.subarray(cell * layout.known, (cell + 1) * layout.known);
      writeFeatures(layout, season, seen, lead, known, all.subarray(cell * width, (cell + 1) * width));
    }
  }
  return all;
}

import { targetStatistics } from "../boosting/target-statistics.js";
import { encode } from "../experts/trees/features.js";

/** The answers that codes are told apart by. */
export interface Answers {
  readonly answer: Float64Array;
  /** [rows]: which series each is of. */
  readonly series: Int32Array;
}

/** A column of codes as numbers. */
export interface CodeNumbers {
  /** Of each training row. */
  readonly training: Float64Array;
  /** [levels + 1]: of each code where the forecaster meets it; the last is for unknown codes. */
  readonly byCode: number[];
}

/** Series of a code whose own part in its mean hardly counts. */
const MIN_SERIES = 10;

/** Rows that the mean of all counts for in the mean of a code: one with few rows is near it. */
const PRIOR_ROWS = 20;

/**
 * Each code as the mean answer of its series. In that of 10 series or more a row's own series hardly counts. A code of
 * fewer would tell its rows what became of them, so that a training row has there the mean of the series before its own
 * in a random order (ordered target statistics, where a series is what others call a row: all rows of a series have its
 * code, and share targets). A code of one series then says nothing in training, and the trees leave it alone.
 * @param codes one a series, 0..levels − 1; anything else is unknown, which is a code like the others
 */
export function codeNumbers(codes: Int32Array, levels: number, answers: Answers, seed: number): CodeNumbers {
  const { answer, series } = answers;
  const sums = new Float64Array(codes.length);
  const counts = new Int32Array(codes.length);
  series.forEach((s, r) => {
    sums[s]! += answer[r]!;
    counts[s]!++;
  });
  const seen = [...codes.keys()].filter((s) => counts[s]! > 0);
  if (seen.length === 0) return { training: new Float64Array(0), byCode: new Array(levels + 1).fill(0) };
  const ordered = targetStatistics(
    Int32Array.from(seen, (s) => codes[s]!),
    levels,
    Float64Array.from(seen, (s) => sums[s]! / counts[s]!),
    seed,
  );
  const before = new Float64Array(codes.length);
  seen.forEach((s, place) => {
    before[s] = ordered.training[place]!;
  });

  const placeOf = (code: number): number => (code >= 0 && code < levels ? code : levels);
  const groups = Array.from({ length: levels + 1 }, () => ({ series: 0, rows: 0, sum: 0 }));
  let total = 0;
  for (const s of seen) {
    const group = groups[placeOf(codes[s]!)]!;
    group.series++;
    group.rows += counts[s]!;
    group.sum += sums[s]!;
    total += sums[s]!;
  }
  const mean = total / answer.length;
  const isLarge = groups.map((group) => group.series >= MIN_SERIES);
  const byCode = groups.map(({ rows, sum }, place) =>
    isLarge[place] ? (sum + PRIOR_ROWS * mean) / (rows + PRIOR_ROWS) : ordered.byCode[place]!,
  );
  return {
    training: Float64Array.from(series, (s) =>
      isLarge[placeOf(codes[s]!)] ? encode(byCode, codes[s]!) : before[s]!,
    ),
    byCode,
  };
}

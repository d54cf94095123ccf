import { seasonLength } from "../calendar/period.js";
import type { KsObservation } from "../kit/observations.js";
import type { Panel } from "../panel/panel.js";
import { type Correction, correct } from "../stats/corrections.js";
import { ksStatistic, ksSurvival, ksTwoSample } from "../stats/ks.js";
import { lognormalExceedance } from "../stats/student.js";
import { type DriftReference, featureColumn, type PeriodRange, referenceRange } from "./reference.js";
import { type DriftValues, type TwoSamples, twoSamples } from "./windows.js";

export type DriftGuard = "auto" | "history" | "series" | "none";

export interface GuardedKsOptions {
  readonly features: readonly string[];
  /** Limit of D: 0..1. */
  readonly statistic: number;
  /** Limit of the corrected p. */
  readonly alpha: number;
  readonly correction: Correction;
  readonly reference: DriftReference;
  readonly values: DriftValues;
  readonly guard: DriftGuard;
  /** Past quarters that `history` looks back on, at most. */
  readonly quarters: number;
  /** Values that each side needs. */
  readonly minN: number;
  readonly quarterPeriods: PeriodRange;
  /** Segment of each series of the panel; null to pool all series. */
  readonly segments: readonly string[] | null;
}

/**
 * Two-sample KS of each feature (and segment) in the quarter against the reference, with a p that the dependence of the values cannot make too
 * small. Values of one series in neighbouring months depend on each other, and so do those of all series in one quarter, so the p of independent
 * values is no p here. Guards:
 * - `history`: the same comparison is made for each of the past quarters, and p is the rank of D among them: (1 + those at least as large) / (1 + all).
 *   It is exact where quarters are exchangeable, whatever the dependence inside one. For several tests at once each past quarter counts with its
 *   largest D, in units of the median D of that test (Westfall & Young 1993, maxT), since ranks of 24 are too coarse to be multiplied.
 * - `series`: p counts each series once, as if its values in a window were all the same; and it is 1 if a past quarter had a D at least as large.
 * - `auto`: `history` for a test with at least 1/alpha − 1 past quarters. With fewer, but five, p is that of a D as large after theirs, were the
 *   logarithms of D normal, and not less than the p that counts each series once. `none`: p of independent values.
 * @throws FailureError `data.name-unknown` for a feature that the panel does not have
 */
export function guardedKs(panel: Panel, options: GuardedKsOptions): KsObservation[] {
  const tests = testsOf(panel, options).map((test) => measured(panel, test, options));
  const judged = tests.filter(({ statistic, why }) => statistic !== null && why === null);
  const byHistory = judged.filter((test) => usesHistory(test, options));
  const others = judged.filter((test) => !usesHistory(test, options));
  const p = new Map<Measured, number>([
    ...ranks(byHistory, options.correction),
    ...zip(
      others,
      correct(
        options.correction,
        others.map((test) => plainP(test, options)),
      ),
    ),
  ]);
  return tests.map((test): KsObservation => {
    const { feature, segment, statistic, samples, past } = test;
    const about = {
      feature,
      segment,
      statistic,
      n: samples.current.length,
      nReference: samples.past.length,
    };
    const found = p.get(test);
    if (found === undefined)
      return { ...about, pAdjusted: null, past: null, verdict: "UNKNOWN", why: test.why };
    return {
      ...about,
      pAdjusted: found,
      past: readsPast(options) ? { quarters: past.size, asLarge: asLarge(test) } : null,
      verdict: statistic! < options.statistic ? "PASS" : found <= options.alpha ? "FAIL" : "WARN",
      why: null,
    };
  });
}

interface Test {
  readonly feature: string;
  readonly column: Float64Array;
  readonly segment: string | null;
  readonly members: readonly number[];
}

interface Measured extends Test {
  readonly samples: TwoSamples;
  readonly statistic: number | null;
  readonly why: string | null;
  /** D of past quarters by how many quarters ago. */
  readonly past: ReadonlyMap<number, number>;
}

function testsOf(panel: Panel, { features, segments }: GuardedKsOptions): Test[] {
  const everyone = panel.series.map((_, s) => s);
  const names = segments === null ? [null] : [...new Set(segments)].sort();
  const groups = names.map((segment) => ({
    segment,
    members: segment === null ? everyone : everyone.filter((s) => segments![s] === segment),
  }));
  return features.flatMap((feature) => {
    const column = featureColumn(panel, feature);
    return groups.map((group) => ({ feature, column, ...group }));
  });
}

function measured(panel: Panel, test: Test, options: GuardedKsOptions): Measured {
  const samples = samplesOf(panel, test, options, 0);
  const hasValues = samples.current.length > 0 && samples.past.length > 0;
  const statistic = hasValues ? ksStatistic(samples.current, samples.past) : null;
  const past = new Map<number, number>();
  for (let ago = 1; ago <= options.quarters && options.guard !== "none"; ago++) {
    const { current, past: before } = samplesOf(panel, test, options, ago);
    if (isEnough(current, before, options)) past.set(ago, ksStatistic(current, before));
  }
  const tooFew = !isEnough(samples.current, samples.past, options);
  const noHistory = readsPast(options) && past.size < fewestQuarters(options);
  const why = tooFew ? "too-few-rows" : noHistory ? "too-few-quarters" : null;
  return { ...test, samples, statistic, why, past };
}

function samplesOf(panel: Panel, test: Test, options: GuardedKsOptions, ago: number): TwoSamples {
  const { first, last } = options.quarterPeriods;
  const back = ago * (last - first + 1);
  const quarter = { first: first - back, last: last - back };
  const reference = referenceRange(options.reference, quarter, seasonLength(panel.calendar.frequency));
  return twoSamples(panel, test.column, {
    quarter,
    reference,
    values: options.values,
    members: test.members,
  });
}

const isEnough = (current: Float64Array, past: Float64Array, { minN }: GuardedKsOptions): boolean =>
  current.length >= Math.max(1, minN) && past.length >= Math.max(1, minN);

/** With fewer past quarters not even the largest D ever would have p ≤ alpha. */
const quartersNeeded = ({ alpha }: GuardedKsOptions): number => Math.ceil(1 / alpha - 1e-9) - 1;

/** Fewer do not say how much D varies from quarter to quarter. */
const FEWEST_TO_EXTRAPOLATE = 5;

const fewestQuarters = (options: GuardedKsOptions): number =>
  options.guard === "history"
    ? quartersNeeded(options)
    : Math.min(FEWEST_TO_EXTRAPOLATE, quartersNeeded(options));

const readsPast = ({ guard }: GuardedKsOptions): boolean => guard === "history" || guard === "auto";

const usesHistory = ({ past }: Measured, options: GuardedKsOptions): boolean =>
  options.guard === "history" || (options.guard === "auto" && past.size >= quartersNeeded(options));

const asLarge = ({ past, statistic }: Measured): number =>
  [...past.values()].filter((d) => d >= statistic!).length;

function ranks(tests: readonly Measured[], correction: Correction): (readonly [Measured, number])[] {
  if (correction === "none" || tests.length === 1) {
    return tests.map((test) => [test, (1 + asLarge(test)) / (1 + test.past.size)]);
  }
  const relative = tests.map(({ past }) => unitOf([...past.values()]));
  const largest = new Map<number, number>();
  tests.forEach(({ past }, t) => {
    for (const [ago, d] of past) largest.set(ago, Math.max(largest.get(ago) ?? 0, relative[t]!(d)));
  });
  return tests.map((test, t) => {
    const now = relative[t]!(test.statistic!);
    const reached = [...test.past.keys()].filter((ago) => largest.get(ago)! >= now).length;
    return [test, (1 + reached) / (1 + test.past.size)];
  });
}

/** D in units of its median in the past. */
function unitOf(past: readonly number[]): (d: number) => number {
  const ordered = [...past].sort((a, b) => a - b);
  const median = (ordered[(ordered.length - 1) >> 1]! + ordered[ordered.length >> 1]!) / 2;
  return (d) => (d === 0 ? 0 : d / median);
}

function plainP(test: Measured, { guard }: GuardedKsOptions): number {
  const { current, past, series, pastSeries } = test.samples;
  if (guard === "none") return ksTwoSample(current, past).p;
  const p = ksSurvival(test.statistic!, series, pastSeries);
  if (guard === "series") return asLarge(test) > 0 ? 1 : p;
  return Math.max(p, extrapolated(test));
}

/** P of a D as large as this, of past quarters too few for a rank. Each quarter is in two comparisons, once as reference: n of them are worth n/2. */
function extrapolated({ statistic, samples, past }: Measured): number {
  // D moves in steps of about 1/n; a D of 0 has no logarithm.
  const least = 1 / Math.max(samples.current.length, samples.past.length);
  const floored = (d: number) => Math.max(least, d);
  const independent = Math.floor((past.size + 1) / 2);
  return lognormalExceedance(floored(statistic!), [...past.values()].map(floored), independent);
}

const zip = <A, B>(a: readonly A[], b: readonly B[]): (readonly [A, B])[] =>
  a.map((value, index) => [value, b[index]!]);

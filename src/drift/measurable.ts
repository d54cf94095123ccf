import { seasonLength } from "../calendar/period.js";
import type { Panel } from "../panel/panel.js";
import { missingIncrease } from "./missing.js";
import { type DriftReference, featureColumn, type PeriodRange, referenceRange } from "./reference.js";
import { type DriftValues, twoSamples } from "./windows.js";

/** What of a rule says how many observations it has; a rule of the gate is one. */
export interface CountedRule {
  readonly id: string;
  readonly ks?: FeatureTest & { readonly values: DriftValues; readonly by?: "segment" | undefined };
  readonly psi?: FeatureTest;
  readonly missing?: FeatureTest;
  readonly compare?: "champion";
  readonly metric?: string;
  readonly by?: "segment" | "lead" | undefined;
}

interface FeatureTest {
  readonly features: readonly string[];
  readonly reference: DriftReference;
}

/** Observations that one test of a rule has in the quarter of the panel in which it has most. */
export interface Reach {
  /** Feature or group; null for the rule as a whole. */
  readonly key: string | null;
  /** Of two sides the fewer. */
  readonly n: number;
}

export interface ReachScope {
  /** The quarter that is judged: the last one that counts. */
  readonly quarterPeriods: PeriodRange;
  /** Segment of each series; null where nobody knows it. */
  readonly segments: readonly string[] | null;
  /** Whether every forecast is made at the end of a quarter, so that a lead is one period of it. */
  readonly leadIsPeriod: boolean;
}

/**
 * The most observations that each test of a rule ever had on this panel, in any quarter up to the one that is judged. Null where the panel does
 * not bound them: a metric of cross-validation, or of a program.
 * @param scores whether a metric is a score of this quarter's actuals
 */
export function mostObservations(
  panel: Panel,
  rule: CountedRule,
  scope: ReachScope,
  scores: (metric: string) => boolean,
): readonly Reach[] | null {
  const quarters = quartersBack(panel, scope.quarterPeriods);
  const most = (count: (quarter: PeriodRange) => number): number => Math.max(0, ...quarters.map(count));
  const { ks, psi, missing } = rule;
  if (ks !== undefined) {
    const groups = ks.by === undefined ? null : membersBySegment(scope.segments);
    return ks.features.flatMap((feature) =>
      [...(groups ?? new Map([[null, [...panel.series.keys()]]]))].map(([segment, members]) => ({
        key: segment === null ? feature : `${feature} of ${segment}`,
        n: most((quarter) => fewerValues(panel, feature, ks, ks.values, quarter, members)),
      })),
    );
  }
  if (psi !== undefined) {
    return psi.features.map((feature) => ({
      key: feature,
      n: most((quarter) => fewerValues(panel, feature, psi, "raw", quarter, [...panel.series.keys()])),
    }));
  }
  if (missing !== undefined) {
    return missing.features.map((feature) => ({
      key: feature,
      n: most((quarterPeriods) => {
        const [row] = missingIncrease(panel, { ...missing, features: [feature], minN: 1, quarterPeriods });
        return Math.min(row!.n, row!.nReference);
      }),
    }));
  }
  if (rule.compare === undefined && (rule.metric === undefined || !scores(rule.metric))) return null;
  return mostPairs(panel, rule, scope, quarters);
}

/** Pairs of a forecast and an actual: there is one a series and period at most. */
function mostPairs(
  panel: Panel,
  { compare, by }: CountedRule,
  scope: ReachScope,
  quarters: readonly PeriodRange[],
): readonly Reach[] {
  const most = (members: ReadonlySet<number> | null, ranges: readonly PeriodRange[]): number =>
    Math.max(0, ...ranges.map((range) => actuals(panel, range, members)));
  if (by === "segment" && scope.segments !== null) {
    return [...membersBySegment(scope.segments)].map(([segment, members]) => ({
      key: segment,
      n: most(new Set(members), quarters),
    }));
  }
  if (by === "lead" && (compare !== undefined || scope.leadIsPeriod)) {
    const periods = quarters.flatMap(({ first, last }) =>
      Array.from({ length: last - first + 1 }, (_, at) => ({ first: first + at, last: first + at })),
    );
    return [{ key: "each lead", n: most(null, periods) }];
  }
  return [{ key: null, n: most(null, quarters) }];
}

function quartersBack(panel: Panel, { first, last }: PeriodRange): PeriodRange[] {
  const earliest = panel.period.reduce((least, period) => Math.min(least, period), last);
  const length = last - first + 1;
  const quarters: PeriodRange[] = [];
  for (let back = 0; last - back >= earliest; back += length)
    quarters.push({ first: first - back, last: last - back });
  return quarters;
}

function fewerValues(
  panel: Panel,
  feature: string,
  { reference }: FeatureTest,
  values: DriftValues,
  quarter: PeriodRange,
  members: readonly number[],
): number {
  const { current, past } = twoSamples(panel, featureColumn(panel, feature), {
    quarter,
    reference: referenceRange(reference, quarter, seasonLength(panel.calendar.frequency)),
    values,
    members,
  });
  return Math.min(current.length, past.length);
}

function membersBySegment(segments: readonly string[] | null): ReadonlyMap<string | null, number[]> {
  const members = new Map<string | null, number[]>();
  (segments ?? []).forEach((segment, s) => {
    const own = members.get(segment);
    if (own === undefined) members.set(segment, [s]);
    else own.push(s);
  });
  return members;
}

function actuals(panel: Panel, { first, last }: PeriodRange, members: ReadonlySet<number> | null): number {
  let count = 0;
  for (let s = 0; s < panel.series.length; s++) {
    if (members !== null && !members.has(s)) continue;
    for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) {
      const period = panel.period[row]!;
      if (period >= first && period <= last && !Number.isNaN(panel.target[row]!)) count++;
    }
  }
  return count;
}

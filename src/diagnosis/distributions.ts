import { periodLabel } from "../calendar/period.js";
import type { Panel } from "../panel/panel.js";
import { featureNames, featureValues, valuesBetween } from "./features.js";
import type { Distribution } from "./finding.js";
import { type Grid, median } from "./grid.js";
import { allSeries } from "./scopes.js";

const BINS = 16;

/** Values of features in the quarter and in the reference of their drift rule, in the same bins, from the 1st to the 99th percentile of both. */
export function distributionsOf(
  grid: Grid,
  features: readonly { readonly feature: string; readonly reference: string }[],
): Distribution[] {
  const { panel } = grid;
  const known = new Set(featureNames(panel));
  return features.flatMap(({ feature, reference }) => {
    const isTarget = !known.has(feature) && (feature === "target" || feature === panel.targetName);
    if (!known.has(feature) && !isTarget) return [];
    const column = isTarget ? panel.target : featureValues(panel, feature);
    const quarter = { first: panel.lastPeriod - grid.size + 1, last: panel.lastPeriod };
    const past = referencePeriods(grid, reference);
    const members = allSeries(panel).members;
    const now = valuesBetween(panel, column, quarter.first, quarter.last, members);
    const before = valuesBetween(panel, column, past.first, past.last, members);
    if (now.length === 0 || before.length === 0) return [];
    const edges = binEdges([...now, ...before]);
    return [
      {
        feature,
        reference: `${label(panel, past.first)} to ${label(panel, past.last)}`,
        edges,
        before: shares(before, edges),
        now: shares(now, edges),
        nBefore: before.length,
        n: now.length,
        medianBefore: median(before),
        median: median(now),
      },
    ];
  });
}

function referencePeriods({ panel, size, season }: Grid, reference: string): { first: number; last: number } {
  const first = panel.lastPeriod - size + 1;
  if (reference === "previous-quarter") return { first: first - size, last: first - 1 };
  if (reference === "training-window") {
    let earliest = first - 1;
    for (const period of panel.period) if (period < earliest) earliest = period;
    return { first: earliest, last: first - 1 };
  }
  return { first: first - season, last: panel.lastPeriod - season };
}

const label = ({ calendar }: Panel, period: number): string => periodLabel(period, calendar);

function binEdges(values: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort();
  const quantile = (q: number) => sorted[Math.round(q * (sorted.length - 1))]!;
  let [low, high] = [quantile(0.01), quantile(0.99)];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  return Array.from({ length: BINS + 1 }, (_, i) => low + ((high - low) * i) / BINS);
}

function shares(values: readonly number[], edges: readonly number[]): number[] {
  const [low, high] = [edges[0]!, edges[BINS]!];
  const counts = new Array<number>(BINS).fill(0);
  for (const value of values) {
    const bin = Math.floor(((value - low) / (high - low)) * BINS);
    counts[Math.min(BINS - 1, Math.max(0, bin))]!++;
  }
  return counts.map((n) => n / values.length);
}

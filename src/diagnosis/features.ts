import { ownValue } from "../kit/own-value.js";
import type { Panel } from "../panel/panel.js";
import { ksTwoSample } from "../stats/ks.js";
import type { Finding } from "./finding.js";
import { clamp, type Grid, median, ordinaryMost } from "./grid.js";
import { allSeries, attributeGroups, type Group } from "./scopes.js";

type PermutedFinding = Extract<Finding, { readonly cause: "features-permuted" }>;
type ChangedFinding = Extract<Finding, { readonly cause: "feature-changed" }>;

const FEWEST = 20;
/** Values of one sample that a distance is taken of: enough for ±0.02, and a wide panel stays fast. */
const MOST = 4000;
const SMALLEST_CHANGE = 0.15;

export const featureNames = (panel: Panel): string[] => [
  ...Object.keys(panel.known),
  ...Object.keys(panel.observed),
];

export const featureValues = (panel: Panel, feature: string): Float64Array =>
  ownValue(panel.known, feature) ?? panel.observed[feature]!;

/** Finite values of a column in the periods from `first` to `last`, of the members. */
export function valuesBetween(
  panel: Panel,
  column: Float64Array,
  first: number,
  last: number,
  members: readonly number[],
): number[] {
  const values: number[] = [];
  for (const s of members) {
    for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) {
      const period = panel.period[row]!;
      if (period >= first && period <= last && Number.isFinite(column[row])) values.push(column[row]!);
    }
  }
  if (values.length <= MOST) return values;
  const step = values.length / MOST;
  return Array.from({ length: MOST }, (_, i) => values[Math.floor(i * step)]!);
}

/** Features whose values look like another feature's, and features that look like themselves no more. */
export function featureFindings(grid: Grid): (PermutedFinding | ChangedFinding)[] {
  const { panel } = grid;
  const permuted = permutedFeatures(grid);
  const taken = new Set(permuted?.pairs.map(({ feature }) => feature));
  const changed = featureNames(panel)
    .filter((feature) => !taken.has(feature))
    .flatMap((feature) => changedFeature(grid, feature) ?? []);
  return [...(permuted === null ? [] : [permuted]), ...changed];
}

function quarterValues(grid: Grid, feature: string, group: Group, offset = 0): number[] {
  const last = grid.panel.lastPeriod - offset;
  return valuesBetween(
    grid.panel,
    featureValues(grid.panel, feature),
    last - grid.size + 1,
    last,
    group.members,
  );
}

const distance = (a: readonly number[], b: readonly number[]): number =>
  a.length < FEWEST || b.length < FEWEST ? Number.NaN : ksTwoSample(a, b).statistic;

function permutedFeatures(grid: Grid): PermutedFinding | null {
  const { panel, size, season } = grid;
  const all = allSeries(panel);
  const names = featureNames(panel);
  const end = panel.lastPeriod - size;
  const samples = names.map((feature) => ({
    feature,
    now: quarterValues(grid, feature, all),
    // A feature with a season looks like its own quarter, one that walks like the last one, one with neither like any.
    past: [
      quarterValues(grid, feature, all, size),
      valuesBetween(panel, featureValues(panel, feature), end - season + 1, end, all.members),
      quarterValues(grid, feature, all, season),
    ],
  }));
  const nearest = (now: readonly number[], past: readonly (readonly number[])[]) => {
    const distances = past.map((values) => distance(now, values)).filter((d) => !Number.isNaN(d));
    return distances.length === 0 ? Number.NaN : Math.min(...distances);
  };
  const pairs = samples.flatMap(({ feature, now, past }) => {
    const own = nearest(now, past);
    const others = samples
      .filter((other) => other.feature !== feature)
      .map((other) => ({ feature: other.feature, distance: nearest(now, other.past) }))
      .filter((other) => !Number.isNaN(other.distance))
      .sort((a, b) => a.distance - b.distance);
    const like = others[0];
    return like !== undefined && own >= 0.4 && like.distance < own
      ? [{ feature, looksLike: like.feature, ownDistance: own, distance: like.distance }]
      : [];
  });
  // Columns change places among themselves: what is taken has to be given, too.
  const given = new Set(pairs.map(({ looksLike }) => looksLike));
  const swapped = pairs.filter(({ feature }) => given.has(feature));
  if (swapped.length < 2) return null;
  // It is one event, and judged as one: a feature that walks is never quite where it was, and the other side tells.
  const sum = (of: (pair: (typeof swapped)[number]) => number) =>
    swapped.reduce((all, pair) => all + of(pair), 0);
  if (sum(({ distance: other }) => other) > sum(({ ownDistance }) => ownDistance) / 2) return null;
  const gains = swapped.map(({ ownDistance, distance: other }) => ownDistance - other);
  return {
    cause: "features-permuted",
    score: clamp(0.35 + 0.65 * (gains.reduce((sum, gain) => sum + gain, 0) / gains.length)),
    pairs: swapped,
  };
}

function changedFeature(grid: Grid, feature: string): ChangedFinding | null {
  const { season, earlier, start, panel } = grid;
  const all = allSeries(panel);
  const fromYearAgo = (group: Group, offset: number) =>
    distance(
      quarterValues(grid, feature, group, offset),
      quarterValues(grid, feature, group, offset + season),
    );
  const own = fromYearAgo(all, 0);
  const offsets = earlier.map((column) => start - column);
  const before = offsets.map((offset) => fromYearAgo(all, offset)).filter((d) => !Number.isNaN(d));
  const usual = before.length === 0 ? 0.1 : ordinaryMost(before);
  if (!(own >= SMALLEST_CHANGE) || !(own > usual)) return null;
  const parts = attributeGroups(panel)
    .map((group) => ({ group, distance: fromYearAgo(group, 0) }))
    .filter((part) => part.distance > own)
    .sort((a, b) => b.distance - a.distance);
  const group = parts[0]?.group ?? all;
  const now = median(quarterValues(grid, feature, group));
  const then = median(quarterValues(grid, feature, group, season));
  return {
    cause: "feature-changed",
    score: clamp(((own - usual) / (1 - usual)) ** 0.75, 0, 0.9),
    feature,
    distance: own,
    distanceBefore: usual,
    factor: then !== 0 && now / then > 0 ? now / then : null,
    scope: {
      attribute: group.attribute,
      value: group.value,
      series: group.members.length,
      of: panel.series.length,
    },
  };
}

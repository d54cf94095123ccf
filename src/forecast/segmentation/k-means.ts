import { kmeans } from "ml-kmeans";
import { mean, standardDeviation } from "simple-statistics";
import type { Segments } from "../../kit/artifacts/segments.js";
import type { Grouping } from "./grouping.js";
import type { SeriesProfile } from "./profiles.js";
import { type Cluster, stableIds } from "./stable-ids.js";

export interface KMeansOptions {
  readonly k: number;
  readonly seed: number;
}

/** Runs of k-means++ from different seeds; the tightest one is taken. */
const STARTS = 10;

/** What the clusters are made of, and how a centre that is far from the average is described. */
const FEATURES: readonly { of: (profile: SeriesProfile) => number; low: string; high: string }[] = [
  { of: (p) => Math.log1p(p.volume), low: "low volume", high: "high volume" },
  { of: (p) => p.trend, low: "falling", high: "rising" },
  { of: (p) => p.seasonalStrength, low: "weak season", high: "strong season" },
  { of: (p) => Math.log1p(Math.min(p.variation, 10)), low: "steady", high: "erratic" },
  { of: (p) => p.zeroShare, low: "few zeros", high: "many zeros" },
];

/**
 * Clusters the series by standardised features. Where last quarter had as many clusters, it starts from their members, so that only
 * series that changed move; else from `STARTS` seeds. Fewer than k groups come back when there are fewer distinct series.
 * @param series ids, in the order of the profiles
 * @param previous last quarter's k-means segments, or null
 */
export function groupByKMeans(
  series: readonly string[],
  profiles: readonly SeriesProfile[],
  { k, seed }: KMeansOptions,
  previous: Segments | null,
): Grouping {
  const points = standardise(profiles.map((profile) => FEATURES.map((feature) => feature.of(profile))));
  const distinct = new Set(points.map((point) => point.join(" "))).size;
  const count = Math.min(k, distinct);
  const warm = previous === null ? null : centresOfMembers(series, points, previous);
  const starts =
    warm?.length === count
      ? [{ initialization: warm }]
      : Array.from({ length: STARTS }, (_, i) => ({ seed: seed + i }));
  const codes = tightest(
    starts.map((start) => kmeans(points, count, start).clusters),
    points,
  );

  const clusters = clustersOf(codes, series, points);
  const ids = stableIds(clusters, previous);
  const groups = clusters.map(({ centre }, i) => ({ id: ids[i]!, label: describe(centre), centre }));
  const idOf = new Map(
    clusters.flatMap(({ members }, i) => members.map((member) => [member, ids[i]!] as const)),
  );
  return { groups, assignment: series.map((id) => idOf.get(id)!) };
}

/** Mean 0 and standard deviation 1 a column; a constant column becomes 0. */
function standardise(rows: readonly (readonly number[])[]): number[][] {
  const columns = FEATURES.map((_, j) => {
    const values = rows.map((row) => row[j]!);
    return { mean: mean(values), sd: standardDeviation(values) };
  });
  return rows.map((row) =>
    row.map((value, j) => (columns[j]!.sd > 1e-12 ? (value - columns[j]!.mean) / columns[j]!.sd : 0)),
  );
}

function centresOfMembers(
  series: readonly string[],
  points: readonly number[][],
  previous: Segments,
): number[][] {
  const assignment = new Map(Object.entries(previous.assignment));
  return previous.segments
    .filter((segment) => segment.centre.length > 0)
    .map(({ id }) => points.filter((_, s) => assignment.get(series[s]!) === id))
    .filter((members) => members.length > 0)
    .map(centreOf);
}

const centreOf = (points: readonly (readonly number[])[]): number[] =>
  FEATURES.map((_, j) => points.reduce((sum, point) => sum + point[j]!, 0) / points.length);

/** The clustering with the smallest sum of squared distances to its centres; the first among equals. */
function tightest(candidates: readonly number[][], points: readonly number[][]): number[] {
  const spread = (codes: readonly number[]): number => {
    const centres = new Map(
      [...new Set(codes)].map((code) => [code, centreOf(points.filter((_, s) => codes[s] === code))]),
    );
    return points.reduce((sum, point, s) => {
      const centre = centres.get(codes[s]!)!;
      return sum + point.reduce((square, value, j) => square + (value - centre[j]!) ** 2, 0);
    }, 0);
  };
  const spreads = candidates.map(spread);
  return candidates[spreads.indexOf(Math.min(...spreads))]!;
}

/** Clusters that have members, by falling volume. */
function clustersOf(
  codes: readonly number[],
  series: readonly string[],
  points: readonly number[][],
): Cluster[] {
  return [...new Set(codes)]
    .map((code) => ({
      members: series.filter((_, s) => codes[s] === code),
      centre: centreOf(points.filter((_, s) => codes[s] === code)),
    }))
    .sort((a, b) => b.centre[0]! - a.centre[0]! || (a.members[0]! < b.members[0]! ? -1 : 1));
}

function describe(centre: readonly number[]): string {
  const words = FEATURES.flatMap(({ low, high }, j) =>
    Math.abs(centre[j]!) < 0.5 ? [] : [centre[j]! < 0 ? low : high],
  );
  return words.length > 0 ? words.join(", ") : "average";
}

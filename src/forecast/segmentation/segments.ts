import type { Segments } from "../../kit/artifacts/segments.js";
import { type Grouping, groupSizes, type SegmentMethod } from "./grouping.js";
import type { SeriesProfile } from "./profiles.js";

/** Last quarter's segmentation. */
export interface PreviousSegments {
  readonly quarter: string;
  readonly segments: Segments;
}

/**
 * The finished `segments.json`: sizes, volume shares, and what changed since last quarter. Ids of another method mean something else,
 * so nothing counts as moved when the method changed; new and lost series still do.
 */
export function describeSegments(
  method: SegmentMethod,
  series: readonly string[],
  profiles: readonly SeriesProfile[],
  { groups, assignment }: Grouping,
  previous: PreviousSegments | null,
): Segments {
  const sizes = groupSizes(assignment);
  const total = profiles.reduce((sum, { volume }) => sum + volume, 0);
  const volumes = new Map<string, number>();
  profiles.forEach(({ volume }, s) => {
    volumes.set(assignment[s]!, (volumes.get(assignment[s]!) ?? 0) + volume);
  });
  return {
    method,
    segments: [...groups]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ id, label, centre }) => ({
        id,
        label,
        series: sizes.get(id) ?? 0,
        volumeShare: total > 0 ? (volumes.get(id) ?? 0) / total : 0,
        centre: [...centre],
      })),
    assignment: Object.fromEntries(series.map((id, s) => [id, assignment[s]!])),
    ...changes(method, series, assignment, previous),
  };
}

function changes(
  method: SegmentMethod,
  series: readonly string[],
  assignment: readonly string[],
  previous: PreviousSegments | null,
): Pick<Segments, "moved" | "newSeries" | "lostSeries" | "previous"> {
  if (previous === null) return { moved: [], newSeries: [], lostSeries: [], previous: null };
  const before = new Map(Object.entries(previous.segments.assignment));
  const now = new Set(series);
  const comparable = previous.segments.method === method;
  const moved = series.flatMap((id, s) => {
    const from = before.get(id);
    return comparable && from !== undefined && from !== assignment[s]
      ? [{ series: id, from, to: assignment[s]! }]
      : [];
  });
  return {
    moved,
    newSeries: series.filter((id) => !before.has(id)),
    lostSeries: [...before.keys()].filter((id) => !now.has(id)).sort((a, b) => (a < b ? -1 : 1)),
    previous: previous.quarter,
  };
}

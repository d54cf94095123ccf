import type { Segments } from "../../kit/artifacts/segments.js";

export type SegmentMethod = Segments["method"];

/** A segmentation before it is compared with last quarter's. */
export interface Grouping {
  readonly groups: readonly SegmentGroup[];
  /** Group id of every series, in panel order. */
  readonly assignment: readonly string[];
}

export interface SegmentGroup {
  readonly id: string;
  readonly label: string;
  /** k-means centre in scaled feature space; empty for other methods. */
  readonly centre: readonly number[];
}

/** Where series of segments too small to stand alone go. A group that has this id already takes them in. */
export const OTHER = "other";

/** Moves the series of groups with fewer than `minSeries` members to `other`. */
export function mergeSmallGroups(grouping: Grouping, minSeries: number): Grouping {
  const sizes = groupSizes(grouping.assignment);
  const small = (id: string): boolean => id !== OTHER && (sizes.get(id) ?? 0) < minSeries;
  const kept = grouping.groups.filter((group) => !small(group.id));
  if (kept.length === grouping.groups.length) return grouping;
  const other = { id: OTHER, label: `segments of fewer than ${minSeries} series`, centre: [] };
  return {
    groups: kept.some((group) => group.id === OTHER) ? kept : [...kept, other],
    assignment: grouping.assignment.map((id) => (small(id) ? OTHER : id)),
  };
}

export function groupSizes(assignment: readonly string[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const id of assignment) sizes.set(id, (sizes.get(id) ?? 0) + 1);
  return sizes;
}

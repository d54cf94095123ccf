import type { Segments } from "../../kit/artifacts/segments.js";
import { optimalAssignment } from "./optimal-assignment.js";

export interface Cluster {
  /** Series ids. */
  readonly members: readonly string[];
  readonly centre: readonly number[];
}

/**
 * Names clusters `S1`, `S2`, … A cluster keeps the id of the group of last quarter that it is matched with: the matching shares as many members as
 * possible, and among equal ones has the nearest centres. Clusters without a match take the smallest free numbers, in their order.
 * @param previous last quarter's k-means segments, or null
 */
export function stableIds(clusters: readonly Cluster[], previous: Segments | null): string[] {
  const old = previous === null ? [] : previous.segments.filter((segment) => segment.centre.length > 0);
  const matched = optimalAssignment(matchingCost(clusters, old, previous?.assignment ?? {}));
  const ids = clusters.map((_, i) => old[matched[i] ?? -1]?.id ?? null);
  const taken = new Set(ids);
  let next = 1;
  return ids.map((id) => {
    if (id !== null) return id;
    while (taken.has(`S${next}`)) next++;
    return `S${next++}`;
  });
}

/** Shared members count whole, distances together less than one, so that they only decide between equal overlaps. */
function matchingCost(
  clusters: readonly Cluster[],
  old: Segments["segments"],
  assignment: Segments["assignment"],
): number[][] {
  const oldOf = new Map(Object.entries(assignment));
  const distances = clusters.map(({ centre }) => old.map((segment) => distance(centre, segment.centre)));
  const total = distances.flat().reduce((sum, value) => sum + value, 1);
  return clusters.map(({ members }, i) => {
    const shared = new Map<string, number>();
    for (const member of members) {
      const id = oldOf.get(member);
      if (id !== undefined) shared.set(id, (shared.get(id) ?? 0) + 1);
    }
    return old.map(({ id }, j) => distances[i]![j]! / total - (shared.get(id) ?? 0));
  });
}

const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((value, i) => value - (b[i] ?? 0)));

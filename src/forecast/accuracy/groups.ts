/** Name of the group of a series, or null where it belongs to none. */
export type GroupOf = (series: string) => string | null;

/** Groups by (series, group) entries, such as the assignment in segments.json. */
export function groupByAssignment(entries: Iterable<readonly [string, string]>): GroupOf {
  const groups = new Map(entries);
  return (series) => groups.get(series) ?? null;
}

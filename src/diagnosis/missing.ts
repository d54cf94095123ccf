import type { Finding } from "./finding.js";
import { at, clamp, type Grid, labelAt } from "./grid.js";
import { attributeGroups } from "./scopes.js";
import { hasValue } from "./stale.js";

type RegionFinding = Extract<Finding, { readonly cause: "region-missing" }>;
type SeriesFinding = Extract<Finding, { readonly cause: "series-changed" }>;

const EXAMPLES = 5;

/** Series → segment of the quarter before; null where no run left one. */
export type Assignment = Readonly<Record<string, string>> | null;

/** All series with one value of an attribute that stopped together, and series that came or went for themselves. */
export function missingFindings(grid: Grid, previous: Assignment): (RegionFinding | SeriesFinding)[] {
  const regions = lostGroups(grid);
  const gone = goneSegments(grid, previous);
  const inRegions = new Set(regions?.members ?? []);
  const changed = changedSeries(grid, inRegions);
  return [
    ...(regions === null ? [] : [regions.finding]),
    ...(gone === null ? [] : [gone]),
    ...(changed === null ? [] : [changed]),
  ];
}

/** Whether a series that had rows until a column has none, or only zeros, from there on, and did have some a year ago. */
function isLost(grid: Grid, s: number, from: number): boolean {
  const sold = (first: number, end: number) => {
    for (let column = Math.max(0, first); column < end; column++) {
      const value = at(grid, s, column);
      if (!Number.isNaN(value) && value !== 0) return true;
    }
    return false;
  };
  if (!sold(from - grid.size, from) || sold(from, grid.columns)) return false;
  const [yearAgo, yearAgoEnd] = [from - grid.season, grid.columns - grid.season];
  const hadYear = hasValue(grid, s, yearAgo - grid.size, yearAgo);
  return !hadYear || sold(yearAgo, yearAgoEnd);
}

function lostGroups(grid: Grid): { finding: RegionFinding; members: readonly number[] } | null {
  for (let from = grid.start; from < grid.columns; from++) {
    const everyone = grid.panel.series.map((_, s) => s);
    const active = everyone.filter((s) => hasValue(grid, s, from - grid.size, from));
    const lost = new Set(active.filter((s) => isLost(grid, s, from)));
    // When nearly all series end, the time is missing.
    if (lost.size < 2 || lost.size >= 0.95 * active.length) continue;
    const names = [...new Set(grid.panel.attributes.map(({ name }) => name))];
    const candidates = names.flatMap((attribute) => {
      const groups = attributeGroups(grid.panel, 2)
        .filter((group) => group.attribute === attribute)
        .map((group) => ({ value: group.value!, members: group.members.filter((s) => active.includes(s)) }))
        .filter(
          ({ members }) =>
            members.length >= 2 && members.filter((s) => lost.has(s)).length >= 0.9 * members.length,
        );
      const members = groups.flatMap((group) => group.members.filter((s) => lost.has(s)));
      return groups.length === 0 ? [] : [{ attribute, values: groups.map(({ value }) => value), members }];
    });
    const best = candidates.sort((a, b) => b.members.length - a.members.length)[0];
    if (best === undefined) continue;
    const finding: RegionFinding = {
      cause: "region-missing",
      // Every lost series belongs to it: nothing but the region is missing.
      score: clamp(0.55 + (0.43 * best.members.length) / lost.size),
      attribute: best.attribute,
      values: best.values,
      series: best.members.length,
      first: labelAt(grid, from),
      last: labelAt(grid, grid.columns - 1),
    };
    return { finding, members: best.members };
  }
  return null;
}

/** Segments of the quarter before, none of whose series the source still has, not even their past. */
function goneSegments(grid: Grid, previous: Assignment): RegionFinding | null {
  if (previous === null) return null;
  const present = new Set(grid.panel.series);
  const sizes = new Map<string, { all: number; gone: number }>();
  for (const [series, segment] of Object.entries(previous)) {
    const size = sizes.get(segment) ?? { all: 0, gone: 0 };
    size.all++;
    if (!present.has(series)) size.gone++;
    sizes.set(segment, size);
  }
  const gone = [...sizes].filter(([, size]) => size.gone >= 2 && size.gone >= 0.9 * size.all);
  if (gone.length === 0 || gone.length === sizes.size) return null;
  return {
    cause: "region-missing",
    score: 0.97,
    attribute: "segment",
    values: gone.map(([segment]) => segment).sort(),
    series: gone.reduce((sum, [, size]) => sum + size.gone, 0),
    first: null,
    last: null,
  };
}

function changedSeries(grid: Grid, inRegions: ReadonlySet<number>): SeriesFinding | null {
  const { start, size, season, panel } = grid;
  const lost: number[] = [];
  const fresh: number[] = [];
  let active = 0;
  for (let s = 0; s < panel.series.length; s++) {
    const before = hasValue(grid, s, start - size, start);
    if (before) active++;
    if (!inRegions.has(s) && before && !hasValue(grid, s, start, grid.columns) && isLost(grid, s, start))
      lost.push(s);
    if (hasValue(grid, s, start, grid.columns) && !hasValue(grid, s, start - season, start)) fresh.push(s);
  }
  const share = active === 0 ? 0 : (lost.length + fresh.length) / active;
  if (lost.length + fresh.length === 0) return null;
  return {
    cause: "series-changed",
    score: clamp(2 * (share - 0.05), 0, 0.6),
    lost: lost.length,
    new: fresh.length,
    of: active,
    examples: [...lost, ...fresh].slice(0, EXAMPLES).map((s) => panel.series[s]!),
  };
}

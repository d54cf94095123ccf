import type { Finding } from "./finding.js";
import { at, clamp, type Grid, labelAt } from "./grid.js";

type StaleFinding = Extract<Finding, { readonly cause: "stale-data" }>;

const FEWEST_VALUES = 5;
const SHARE = 0.5;

/** Data that is older than it says: no rows in the last periods, or values that stood in the rows of an earlier time already. */
export function staleFindings(grid: Grid): StaleFinding[] {
  const suffixes = Array.from({ length: grid.size }, (_, i) => grid.start + i);
  const found = suffixes.flatMap((from) => [
    ...absent(grid, from),
    ...repeated(grid, from, "repeats"),
    ...repeated(grid, from, "filled-forward"),
  ]);
  // Of two that say the same, the one over more periods.
  return found.sort((a, b) => b.score - a.score || b.n - a.n).slice(0, 1);
}

function absent(grid: Grid, from: number): StaleFinding[] {
  const width = grid.columns - from;
  const shareMissing = (start: number) => {
    let [active, missing] = [0, 0];
    for (let s = 0; s < grid.panel.series.length; s++) {
      if (!hasValue(grid, s, start - grid.season / 4 - grid.size, start)) continue;
      active++;
      if (!hasValue(grid, s, start, start + width)) missing++;
    }
    return { share: active === 0 ? 0 : missing / active, n: active };
  };
  const { share, n } = shareMissing(from);
  const shareBefore = Math.max(0, ...grid.earlier.map((start) => shareMissing(start).share));
  // Fewer than nearly all: then series are missing, not a time.
  if (share < 0.95 || n === 0) return [];
  return [finding(grid, { how: "no-rows", from, source: null, share, shareBefore, n })];
}

/** Shifts p such that y(t) = y(t − p) for the periods from `from` on; filled forward: every one is the value of the period before `from`. */
function repeated(grid: Grid, from: number, how: "repeats" | "filled-forward"): StaleFinding[] {
  const width = grid.columns - from;
  const shifts =
    how === "filled-forward"
      ? [width]
      : [...new Set([width, grid.size, 2 * grid.size, grid.season])].filter((shift) => shift >= width);
  // One period filled forward is one that repeats the one before.
  if (how === "filled-forward" && width === 1) return [];
  const sourceOf = (start: number, column: number, shift: number) =>
    how === "filled-forward" ? start - 1 : column - shift;
  const shareEqual = (start: number, shift: number) => {
    let [equal, n] = [0, 0];
    for (let s = 0; s < grid.panel.series.length; s++) {
      for (let column = start; column < start + width; column++) {
        const value = at(grid, s, column);
        const past = at(grid, s, sourceOf(start, column, shift));
        if (Number.isNaN(value) || Number.isNaN(past) || (value === 0 && past === 0)) continue;
        n++;
        if (value === past) equal++;
      }
    }
    return { share: n === 0 ? 0 : equal / n, n };
  };
  return shifts.flatMap((shift) => {
    const { share, n } = shareEqual(from, shift);
    if (n < FEWEST_VALUES || share < SHARE) return [];
    const shareBefore = Math.max(0, ...grid.earlier.map((start) => shareEqual(start, shift).share));
    const source =
      how === "filled-forward"
        ? { first: from - 1, last: from - 1 }
        : { first: from - shift, last: grid.columns - 1 - shift };
    return [finding(grid, { how, from, source, share, shareBefore, n })];
  });
}

function finding(
  grid: Grid,
  found: {
    readonly how: StaleFinding["how"];
    readonly from: number;
    readonly source: { readonly first: number; readonly last: number } | null;
    readonly share: number;
    readonly shareBefore: number;
    readonly n: number;
  },
): StaleFinding {
  const { how, from, source, share, shareBefore, n } = found;
  return {
    cause: "stale-data",
    score: clamp((share - shareBefore) / (1 - shareBefore)),
    how,
    first: labelAt(grid, from),
    last: labelAt(grid, grid.columns - 1),
    sourceFirst: source === null ? null : labelAt(grid, source.first),
    sourceLast: source === null ? null : labelAt(grid, source.last),
    share,
    shareBefore,
    n,
  };
}

export function hasValue(grid: Grid, series: number, first: number, end: number): boolean {
  for (let column = Math.max(0, first); column < end; column++) {
    if (!Number.isNaN(at(grid, series, column))) return true;
  }
  return false;
}

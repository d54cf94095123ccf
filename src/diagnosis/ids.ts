import {
  differencesOf,
  foldingFor,
  foldingText,
  joinFoldings,
  nearKey,
  visibleText,
} from "../panel/id-forms.js";
import type { Panel } from "../panel/panel.js";
import type { Finding } from "./finding.js";
import { at, type Grid } from "./grid.js";
import type { Assignment } from "./missing.js";

export type IdsFinding = Extract<Finding, { readonly cause: "ids-changed-form" }>;

/** Pairs whose differences are looked at, and that are quoted. */
const LOOKED_AT = 200;
const EXAMPLES = 3;

/** Ids that stop, and others that start in the quarter and agree with them but for blanks, case, Unicode form or the way of writing a number. */
export function idFindings(grid: Grid, previous: Previous | null): IdsFinding[] {
  const found = [withinPanel(grid), sincePrevious(grid.panel, previous)];
  return found
    .flatMap((finding) => (finding === null ? [] : [finding]))
    .sort((a, b) => b.score - a.score || b.matched - a.matched)
    .slice(0, 1);
}

interface Previous {
  readonly quarter: string;
  readonly assignment: Assignment;
}

function withinPanel(grid: Grid): IdsFinding | null {
  const { panel, start, size, columns } = grid;
  const spans = panel.series.map((_, s) => spanOf(grid, s));
  const isNew = (s: number) => spans[s] !== null && spans[s]!.first >= start;
  const isLost = (s: number) => {
    const span = spans[s] ?? null;
    return span !== null && span.last >= start - size && span.last < columns - 1 && span.first < start;
  };
  const all = panel.series.map((_, s) => s);
  const [lost, fresh] = [all.filter(isLost), all.filter(isNew)];
  const follows = (a: string, b: string) => {
    const [before, after] = [spans[panel.series.indexOf(a)]!, spans[panel.series.indexOf(b)]!];
    return before!.last < after!.first;
  };
  const idsOf = (which: readonly number[]) => which.map((s) => panel.series[s]!);
  return findingOf(idsOf(lost), idsOf(fresh), panel.series.length - fresh.length, null, follows);
}

function spanOf(grid: Grid, s: number): { readonly first: number; readonly last: number } | null {
  let [first, last] = [-1, -1];
  for (let column = 0; column < grid.columns; column++) {
    if (Number.isNaN(at(grid, s, column))) continue;
    if (first < 0) first = column;
    last = column;
  }
  return first < 0 ? null : { first, last };
}

function sincePrevious(panel: Panel, previous: Previous | null): IdsFinding | null {
  if (previous === null || previous.assignment === null) return null;
  const now = new Set(panel.series);
  const then = new Set(Object.keys(previous.assignment));
  const lost = [...then].filter((id) => !now.has(id));
  const fresh = panel.series.filter((id) => !then.has(id));
  return findingOf(lost, fresh, then.size, previous.quarter, () => true);
}

function findingOf(
  lost: readonly string[],
  fresh: readonly string[],
  of: number,
  since: string | null,
  follows: (before: string, after: string) => boolean,
): IdsFinding | null {
  if (lost.length === 0 || fresh.length === 0) return null;
  const byKey = new Map(lost.map((id) => [nearKey(id), id]));
  const pairs = fresh.flatMap((after) => {
    const before = byKey.get(nearKey(after));
    return before !== undefined && follows(before, after) ? [{ before, after }] : [];
  });
  const share = pairs.length / Math.min(lost.length, fresh.length);
  if (share < 0.5) return null;
  const looked = pairs.slice(0, LOOKED_AT).map(({ before, after }) => [before, after]);
  return {
    cause: "ids-changed-form",
    // One pair may be chance.
    score: (pairs.length === 1 ? 0.8 : 0.99) * share,
    lost: lost.length,
    new: fresh.length,
    matched: pairs.length,
    of,
    since,
    differences: [...new Set(looked.flatMap((pair) => differencesOf(pair)))],
    asNumbers: pairs.every(({ before, after }) =>
      [before, after].every((id) => /^[\d.,eE+' -]+$/u.test(id.trim())),
    ),
    folding: foldingText(joinFoldings(looked.flatMap((pair) => foldingFor(pair) ?? []))),
    examples: pairs.slice(0, EXAMPLES).map(({ before, after }) => ({
      before: visibleText(before, [after]),
      after: visibleText(after, [before]),
    })),
  };
}

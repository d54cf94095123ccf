import type { Panel } from "../panel.js";
import type { SourcePanel } from "../source.js";
import { type Check, checkOf, type Finding } from "./check.js";

/** A series that is the sum of others, which then count twice. */
export interface TotalSeries {
  readonly s: number;
  /** Of what: all others, or those of a group. */
  readonly parts: number;
  readonly of: string;
  /** Mean distance from the sum as a share of it. */
  readonly off: number;
}

/** Up to here a sum of rounded numbers is the sum. */
const EXACT = 1e-6;
const NEARLY = 0.005;
/** A series that calls itself a total may be off by late corrections. */
const NEARLY_NAMED = 0.03;
const NAMES =
  /(^|[^\p{L}])(grand[ _-]?)?(total(s|e|es)?|sum(me|ma|m)?|all|alle|overall|gesamt|insgesamt|tout|toutes|tous|todos|totale|всего|итого|合計|总计)([^\p{L}]|$)/iu;
const FEWEST_PARTS = 2;
const FEWEST_PERIODS = 6;
/** Two series of about one size beside crumbs are no total and its part. */
const LARGEST_PART = 0.95;
/** Series of a group that are looked at: a total is the largest. */
const CANDIDATES = 8;
const MOST_NAMED = 50;
/** Totals of groups, then totals of these, then one of all. */
const ROUNDS = 3;
/** Periods that are looked at, the newest. */
const PERIODS = 36;

interface Group {
  readonly of: string;
  readonly members: readonly number[];
}

/** Series that are the sum of all others, or of all others with a label in common, in every one of the last periods. */
export function findTotals(panel: Panel): TotalSeries[] {
  const columns = Math.min(
    PERIODS,
    1 + panel.lastPeriod - panel.period.reduce((a, b) => Math.min(a, b), panel.lastPeriod),
  );
  if (columns < FEWEST_PERIODS || panel.series.length <= FEWEST_PARTS) return [];
  const values = windowOf(panel, columns);
  const sizes = sizesOf(values, columns);
  const named = panel.series.flatMap((_, s) => (isNamedTotal(panel, s) ? [s] : [])).slice(0, MOST_NAMED);
  const groups = groupsOf(panel);
  const found = new Map<number, TotalSeries>();
  for (let round = 0; round < ROUNDS; round++) {
    const before = found.size;
    for (const group of groups) {
      const parts = group.members.filter((s) => !found.has(s));
      for (const s of candidates(
        sizes,
        parts,
        named.filter((each) => !found.has(each)),
      )) {
        const total = totalOf(
          values,
          columns,
          panel,
          s,
          parts.filter((part) => part !== s),
          group.of,
        );
        if (total === null) continue;
        found.set(s, total);
        break;
      }
    }
    if (found.size === before) break;
  }
  return [...found.values()];
}

/** Totals among their parts: a hint, since a series may well be the sum of others on purpose. */
export function totalsCheck(source: SourcePanel, column: string): Check {
  const { panel } = source;
  const totals = findTotals(panel);
  const words = totals.map(
    ({ s, parts, of, off }) =>
      `${JSON.stringify(panel.series[s]!)} is ${off <= EXACT ? "" : "nearly "}the sum of ${parts} others (${of})`,
  );
  const findings = totals.map(({ s, parts, of }): Finding => {
    const row = panel.offsets[s]!;
    return {
      file: source.file[row]!,
      record: source.record[row]!,
      series: panel.series[s]!,
      period: panel.period[row]!,
      column,
      value: `the sum of ${parts} others (${of})`,
    };
  });
  const shown = `${words.slice(0, 3).join("; ")}${words.length > 3 ? `; and ${words.length - 3} more` : ""}`;
  return {
    ...checkOf("totals", "no series that is the sum of others", findings, {
      broken: "warn",
      detail: `${shown}: what it counts is forecast and scored twice. If it is a total, leave its rows out of the source`,
    }),
    examples: words.slice(0, 3),
  };
}

/** [series × columns], 0 where there is no value, and whether there is one. */
function windowOf(panel: Panel, columns: number): Float64Array {
  const values = new Float64Array(panel.series.length * columns).fill(Number.NaN);
  const first = panel.lastPeriod - columns + 1;
  for (let s = 0; s < panel.series.length; s++) {
    for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) {
      const column = panel.period[row]! - first;
      if (column >= 0 && Number.isFinite(panel.target[row]!))
        values[s * columns + column] = panel.target[row]!;
    }
  }
  return values;
}

/** All series, those of each label of an attribute, and those whose ids begin alike: `north/1`, `north/total`. */
function groupsOf(panel: Panel): Group[] {
  const everyone = panel.series.map((_, s) => s);
  const labelled = panel.attributes.flatMap(({ name, levels, codes }) => {
    const members = levels.map((): number[] => []);
    for (const s of everyone) members[codes[s]!]!.push(s);
    return levels.map((label, code) => ({
      of: `${name} ${label === "" ? "(none)" : label}`,
      members: members[code]!,
    }));
  });
  const stems = new Map<string, number[]>();
  for (const [s, id] of panel.series.entries()) {
    const stem = /^(.+?)[/|:;. _-]/u.exec(id)?.[1];
    if (stem === undefined) continue;
    const members = stems.get(stem) ?? [];
    members.push(s);
    stems.set(stem, members);
  }
  const named = [...stems].map(([stem, members]) => ({ of: `ids that begin with ${stem}`, members }));
  const all = { of: "all series", members: everyone };
  // Small groups first: the total of all is the sum of what is no total itself.
  return [...labelled, ...named]
    .filter(({ members }) => members.length > FEWEST_PARTS && members.length < everyone.length)
    .sort((a, b) => a.members.length - b.members.length)
    .concat(all);
}

/** The largest series of a group, and those of other groups that call themselves a total. */
function candidates(sizes: Float64Array, parts: readonly number[], named: readonly number[]): number[] {
  const own = [...parts].sort((a, b) => sizes[b]! - sizes[a]!).slice(0, CANDIDATES);
  const members = new Set(parts);
  return [...own, ...named.filter((s) => !members.has(s))];
}

function sizesOf(values: Float64Array, columns: number): Float64Array {
  const sizes = new Float64Array(values.length / columns);
  for (const [cell, value] of values.entries()) {
    if (!Number.isNaN(value)) sizes[Math.floor(cell / columns)]! += Math.abs(value);
  }
  return sizes;
}

function isNamedTotal(panel: Panel, s: number): boolean {
  const labels = panel.attributes.map(({ levels, codes }) => levels[codes[s]!]!);
  return [panel.series[s]!, ...labels].some((text) => NAMES.test(text));
}

function totalOf(
  values: Float64Array,
  columns: number,
  panel: Panel,
  s: number,
  parts: readonly number[],
  of: string,
): TotalSeries | null {
  let [n, gap, size] = [0, 0, 0];
  const sums = new Map<number, number>();
  for (let column = 0; column < columns; column++) {
    const total = values[s * columns + column]!;
    if (Number.isNaN(total)) continue;
    let sum = 0;
    for (const part of parts) {
      const value = values[part * columns + column]!;
      if (Number.isNaN(value)) continue;
      sum += value;
      sums.set(part, (sums.get(part) ?? 0) + Math.abs(value));
    }
    n++;
    gap += Math.abs(total - sum);
    size += Math.abs(total);
  }
  const filled = [...sums.values()].filter((sum) => sum > 0);
  const largest = filled.reduce((a, b) => Math.max(a, b), 0);
  if (n < FEWEST_PERIODS || size === 0 || filled.length < FEWEST_PARTS || largest > LARGEST_PART * size)
    return null;
  const off = gap / size;
  return off <= (isNamedTotal(panel, s) ? NEARLY_NAMED : NEARLY)
    ? { s, parts: filled.length, of, off }
    : null;
}

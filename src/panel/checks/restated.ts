import { periodLabel } from "../../calendar/period.js";
import type { Restated, ValidationReport } from "../../kit/artifacts/validation.js";
import type { TargetHistory } from "../history.js";
import type { Panel } from "../panel.js";
import type { SourcePanel } from "../source.js";
import { type Check, checkOf, type Finding } from "./check.js";

/** Relative difference up to which two figures are the same: a file of single precision, or of fewer digits, restates nothing. */
const SAME = 1e-6;
/** Rows that failures.csv lists. */
const LISTED = 10_000;
/** Ratios this close to their median are one factor. */
const ALIKE = 0.01;

type ProfileRow = ValidationReport["profile"][number];

/** What the run of the quarter before saw. */
export interface PreviousRun {
  readonly quarter: string;
  readonly profile: readonly ProfileRow[];
  /** Null where that run kept none. */
  readonly history: TargetHistory | null;
}

interface Change {
  readonly s: number | null;
  readonly series: string;
  readonly period: number;
  /** Row of the panel; null where it is gone. */
  readonly row: number | null;
  readonly before: number;
  readonly now: number;
}

/** Values of earlier periods that are others now, or gone: the source rewrote its history. It never blocks; a rule on `restatedShare` does. */
export function restatedCheck(
  source: SourcePanel,
  targetColumn: string,
  now: readonly ProfileRow[],
  before: PreviousRun,
): { readonly check: Check; readonly restated: Restated } {
  const expected = `periods up to ${before.quarter} are as they were in its run`;
  const { changes, added, of } =
    before.history === null ? { changes: [], added: 0, of: 0 } : changesOf(source.panel, before.history);
  const periods =
    before.history === null ? changedPeriods(now, before.profile) : labelsOf(source.panel, changes);
  const restated: Restated = {
    since: before.quarter,
    periods: periods.length,
    ofPeriods: before.profile.length,
    first: periods[0] ?? null,
    last: periods.at(-1) ?? null,
    rows: before.history === null ? null : changes.length,
    ofRows: before.history === null ? null : of,
    gone: changes.filter(({ row }) => row === null).length,
    added,
    series: new Set(changes.map(({ series }) => series)).size,
    ...groupOf(source.panel, changes),
    change: before.history === null ? totalChange(now, before.profile, periods) : sumChange(changes),
    each: factorOf(changes),
  };
  const count = before.history === null ? periods.length : changes.length;
  return {
    restated,
    check: {
      ...checkOf("history-restated", expected, findingsOf(source, targetColumn, changes, before.quarter), {
        count: count + added,
        broken: "warn",
        detail: detailOf(restated),
      }),
    },
  };
}

function changesOf(panel: Panel, history: TargetHistory) {
  const changes: Change[] = [];
  let [of, added] = [0, 0];
  const place = new Map(panel.series.map((id, s) => [id, s]));
  for (const [series, then] of history) {
    const s = place.get(series) ?? null;
    const rows = new Map<number, number>();
    if (s !== null) {
      for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) rows.set(panel.period[row]!, row);
    }
    let last = Number.NEGATIVE_INFINITY;
    for (const [period, value] of then) {
      last = Math.max(last, period);
      if (Number.isNaN(value)) continue;
      of++;
      const row = rows.get(period) ?? null;
      const found = row === null ? Number.NaN : panel.target[row]!;
      // An unreadable cell has a check of its own.
      if (found === Number.POSITIVE_INFINITY || isSame(found, value)) continue;
      changes.push({ s, series, period, row, before: value, now: found });
    }
    for (const [period, row] of rows) {
      const isNew = period <= last && Number.isNaN(then.get(period) ?? Number.NaN);
      if (isNew && Number.isFinite(panel.target[row]!)) added++;
    }
  }
  return { changes, added, of };
}

const isSame = (a: number, b: number): boolean =>
  Math.abs(a - b) <= SAME * Math.max(Math.abs(a), Math.abs(b));

const labelsOf = (panel: Panel, changes: readonly Change[]): string[] =>
  [...new Set(changes.map(({ period }) => period))]
    .sort((a, b) => a - b)
    .map((period) => periodLabel(period, panel.calendar));

function changedPeriods(now: readonly ProfileRow[], before: readonly ProfileRow[]): string[] {
  const current = new Map(now.map((row) => [row.period, row]));
  return before
    .filter((old) => {
      const { rows = 0, total = 0 } = current.get(old.period) ?? {};
      return rows !== old.rows || !isSame(total, old.total);
    })
    .map(({ period }) => period);
}

function totalChange(
  now: readonly ProfileRow[],
  before: readonly ProfileRow[],
  periods: readonly string[],
): number | null {
  const sum = (rows: readonly ProfileRow[]) =>
    rows.filter(({ period }) => periods.includes(period)).reduce((all, { total }) => all + total, 0);
  const then = sum(before);
  return periods.length === 0 || then === 0 ? null : sum(now) / then - 1;
}

function sumChange(changes: readonly Change[]): number | null {
  const then = changes.reduce((sum, change) => sum + change.before, 0);
  const now = changes.reduce((sum, change) => sum + (Number.isNaN(change.now) ? 0 : change.now), 0);
  return then === 0 ? null : now / then - 1;
}

/** By how much each row changed, where they all changed by about the same. */
function factorOf(changes: readonly Change[]): number | null {
  const ratios = changes.flatMap(({ before, now }) =>
    before !== 0 && Number.isFinite(now) ? [now / before] : [],
  );
  if (ratios.length === 0 || ratios.length < 0.9 * changes.length) return null;
  const middle = Float64Array.from(ratios).sort()[ratios.length >> 1]!;
  const alike = ratios.filter((ratio) => Math.abs(ratio - middle) <= ALIKE).length;
  return alike >= 0.9 * ratios.length ? middle - 1 : null;
}

/** The value of an attribute that says which series were restated: nearly all that were have it, and most that have it were. */
function groupOf(
  panel: Panel,
  changes: readonly Change[],
): Pick<Restated, "attribute" | "value" | "examples"> {
  const changed = new Set(changes.flatMap(({ s }) => s ?? []));
  const examples = [...new Set(changes.map(({ series }) => series))].slice(0, 5);
  const groups = panel.attributes.flatMap(({ name, levels, codes }) =>
    levels.map((value, code) => {
      const members = panel.series.flatMap((_, s) => (codes[s] === code ? [s] : []));
      return { name, value, members, common: members.filter((s) => changed.has(s)).length };
    }),
  );
  const best = groups
    .filter(
      ({ members, common }) => common >= 2 && common >= 0.95 * changed.size && common >= 0.8 * members.length,
    )
    .filter(({ members }) => members.length < panel.series.length)
    .sort((a, b) => a.members.length - b.members.length)[0];
  return { attribute: best?.name ?? null, value: best?.value ?? null, examples };
}

function findingsOf(
  source: SourcePanel,
  column: string,
  changes: readonly Change[],
  since: string,
): Finding[] {
  const sorted = [...changes].sort(
    (a, b) => a.period - b.period || (a.series < b.series ? -1 : a.series > b.series ? 1 : 0),
  );
  return sorted.slice(0, LISTED).map(({ series, period, row, before, now }) => ({
    file: row === null ? null : source.file[row]!,
    record: row === null ? null : source.record[row]!,
    series,
    period,
    column,
    value: `${Number.isNaN(now) ? "no value" : now}, ${before} in the run of ${since}`,
  }));
}

function detailOf(restated: Restated): string {
  const {
    periods,
    ofPeriods,
    first,
    last,
    rows,
    ofRows,
    gone,
    added,
    series,
    since,
    attribute,
    value,
    examples,
  } = restated;
  const late = added === 0 ? "" : `; ${added} rows came that were not there then`;
  if (periods === 0) return `no change${late}`;
  const span = first === last ? first : `${first} to ${last}`;
  const by =
    restated.each !== null && Math.abs(restated.each + 2) <= ALIKE
      ? "the other sign"
      : `${signed(restated.change)}${restated.each === null ? " together" : ", each by about the same"}`;
  if (rows === null) {
    return `${periods} of ${ofPeriods} periods (${span}) have other totals or row counts, ${by}; that run kept no rows to compare`;
  }
  const who =
    attribute !== null
      ? `${series} series, ${attribute} ${value}`
      : series <= examples.length
        ? `${series} series (${examples.join(", ")})`
        : `${series} series`;
  return (
    [
      `${periods} of ${ofPeriods} periods (${span}), ${rows} of ${ofRows} rows that the run of ${since} saw (${percent(rows / ofRows!)})`,
      gone === rows ? who : `${who}: ${by}`,
      ...(gone > 0 ? [`${gone} of the rows are gone`] : []),
      ...(rows > LISTED ? [`failures.csv lists the first ${LISTED}`] : []),
    ].join("; ") + late
  );
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))}%`;
const signed = (change: number | null): string =>
  change === null ? "from zero" : `${change > 0 ? "+" : "−"}${percent(Math.abs(change))}`;

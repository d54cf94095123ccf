import { fail } from "../../kit/failure.js";
import type { DataSpec } from "../../kit/specs.js";
import { nearest } from "../../kit/suggest.js";
import { numberColumns, type Panel } from "../panel.js";
import { periodForms } from "../period-text.js";
import type { SourcePanel } from "../source.js";
import { aheadChecks, aheadDoubles, aheadWhere } from "./ahead.js";
import { type Check, checkOf, type Finding } from "./check.js";

interface Range {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

export interface CellLimits {
  /** Column → allowed values. */
  readonly ranges: Readonly<Record<string, Range>>;
  /** Column → largest share of empty cells, 0..1. The target's is 0 unless it is given. */
  readonly nulls: Readonly<Record<string, number>>;
  /** Column → accepted values; labels of an attribute. */
  readonly values?: Readonly<Record<string, readonly (number | string)[]>>;
}

/**
 * Checks of single cells and rows: periods, series ids, numbers, duplicate keys, attributes, empty cells, ranges.
 * @throws FailureError `data.name-unknown` when a limit names a column that is not in the panel
 */
export function cellChecks(source: SourcePanel, spec: DataSpec, limits: CellLimits): Check[] {
  const { panel } = source;
  const { columns } = spec;
  const numbers = numberColumns(panel, columns.target);
  const find = (row: number, series: number, column: string): Finding => ({
    file: source.file[row]!,
    record: source.record[row]!,
    series: panel.series[series]!,
    period: panel.period[row]!,
    column,
  });
  const where = (column: string, broken: (row: number) => boolean): Finding[] => {
    const found: Finding[] = [];
    for (let s = 0; s < panel.series.length; s++) {
      for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) {
        if (broken(row)) found.push(find(row, s, column));
      }
    }
    return found;
  };
  const nullLimits = { [columns.target]: 0, ...byColumn(limits.nulls, numbers, columns.target) };
  const ranges = byColumn(limits.ranges, numbers, columns.target);
  const labels = new Set(panel.attributes.map(({ name }) => name));
  const accepted = byColumn(limits.values ?? {}, numbers, columns.target, labels);
  return [
    checkOf("periods", `${columns.time} reads like ${periodForms(panel.calendar)}`, source.unreadableTimes),
    ...(spec.timeFlags === undefined
      ? []
      : [
          checkOf("time-flags", `flags behind ${columns.time} are those of data.timeFlags`, [], {
            detail: `${source.flagged.read} rows read without their flag, ${source.flagged.dropped} left out`,
          }),
        ]),
    {
      ...checkOf("series-ids", `${columns.series} is filled in`, source.missingSeries),
      ...(source.missingSeries.length === 0
        ? {}
        : {
            advice: `a row without ${columns.series} is often a total of the others: leave it out of the source`,
          }),
    },
    checkOf(
      "numbers",
      "finite numbers with a decimal point",
      [...numbers].flatMap(([name, values]) => [
        ...where(name, (row) => values[row] === Number.POSITIVE_INFINITY),
        ...aheadWhere(source, name, (value) => value === Number.POSITIVE_INFINITY),
      ]),
    ),
    checkOf("duplicates", `one row a ${columns.series} and ${panel.calendar.frequency}`, [
      ...where(columns.time, duplicateRows(panel)),
      ...aheadDoubles(source, columns.time),
    ]),
    checkOf("attributes", "one label a series in every attribute", source.changedAttributes),
    ...Object.entries(nullLimits).map(([name, limit]) => {
      const values = numbers.get(name)!;
      const empty = where(name, (row) => Number.isNaN(values[row]));
      const share = values.length === 0 ? 0 : empty.length / values.length;
      return checkOf(`nulls.${name}`, `at most ${percent(limit)} of ${name} is empty`, empty, {
        broken: share > limit ? "fail" : "pass",
        detail: `${empty.length} of ${values.length} cells are empty (${percent(share)})`,
      });
    }),
    ...Object.entries(ranges).map(([name, range]) => {
      const values = numbers.get(name)!;
      const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = range;
      // Unreadable cells are Infinity: they have a check of their own.
      const isOutside = (value: number) => Number.isFinite(value) && (value < min || value > max);
      const outside = [
        ...where(name, (row) => isOutside(values[row]!)),
        ...aheadWhere(source, name, isOutside),
      ];
      return checkOf(`range.${name}`, rangeText(name, range), outside);
    }),
    ...Object.entries(accepted).map(([name, allowed]) =>
      acceptedCheck(source, { name, allowed, where, numbers }),
    ),
    ...aheadChecks(source, {
      nulls: nullLimits,
      limited: new Map([
        ...Object.entries(ranges).map(
          ([name, { min, max }]) => [name, { low: min !== undefined, high: max !== undefined }] as const,
        ),
        ...Object.keys(accepted).map((name) => [name, { low: true, high: true }] as const),
      ]),
    }),
  ];
}

/** Share of empty cells among all number cells, and how many cells there are. */
export function nullShare(panel: Panel): { readonly share: number | null; readonly cells: number } {
  let cells = 0;
  let empty = 0;
  for (const values of [panel.target, ...Object.values(panel.known), ...Object.values(panel.observed)]) {
    cells += values.length;
    for (const value of values) if (Number.isNaN(value)) empty++;
  }
  return { share: cells === 0 ? null : empty / cells, cells };
}

/** Of a number column in every row, ahead too; of an attribute in the first row of each series. A missing value is none. */
function acceptedCheck(
  source: SourcePanel,
  given: {
    readonly name: string;
    readonly allowed: readonly (number | string)[];
    readonly where: (column: string, broken: (row: number) => boolean) => Finding[];
    readonly numbers: ReadonlyMap<string, Float64Array>;
  },
): Check {
  const { name, allowed, where } = given;
  const { panel } = source;
  const values = given.numbers.get(name);
  const texts = new Set(allowed.map(String));
  const isOther = (value: number) => Number.isFinite(value) && !texts.has(String(value));
  const expected = `${name} is one of ${allowed.join(", ")}`;
  if (values !== undefined) {
    const found = [...where(name, (row) => isOther(values[row]!)), ...aheadWhere(source, name, isOther)];
    return checkOf(`values.${name}`, expected, found);
  }
  const { levels, codes } = panel.attributes.find((attribute) => attribute.name === name)!;
  const first = new Map(Array.from(panel.series, (_, s) => [panel.offsets[s]!, s]));
  const isOtherLabel = (row: number) => {
    const s = first.get(row);
    const label = s === undefined ? "" : levels[codes[s]!]!;
    return label !== "" && !texts.has(label);
  };
  return checkOf(`values.${name}`, expected, where(name, isOtherLabel));
}

/** Limits by column name, where `target` may stand for the target column. */
function byColumn<T>(
  limits: Readonly<Record<string, T>>,
  numbers: ReadonlyMap<string, Float64Array>,
  target: string,
  labels: ReadonlySet<string> = new Set(),
): Record<string, T> {
  const named: [string, T][] = Object.entries(limits).map(([given, limit]) => {
    const isColumn = numbers.has(given) || labels.has(given);
    const name = isColumn ? given : given === "target" ? target : null;
    if (name === null) {
      const known = [...numbers.keys(), ...labels];
      const suggestion = nearest(given, known);
      fail({ code: "data.name-unknown", retryable: false, role: "feature", name: given, known, suggestion });
    }
    return [name, limit];
  });
  return Object.fromEntries(named);
}

/** Whether a row shares its key with a neighbour: rows are sorted by series and period. */
function duplicateRows(panel: Panel): (row: number) => boolean {
  const starts = new Set(panel.offsets);
  const sameAsBefore = (row: number) => !starts.has(row) && panel.period[row] === panel.period[row - 1];
  return (row) => sameAsBefore(row) || (row + 1 < panel.period.length && sameAsBefore(row + 1));
}

function rangeText(name: string, { min, max }: Range): string {
  if (min !== undefined && max !== undefined) return `${min} ≤ ${name} ≤ ${max}`;
  return min !== undefined ? `${name} ≥ ${min}` : max !== undefined ? `${name} ≤ ${max}` : `any ${name}`;
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))}%`;

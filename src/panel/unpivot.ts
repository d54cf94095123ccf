import type { PeriodFrequency } from "../calendar/period.js";
import { isTimeText } from "../calendar/time-column.js";
import { fail } from "../kit/failure.js";
import type { DataSpec } from "../kit/specs.js";
import { isNumeric, textOf } from "./cells.js";
import { quoteText } from "./sql.js";
import type { TableFile } from "./table-file.js";
import { columnNames, type ScannedCell, type ScannedTable } from "./table-scan.js";
import { unreadable } from "./text-form.js";

/**
 * Columns of a table whose names are ids or periods, and whose cells are values. Each cell is a record: those of the first row come first, from 1, in
 * the order of `columns`.
 */
export interface Unpivot {
  readonly names: "series" | "time";
  /** Places in the header. */
  readonly columns: readonly number[];
}

/** A file, and how its cells become rows where it has one column a series or a period. */
export type ShapedFile = TableFile & { readonly unpivot?: Unpivot };

/** Record of the file and the column in which the value of a record of the panel stands; null where it has a record of its own. */
export function cellOfRecord(
  { unpivot }: ShapedFile,
  record: number,
): { readonly record: number; readonly column: number | null } {
  if (unpivot === undefined) return { record, column: null };
  const width = unpivot.columns.length;
  return { record: Math.floor((record - 1) / width) + 1, column: unpivot.columns[(record - 1) % width]! };
}

/** Columns that a file has under a role's name; the others are made of names or of several. */
export function rolesInFile(spec: DataSpec): ReadonlyMap<string, string> {
  const { columns, parts, wide } = spec;
  const roles = new Map<string, string>();
  const add = (names: readonly string[], role: string) => {
    for (const name of names) if (!roles.has(name)) roles.set(name, role);
  };
  if (wide?.names !== "series") add(parts?.series ?? [columns.series], "series");
  if (wide?.names !== "time") add(parts?.time ?? [columns.time], "time");
  if (wide === undefined) add([columns.target], "target");
  if (columns.label !== undefined) add([columns.label], "label");
  for (const role of ["attributes", "known", "observed"] as const) add(columns[role], role);
  return roles;
}

/** Names that the header is expected to hold, before it is known what the names of its other columns are. */
export const expectedNames = (spec: DataSpec): readonly string[] =>
  spec.wide === undefined || spec.wide.names !== undefined
    ? [...rolesInFile(spec).keys()]
    : [
        ...(spec.columns.label === undefined ? [] : [spec.columns.label]),
        ...spec.columns.attributes,
        ...spec.columns.known,
        ...spec.columns.observed,
      ];

/** The `wide` of a spec with what the names of its columns are in these files. */
export function settledWide(files: readonly TableFile[], spec: DataSpec): DataSpec {
  const { wide } = spec;
  if (wide === undefined || wide.names !== undefined) return spec;
  const header = columnNames(files[0]!);
  const has = (names: readonly string[]) => names.length > 0 && names.every((name) => header.includes(name));
  const hasTime = has(spec.parts?.time ?? [spec.columns.time]);
  if (hasTime && has(spec.parts?.series ?? [spec.columns.series])) {
    const detail = `both ${spec.columns.series} and ${spec.columns.time} are columns: the table is long, remove \`data.shape\``;
    fail(unreadable(files[0]!.path, null, detail));
  }
  return { ...spec, wide: { ...wide, names: hasTime ? "series" : "time" } };
}

/**
 * @throws FailureError `data.unreadable` when no column holds values
 */
export function unpivotOf(file: TableFile, spec: DataSpec): Unpivot | undefined {
  const { wide } = spec;
  if (wide?.names === undefined) return undefined;
  const header = columnNames(file);
  const taken = rolesInFile(spec);
  const isValue = valueTest(wide.columns, wide.names, spec.frequency);
  const columns = header.flatMap((name, index) => (!taken.has(name) && isValue(name) ? [index] : []));
  if (columns.length > 0) {
    requireNamed(file, wide.columns, header);
    return { names: wide.names, columns };
  }
  const what = wide.names === "time" ? `a ${spec.frequency}` : "a series";
  const rest = header.filter((name) => !taken.has(name) && name !== "").slice(0, 8);
  const line = file.kind === "parquet" ? null : file.skip + 1;
  const hint =
    wide.names === "time" && wide.columns === undefined
      ? `; if the rows are ${spec.frequency}s, name their column in \`data.columns.time\`, and if the form of the names is another, name it in \`data.timeFormat\` and the columns in \`data.wide.columns\``
      : "";
  return fail(
    unreadable(
      file.path,
      line,
      `no column is called after ${what}; beside those with a role there are ${rest.join(", ") || "none"}${hint}`,
    ),
  );
}

function requireNamed(
  file: TableFile,
  columns: string | readonly string[] | undefined,
  header: readonly string[],
): void {
  if (columns === undefined || typeof columns === "string") return;
  const missing = columns.filter((name) => !header.includes(name));
  if (missing.length === 0) return;
  const line = file.kind === "parquet" ? null : file.skip + 1;
  fail(
    unreadable(
      file.path,
      line,
      `\`data.wide.columns\` names ${missing.join(", ")}, which ${missing.length === 1 ? "is" : "are"} not in the header`,
    ),
  );
}

function valueTest(
  columns: string | readonly string[] | undefined,
  names: Unpivot["names"],
  frequency: PeriodFrequency,
): (name: string) => boolean {
  if (typeof columns === "string") {
    const pattern = new RegExp(columns, "u");
    return (name) => pattern.test(name);
  }
  if (columns !== undefined) return (name) => columns.includes(name);
  return names === "time" ? (name) => isTimeText(name, frequency) : (name) => name.trim() !== "";
}

/**
 * A table with a row for each value.
 * @param kept columns that keep their cells in each of the rows
 * @param made names of the role that the column names play, and of the target
 */
export function scanUnpivoted(
  scanned: ScannedTable,
  header: readonly string[],
  unpivot: Unpivot,
  kept: readonly string[],
  made: { readonly name: string; readonly value: string },
): ScannedTable {
  const cells = kept.map((name) => scanned.cell(name));
  const values = unpivot.columns.map((index) => scanned.cell(header[index]!));
  const { type, texts } = commonType(values);
  const width = unpivot.columns.length;
  const names = unpivot.columns.map((index) => quoteText(header[index]!)).join(", ");
  const inner = [
    ...cells.map(({ sql }, index) => `${sql} AS k${index}`),
    `${scanned.record} AS record`,
    `[${texts.join(", ")}] AS cells`,
    `unnest(range(1, ${width + 1})) AS place`,
  ];
  const outer = [
    ...cells.map((_, index) => `k${index}`),
    "record",
    "place",
    "cells[place] AS cell",
    `([${names}])[place] AS name`,
  ];
  return {
    rows: `(SELECT ${outer.join(", ")} FROM (SELECT ${inner.join(", ")} FROM ${scanned.rows}))`,
    record: `(record - 1) * ${width} + place`,
    cell(column) {
      if (column === made.value) return { sql: "cell", type, zone: null };
      if (column === made.name) return { sql: "name", type: "VARCHAR", zone: null };
      const at = kept.indexOf(column);
      return { ...cells[at]!, sql: `k${at}` };
    },
  };
}

function commonType(cells: readonly ScannedCell[]): {
  readonly type: string;
  readonly texts: readonly string[];
} {
  const [first] = cells;
  if (cells.every(({ type }) => type === first!.type))
    return { type: first!.type, texts: cells.map(({ sql }) => sql) };
  return cells.every(({ type }) => isNumeric(type))
    ? { type: "DOUBLE", texts: cells.map(({ sql }) => `CAST(${sql} AS DOUBLE)`) }
    : { type: "VARCHAR", texts: cells.map(textOf) };
}

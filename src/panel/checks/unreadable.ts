import { periodLabel } from "../../calendar/period.js";
import type { DataSpec } from "../../kit/specs.js";
import { numberColumns } from "../panel.js";
import type { SourcePanel } from "../source.js";
import type { Finding } from "./check.js";
import { locateFindings } from "./findings.js";

/** Cells whose text is looked up in the files. */
const LOOKED_UP = 200;

/** Columns with cells that hold something and no number, and what some of them hold. */
export async function unreadableColumns(source: SourcePanel, spec: DataSpec) {
  const { panel } = source;
  const found = [...numberColumns(panel, spec.columns.target)].flatMap(([column, values]) => {
    const rows: number[] = [];
    for (const [row, value] of values.entries()) if (value === Number.POSITIVE_INFINITY) rows.push(row);
    return rows.length === 0 ? [] : [{ column, rows, of: values.length }];
  });
  const columns = [];
  for (const { column, rows, of } of found) {
    const step = Math.max(1, rows.length / LOOKED_UP);
    const some = Array.from(
      { length: Math.min(LOOKED_UP, rows.length) },
      (_, i) => rows[Math.floor(i * step)]!,
    );
    const findings = some.map((row): Finding => {
      const [file, record] = [source.file[row]!, source.record[row]!];
      return { file, record, series: null, period: panel.period[row]!, column };
    });
    const check = { id: column, status: "fail", count: 0, expected: "", detail: "", findings } as const;
    const located = await locateFindings(source, [check]);
    const periods = rows.map((row) => panel.period[row]!);
    const label = (period: number) => periodLabel(period, panel.calendar);
    columns.push({
      column,
      cells: rows.length,
      of,
      first: label(periods.reduce((a, b) => Math.min(a, b))),
      last: label(periods.reduce((a, b) => Math.max(a, b))),
      texts: located.flatMap(({ text }) => text ?? []),
    });
  }
  return columns;
}

import { periodOfDay, periodStart } from "../calendar/period.js";
import type { IdFolding } from "../kit/specs.js";
import { withDuckDb } from "./duckdb.js";
import { foldId } from "./id-forms.js";
import type { Panel } from "./panel.js";
import { parquetTable } from "./sql.js";
import { writeParquet } from "./table.js";

/** The file inside a `validation` artifact that keeps the targets which this quarter saw, for the next one to compare with. */
export const HISTORY_FILE = "history.parquet";

/** Targets by series and period; NaN is a row without a value. */
export type TargetHistory = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** Columns series VARCHAR, period DATE (first day), target DOUBLE, rows in panel order. */
export async function writeHistory(panel: Panel, path: string): Promise<void> {
  const series: string[] = [];
  for (const [s, id] of panel.series.entries()) {
    for (let row = panel.offsets[s]!; row < panel.offsets[s + 1]!; row++) series.push(id);
  }
  const days = new Map<number, string>();
  const period = Array.from(panel.period, (index) => {
    const day = days.get(index) ?? periodStart(index, panel.calendar);
    days.set(index, day);
    return day;
  });
  await writeParquet(path, [
    { name: "series", type: "VARCHAR", values: series },
    { name: "period", type: "DATE", values: period },
    { name: "target", type: "DOUBLE", values: panel.target },
  ]);
}

/** What `writeHistory` wrote, with periods of this panel's calendar, and ids as the options write them now. */
export async function readHistory(
  path: string,
  { calendar }: Pick<Panel, "calendar">,
  ids?: IdFolding,
): Promise<TargetHistory> {
  const [series, day, target] = await withDuckDb((db) =>
    db.query(`SELECT series, period, target FROM ${parquetTable(path)}`),
  );
  const days = new Map<string, number>();
  const history = new Map<string, Map<number, number>>();
  for (const [row, written] of (series!.values as string[]).entries()) {
    const id = ids === undefined ? written : foldId(written, ids);
    const text = day!.values[row] as string;
    const period = days.get(text) ?? periodOfDay(text, calendar)!;
    days.set(text, period);
    const own = history.get(id) ?? new Map<number, number>();
    history.set(id, own.set(period, target!.values[row] as number));
  }
  return history;
}

import { type Calendar, periodLabel } from "../calendar/period.js";
import { fail } from "../kit/failure.js";
import type { DateShape } from "../kit/failures/data.js";
import type { DuckDb } from "./duckdb.js";
import { shapeOfDays, shapeOfPeriods } from "./not-monthly.js";
import { lineOf } from "./places.js";
import { quoteText } from "./sql.js";
import type { SourceTimes } from "./time-texts.js";
import type { ShapedFile } from "./unpivot.js";

/** How many rows of which flags were read, and left out. */
export interface FlaggedRows {
  readonly read: number;
  readonly dropped: number;
}

/** Takes the rows out of `raw` whose flag says so, and counts. */
export async function takeFlagged(db: DuckDb, { dropped, flagged }: SourceTimes): Promise<FlaggedRows> {
  const rowsOf = async (texts: readonly string[]): Promise<number> => {
    if (texts.length === 0) return 0;
    const list = texts.map(quoteText).join(", ");
    return (await db.query(`SELECT count(*) FROM raw WHERE time IN (${list})`))[0]!.values[0] as number;
  };
  const counts = { read: await rowsOf(flagged), dropped: await rowsOf(dropped) };
  if (dropped.length > 0) {
    await db.run(`DELETE FROM raw WHERE time IN (${dropped.map(quoteText).join(", ")})`);
  }
  return counts;
}

/**
 * Refuses times that are no months (or quarters) and those that may be another month.
 * @throws FailureError `data.times-ambiguous`, `data.dates-ambiguous`, `data.dates-not-monthly`
 */
export async function requireMonths(
  db: DuckDb,
  tables: readonly ShapedFile[],
  { known, doubt, undecided }: SourceTimes,
  column: string,
  calendar: Calendar,
): Promise<void> {
  if (undecided !== null) {
    const { text, against, readings } = undecided;
    const place = await placeOf(db, tables, `time = ${quoteText(text)}`);
    const other = against === null ? null : await placeOf(db, tables, `time = ${quoteText(against)}`);
    fail({
      code: "data.dates-ambiguous",
      retryable: false,
      ...place,
      column,
      text,
      readings,
      against: other === null ? null : { text: against!, line: other.line },
    });
  }
  if (doubt !== null) {
    const { period, cell } = known.get(doubt.text)!;
    const where = `file = ${doubt.file} AND time = ${quoteText(doubt.text)}`;
    const { file, line } = await placeOf(db, tables, where);
    const months = calendar.frequency === "month" ? calendar : { ...calendar, frequency: "month" as const };
    const month = cell!.year * 12 + cell!.month - 1;
    fail({
      code: "data.times-ambiguous",
      retryable: false,
      file,
      line,
      column,
      text: doubt.text,
      asWritten: periodLabel(calendar.frequency === "month" ? period : month, months),
      otherwise: periodLabel(month + (doubt.other === "next" ? 1 : -1), months),
      side: doubt.other === "next" ? "east" : "west",
      isInstant: cell!.offset !== null,
    });
  }
  const periods = [...new Set([...known.values()].map(({ period }) => period))].sort((a, b) => a - b);
  const days = new Set([...known.values()].flatMap(({ day }) => day ?? []));
  const shape =
    days.size > periods.length
      ? await shapeOfRows(db, calendar)
      : shapeOfPeriods(periods, calendar.frequency);
  if (shape === null) return;
  const example = await exampleOf(db, tables, days.size > periods.length);
  fail({
    code: "data.dates-not-monthly",
    retryable: false,
    ...example,
    column,
    frequency: calendar.frequency,
    shape,
  });
}

const DAYS = `SELECT DISTINCT series, times.c1 AS period, times.c2 AS day FROM raw JOIN times ON raw.time = times.c0
  WHERE times.c2 >= 0 AND series IS NOT NULL`;

async function shapeOfRows(db: DuckDb, calendar: Calendar): Promise<DateShape | null> {
  const [gap, count] = await db.query(
    `SELECT CAST(gap AS INTEGER), count(*) FROM (SELECT day - lag(day) OVER (PARTITION BY series ORDER BY day) AS gap FROM (${DAYS}))
      WHERE gap IS NOT NULL GROUP BY gap`,
  );
  const [periods, doubled] = await db.query(
    `SELECT count(*), count(*) FILTER (n > 1) FROM (SELECT count(*) AS n FROM (${DAYS}) GROUP BY series, period)`,
  );
  const counts = count!.values as Float64Array;
  return shapeOfDays(
    {
      gaps: new Map(Array.from(gap!.values as Int32Array, (days, row) => [days, counts[row]!])),
      periods: periods!.values[0] as number,
      doubled: doubled!.values[0] as number,
    },
    calendar.frequency,
  );
}

/** Dates of the first series: those that share a period, or the first ones. */
async function exampleOf(db: DuckDb, tables: readonly ShapedFile[], isDoubled: boolean) {
  const doubled = `SELECT series, period FROM (${DAYS}) GROUP BY series, period HAVING count(*) > 1`;
  const [series, time] = await db.query(
    `SELECT raw.series, raw.time FROM raw JOIN times ON raw.time = times.c0
      ${isDoubled ? `JOIN (${doubled}) twice ON raw.series = twice.series AND times.c1 = twice.period` : ""}
      WHERE raw.series IS NOT NULL
      GROUP BY raw.series, raw.time, times.c1, times.c2 ORDER BY raw.series, times.c1, times.c2, raw.time LIMIT 3`,
  );
  const id = series!.values[0] as string;
  const texts = (time!.values as string[]).filter((_, row) => series!.values[row] === id);
  const where = `series = ${quoteText(id)} AND time = ${quoteText(texts[0]!)}`;
  return { ...(await placeOf(db, tables, where)), series: id, examples: texts };
}

async function placeOf(db: DuckDb, tables: readonly ShapedFile[], where: string) {
  const [file, record] = await db.query(
    `SELECT file, record FROM raw WHERE ${where} ORDER BY file, record LIMIT 1`,
  );
  const table = tables[file!.values[0] as number]!;
  return { file: table.path, line: await lineOf(table, record!.values[0] as number) };
}

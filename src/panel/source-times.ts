import { type Calendar, periodLabel } from "../calendar/period.js";
import { fail } from "../kit/failure.js";
import type { DateShape } from "../kit/failures/data.js";
import type { DataSpec } from "../kit/specs.js";
import type { DuckDb } from "./duckdb.js";
import { locateRecords } from "./locate.js";
import { shapeOfDays, shapeOfPeriods } from "./not-monthly.js";
import { doubtfulTimes, type ReadTime, readTime } from "./period-text.js";
import { quoteText } from "./sql.js";
import type { TableFile } from "./table-file.js";

/** What the texts of the time column come to. */
export interface SourceTimes {
  readonly known: ReadonlyMap<string, ReadTime>;
  /** Texts whose flag says that the row is left out, and those whose flag may stay. */
  readonly dropped: readonly string[];
  readonly flagged: readonly string[];
  readonly doubt: {
    readonly text: string;
    readonly file: number;
    readonly other: "next" | "previous";
  } | null;
}

/**
 * @param texts distinct in each file
 * @param files index of each text's file
 */
export function timesOf(
  texts: readonly (string | null)[],
  files: ArrayLike<number>,
  spec: Pick<DataSpec, "timeZone" | "timeFlags">,
  calendar: Calendar,
): SourceTimes {
  const timeZone = spec.timeZone ?? null;
  const flags = Object.entries(spec.timeFlags ?? {}).sort(([a], [b]) => b.length - a.length);
  const known = new Map<string, ReadTime>();
  const [dropped, flagged] = [new Set<string>(), new Set<string>()];
  for (const text of texts) {
    if (text === null || known.has(text) || dropped.has(text)) continue;
    const plain = readTime(text, calendar, timeZone);
    if (plain !== null) {
      known.set(text, plain);
      continue;
    }
    const trimmed = text.trim();
    for (const [flag, action] of flags) {
      if (!trimmed.endsWith(flag)) continue;
      const time = readTime(trimmed.slice(0, trimmed.length - flag.length), calendar, timeZone);
      if (time === null) continue;
      if (action === "drop") dropped.add(text);
      else {
        known.set(text, time);
        flagged.add(text);
      }
      break;
    }
  }
  return {
    known,
    dropped: [...dropped],
    flagged: [...flagged],
    doubt: doubtOf(texts, files, known, timeZone),
  };
}

/** File by file: one may note its zone while another does not. */
function doubtOf(
  texts: readonly (string | null)[],
  files: ArrayLike<number>,
  known: ReadonlyMap<string, ReadTime>,
  timeZone: string | null,
): SourceTimes["doubt"] {
  const byFile = new Map<number, string[]>();
  texts.forEach((text, index) => {
    if (text === null || !known.has(text)) return;
    const own = byFile.get(files[index]!);
    if (own === undefined) byFile.set(files[index]!, [text]);
    else own.push(text);
  });
  for (const [file, own] of byFile) {
    const found = doubtfulTimes(
      own.map((text) => known.get(text)!.cell),
      timeZone,
    );
    if (found !== null) return { file, text: own[found.example]!, other: found.other };
  }
  return null;
}

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
 * @throws FailureError `data.times-ambiguous`, `data.dates-not-monthly`
 */
export async function requireMonths(
  db: DuckDb,
  tables: readonly TableFile[],
  { known, doubt }: SourceTimes,
  column: string,
  calendar: Calendar,
): Promise<void> {
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
async function exampleOf(db: DuckDb, tables: readonly TableFile[], isDoubled: boolean) {
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

async function placeOf(db: DuckDb, tables: readonly TableFile[], where: string) {
  const [file, record] = await db.query(
    `SELECT file, record FROM raw WHERE ${where} ORDER BY file, record LIMIT 1`,
  );
  const table = tables[file!.values[0] as number]!;
  const number = record!.values[0] as number;
  const line = table.kind === "csv" ? (await locateRecords(table, [number])).get(number)!.line : null;
  return { file: table.path, line };
}

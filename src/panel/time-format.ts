import { parseTimeCell } from "../calendar/time-cell.js";
import { isSerialFormat, type SerialFormat, serialIn } from "../calendar/time-format.js";
import { dayOfSerial, type TimeText } from "../calendar/time-forms.js";
import type { DuckDb } from "./duckdb.js";
import { quoteText } from "./sql.js";

const MILLISECONDS_A_DAY = 86_400_000;

/**
 * Texts as `data.timeFormat` reads them, in the first format that fits; those that none fits are not there. DuckDB's `strptime` knows English names
 * alone, and neither locale nor zone of the machine has a part in it.
 */
export async function readByFormat(
  db: DuckDb,
  texts: readonly string[],
  formats: readonly string[],
): Promise<ReadonlyMap<string, TimeText>> {
  const known = new Map<string, TimeText>();
  for (const format of formats) {
    const open = texts.filter((text) => !known.has(text));
    if (open.length === 0) break;
    const read = isSerialFormat(format) ? ofSerials(open, format) : await ofText(db, open, format);
    for (const [text, time] of read) known.set(text, time);
  }
  return known;
}

function ofSerials(texts: readonly string[], format: SerialFormat): [string, TimeText][] {
  return texts.flatMap((text): [string, TimeText][] => {
    if (!/^\d{1,7}(\.\d*)?$/.test(text.trim())) return [];
    const serial = serialIn(Number(text), format);
    const day = dayOfSerial(serial);
    const cell = day === null ? null : parseTimeCell(day);
    if (cell === null) return [];
    const time = Math.round((serial % 1) * MILLISECONDS_A_DAY);
    return [[text, { cell: { ...cell, time: time === 0 || time === MILLISECONDS_A_DAY ? null : time } }]];
  });
}

async function ofText(db: DuckDb, texts: readonly string[], format: string): Promise<[string, TimeText][]> {
  // A quarter is read as a month, which has the same digits.
  const isQuarter = /(^|[^%])(%%)*%q/.test(format);
  const table = "formatted";
  await db.load(table, [{ name: "text", type: "VARCHAR", values: texts }]);
  const [text, parsed] = await db.query(
    `SELECT c0, CAST(TRY_STRPTIME(c0, ${quoteText(format.replace("%q", "%m"))}) AS VARCHAR) FROM ${table}`,
  );
  await db.run(`DROP TABLE ${table}`);
  const hasDay = /%[dj]/.test(format);
  const hasTime = /%[HIMSfp]/.test(format);
  return (parsed!.values as (string | null)[]).flatMap((iso, row): [string, TimeText][] => {
    const own = (text!.values as string[])[row]!;
    // `%Y` takes years of fewer digits, which are slips.
    if (iso === null || !/^[1-9]\d{3}-/.test(iso)) return [];
    if (isQuarter) {
      const quarter = Number(iso.slice(5, 7));
      return quarter > 4 ? [] : [[own, { quarter: `${iso.slice(0, 4)}Q${quarter}` }]];
    }
    const cell = parseTimeCell(hasTime ? iso : iso.slice(0, hasDay ? 10 : 7));
    return cell === null ? [] : [[own, { cell }]];
  });
}

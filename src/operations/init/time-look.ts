import { timeColumn } from "../../calendar/time-column.js";
import type { TimeText } from "../../calendar/time-forms.js";
import { numbered } from "../../calendar/time-words.js";
import type { DateShape } from "../../kit/failures/data.js";
import type { Frequency } from "../../kit/quarter.js";
import type { DuckDb } from "../../panel/duckdb.js";
import { shapeOfDays } from "../../panel/not-monthly.js";
import { readByFormat } from "../../panel/time-format.js";

export type Rhythm = "month" | "quarter" | DateShape;

/** How the texts of a time column are read. */
export interface TimeLook {
  /** `data.timeFormat`; null where the cells tell. */
  readonly format: string | null;
  readonly rhythm: Rhythm;
  /** Number of the month (or of the quarter's first one) from year 0, by text. */
  readonly months: ReadonlyMap<string, number>;
}

/** Share of the distinct texts that have to be times. */
const MOST = 0.9;

/**
 * The ways to read a column's texts that make months or quarters of it; where none does, those that make other dates. Empty where they are no times.
 * @param told `data.timeFormat` that is given
 */
export async function lookAtTimes(
  db: DuckDb,
  texts: readonly string[],
  told: string | null,
): Promise<readonly TimeLook[]> {
  const looks: TimeLook[] = [];
  const add = (format: string | null, read: (text: string) => TimeText | null) => {
    const look = lookBy(texts, format, read);
    if (look !== null) looks.push(look);
  };
  if (told !== null) {
    const known = await readByFormat(db, texts, [told]);
    add(told, (text) => known.get(text) ?? null);
    return looks;
  }
  for (const frequency of frequenciesOf(texts)) {
    const column = timeColumn(texts, frequency);
    add(null, (text) => column.read(text));
    if (looks.length > 0) break;
    for (const { format } of column.doubt?.readings ?? []) {
      if (format === null || looks.some((look) => look.format === format)) continue;
      const known = await readByFormat(db, texts, [format]);
      add(format, (text) => known.get(text) ?? null);
    }
  }
  const regular = looks.filter(({ rhythm }) => rhythm === "month" || rhythm === "quarter");
  return regular.length > 0 ? regular : looks;
}

/** Years beside numbers of which none is above four are quarters; months of more than one year go on to twelve. */
function frequenciesOf(texts: readonly string[]): readonly Frequency[] {
  const numbers = texts.map(numbered);
  const isQuarters = numbers.every((one) => one !== null && one.number <= 4) && texts.length > 4;
  return isQuarters ? ["quarter"] : ["month", "quarter"];
}

function lookBy(
  texts: readonly string[],
  format: string | null,
  read: (text: string) => TimeText | null,
): TimeLook | null {
  const months = new Map<string, number>();
  const days = new Set<number>();
  let quarters = 0;
  for (const text of texts) {
    const time = read(text);
    if (time === null) continue;
    if ("quarter" in time) {
      quarters++;
      months.set(text, Number(time.quarter.slice(0, 4)) * 12 + (Number(time.quarter.slice(5)) - 1) * 3);
    } else {
      const { year, month, day } = time.cell;
      months.set(text, year * 12 + month - 1);
      if (day !== null) days.add(Date.UTC(year, month - 1, day) / 86_400_000);
    }
  }
  if (texts.length === 0 || months.size < MOST * texts.length) return null;
  return { format, months, rhythm: quarters > 0 ? "quarter" : rhythmOf(new Set(months.values()), days) };
}

/** Many more days than months are no months; months of which only every third is there are quarters. */
function rhythmOf(months: ReadonlySet<number>, days: ReadonlySet<number>): Rhythm {
  const sorted = [...months].sort((a, b) => a - b);
  if (days.size > 1.3 * sorted.length)
    return shapeOf(
      [...days].sort((a, b) => a - b),
      sorted.length,
    );
  if (days.size > sorted.length) {
    const shape = shapeOf(
      [...days].sort((a, b) => a - b),
      sorted.length,
    );
    if (shape === "4-4-5" || shape === "four-week" || shape === "13-week") return shape;
  }
  const step = sorted.slice(1).reduce((divisor, month, at) => gcd(divisor, month - sorted[at]!), 0);
  if (step > 0 && step % 12 === 0) return "yearly";
  if (step > 0 && step % 6 === 0) return "half-yearly";
  return step > 0 && step % 3 === 0 ? "quarter" : "month";
}

function shapeOf(days: readonly number[], months: number): DateShape {
  const gaps = new Map<number, number>();
  for (const [at, day] of days.slice(1).entries()) {
    const gap = day - days[at]!;
    gaps.set(gap, (gaps.get(gap) ?? 0) + 1);
  }
  return shapeOfDays({ gaps, periods: months, doubled: days.length - months }, "month") ?? "irregular";
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

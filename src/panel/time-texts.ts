import type { Calendar } from "../calendar/period.js";
import { parseTimeCell } from "../calendar/time-cell.js";
import { isTimeText, type TimeDoubt, timeColumn } from "../calendar/time-column.js";
import type { TimeText } from "../calendar/time-forms.js";
import type { DataSpec } from "../kit/specs.js";
import type { DuckDb } from "./duckdb.js";
import { doubtfulTimes, periodOfTime, type ReadTime } from "./period-text.js";
import { readByFormat } from "./time-format.js";

/** What the texts of a time column come to. */
export interface SourceTimes {
  readonly known: ReadonlyMap<string, ReadTime>;
  /** Texts whose flag says that the row is left out, and those whose flag may stay. */
  readonly dropped: readonly string[];
  readonly flagged: readonly string[];
  /** Times of day that another zone puts into another month. */
  readonly doubt: {
    readonly text: string;
    readonly file: number;
    readonly other: "next" | "previous";
  } | null;
  /** Cells between whose readings nothing decides; `text` and `against` as they stand in the source. */
  readonly undecided: TimeDoubt | null;
}

/** How a runbook has times read. */
export type TimeOptions = Pick<DataSpec, "timeZone" | "timeFlags" | "timeFormats">;

/** Distinct texts of a time column by the files that they stand in. */
export interface TimeTexts {
  readonly texts: readonly (string | null)[];
  /** Index of each text's file. */
  readonly files: ArrayLike<number>;
  /** Whether a file's times are dates by their type, whose text we wrote ourselves: all of them, or some. */
  readonly dates: readonly ("all" | "some" | "none")[];
}

export async function timesOf(
  db: DuckDb,
  { texts, files, dates }: TimeTexts,
  options: TimeOptions,
  calendar: Calendar,
): Promise<SourceTimes> {
  const timeZone = options.timeZone ?? null;
  const cells = withoutFlags(texts, options, calendar);
  const typed = new Map<string, "all" | "some" | "none">();
  texts.forEach((text, index) => {
    if (text !== null && typed.get(text) !== "all") typed.set(text, dates[files[index]!] ?? "none");
  });
  const { read, doubt } = await readerOf(db, cells, typed, options.timeFormats, calendar);
  const known = new Map<string, ReadTime>();
  const [dropped, flagged] = [new Set<string>(), new Set<string>()];
  for (const { text, plain, flag } of cells) {
    const time = read(plain, text);
    const period = time === null ? null : periodOfTime(time, calendar, timeZone);
    if (period === null || known.has(text) || dropped.has(text)) continue;
    if (flag === "drop") dropped.add(text);
    else {
      known.set(text, period);
      if (flag === "keep") flagged.add(text);
    }
  }
  const asWritten = (plain: string) => cells.find((cell) => cell.plain.trim() === plain)?.text ?? plain;
  return {
    known,
    dropped: [...dropped],
    flagged: [...flagged],
    doubt: doubtOf(texts, files, known, timeZone),
    undecided:
      doubt === null
        ? null
        : {
            ...doubt,
            text: asWritten(doubt.text),
            against: doubt.against === null ? null : asWritten(doubt.against),
          },
  };
}

interface TimeCellText {
  /** As it stands in the source. */
  readonly text: string;
  /** Without its flag. */
  readonly plain: string;
  readonly flag: "keep" | "drop" | null;
}

/** Each text as it stands, and without each flag that stands behind it: the first one that is a time counts. */
function withoutFlags(
  texts: readonly (string | null)[],
  { timeFlags, timeFormats }: TimeOptions,
  { frequency }: Calendar,
): TimeCellText[] {
  const flags = Object.entries(timeFlags ?? {}).sort(([a], [b]) => b.length - a.length);
  const isTime = (text: string) => timeFormats !== undefined || isTimeText(text, frequency);
  return [...new Set(texts)].flatMap((text): TimeCellText[] => {
    if (text === null) return [];
    const trimmed = text.trim();
    const cut = flags
      .filter(([flag]) => trimmed.endsWith(flag))
      .map(([flag, action]) => ({
        text,
        plain: trimmed.slice(0, trimmed.length - flag.length),
        flag: action,
      }))
      .filter(({ plain }) => isTime(plain));
    return [{ text, plain: text, flag: null }, ...(isTimeText(text, frequency) ? [] : cut)];
  });
}

interface TextReader {
  readonly read: (plain: string, text: string) => TimeText | null;
  readonly doubt: TimeDoubt | null;
}

async function readerOf(
  db: DuckDb,
  cells: readonly TimeCellText[],
  typed: ReadonlyMap<string, "all" | "some" | "none">,
  formats: readonly string[] | undefined,
  { frequency }: Calendar,
): Promise<TextReader> {
  const plain = [...new Set(cells.map((cell) => cell.plain))];
  if (formats === undefined) return timeColumn(plain, frequency);
  const told = await readByFormat(db, plain, formats);
  const ofType = (text: string): TimeText | null => {
    const cell = parseTimeCell(text);
    return cell === null ? null : { cell };
  };
  return {
    read: (cell, text) => {
      const type = typed.get(text) ?? "none";
      if (type === "all") return ofType(cell);
      return told.get(cell) ?? (type === "some" ? ofType(cell) : null);
    },
    doubt: null,
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

import { parseTimeCell, type TimeCell } from "./time-cell.js";
import { monthOfName, two } from "./time-words.js";

/** A quarter of the fiscal calendar, e.g. `2025Q2`, or what a cell says. */
export type TimeText = { readonly quarter: string } | { readonly cell: TimeCell };

/** A way to read the texts of a form. */
export interface Order {
  /** `data.timeFormat` under which a text is read so. */
  format(text: string): string | null;
  iso(text: string): string | null;
}

/** Texts of one form, whose readings are decided for the whole column. */
export interface Form {
  readonly pattern: RegExp;
  readonly orders: readonly Order[];
  /** Whether one reading that fits all of them is taken; `isAll`: the column holds no other times. */
  readonly settles: (texts: readonly string[], order: Order, isAll: boolean) => boolean;
}

const TIME = "((?:[Tt]|,?\\s+)\\d{1,2}:.*)?";
const MONTH =
  "(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t|tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?";

/** An order of the parts that a pattern finds. */
function order(
  pattern: RegExp,
  format: (parts: readonly string[]) => string | null,
  iso: (parts: readonly string[]) => string | null,
): Order {
  const of = <T>(text: string, use: (parts: readonly string[]) => T): T | null => {
    const match = pattern.exec(text);
    return match === null ? null : use(match.slice(1).map((part) => part ?? ""));
  };
  return { format: (text) => of(text, format), iso: (text) => of(text, iso) };
}

/** `strptime` form of a time of day behind a date. */
function timeFormat(time: string): string {
  if (time === "") return "";
  const seconds = /\d:\d\d:\d/.test(time) ? ":%S" : "";
  return /[ap]\.?m\.?$/i.test(time) ? ` %I:%M${seconds} %p` : ` %H:%M${seconds}`;
}

/** As POSIX has it: 69 to 99 are of the last century. */
const century = (year: string): string => `${Number(year) >= 69 ? "19" : "20"}${year}`;

const SLASHED = new RegExp(`^(\\d{1,2})([-/.])(\\d{1,2})\\2(\\d{4})${TIME}$`);
const SHORT = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{2})$/;
const SHORT_MONTH = /^(\d{2})([-/.])(\d{2})$/;
const NAMED_SHORT = new RegExp(`^${MONTH}([\\s\\-/.,']*)(\\d{2})$`, "i");
const SHORT_NAMED = new RegExp(`^(\\d{2})([\\s\\-/.,']*)${MONTH}$`, "i");
const DAY_NAMED_SHORT = new RegExp(`^(\\d{1,2})([\\s\\-/.]*)${MONTH}([\\s\\-/.,']*)(\\d{2})$`, "i");
const QUARTER_SHORT = /^q([1-4])([\s\-/.']*)(\d{2})$/i;
const SHORT_QUARTER = /^(\d{2})([\s\-/.']*)q([1-4])$/i;
const MONTH_FIRST = /^(\d{1,2})([-/.]|\s+)(\d{4})$/;
const DIGITS = /^(1[89]\d\d|2[01]\d\d)(0[1-9]|1[0-2])([0-3]\d)?(?:\.0*)?$/;
const POINT = /^(\d{4})\.(\d)$/;
const SERIAL = /^(\d{5})(?:\.0*)?$/;

const named = (name: string): string => (name.length <= 3 ? "%b" : "%B");
const monthOf = (name: string): string => two(String(monthOfName(name)));
const never = (): boolean => false;
/** Digits that could be anything else are times where there are several, and the column holds no other times. */
export const alone: Form["settles"] = (texts, _, isAll) => isAll && texts.length >= FEWEST_NUMBERS;

const FORMS: readonly Form[] = [
  {
    pattern: SLASHED,
    orders: [
      order(
        SLASHED,
        ([, s, , , t]) => `%d${s}%m${s}%Y${timeFormat(t!)}`,
        ([d, , m, y, t]) => `${y}-${two(m!)}-${two(d!)}${t}`,
      ),
      order(
        SLASHED,
        ([, s, , , t]) => `%m${s}%d${s}%Y${timeFormat(t!)}`,
        ([m, , d, y, t]) => `${y}-${two(m!)}-${two(d!)}${t}`,
      ),
    ],
    settles: () => true,
  },
  {
    pattern: SHORT,
    orders: [
      order(
        SHORT,
        ([, s]) => `%d${s}%m${s}%y`,
        ([d, , m, y]) => `${century(y!)}-${two(m!)}-${two(d!)}`,
      ),
      order(
        SHORT,
        ([, s]) => `%m${s}%d${s}%y`,
        ([m, , d, y]) => `${century(y!)}-${two(m!)}-${two(d!)}`,
      ),
      order(
        SHORT,
        ([, s]) => `%y${s}%m${s}%d`,
        ([y, , m, d]) => (y!.length < 2 ? null : `${century(y!)}-${two(m!)}-${two(d!)}`),
      ),
    ],
    settles: never,
  },
  {
    pattern: SHORT_MONTH,
    orders: [
      order(
        SHORT_MONTH,
        ([, s]) => `%m${s}%y`,
        ([m, , y]) => `${century(y!)}-${m}`,
      ),
      order(
        SHORT_MONTH,
        ([, s]) => `%y${s}%m`,
        ([y, , m]) => `${century(y!)}-${m}`,
      ),
    ],
    settles: never,
  },
  {
    pattern: NAMED_SHORT,
    orders: [
      order(
        NAMED_SHORT,
        ([n, s]) => `${named(n!)}${s}%y`,
        ([n, , y]) => `${century(y!)}-${monthOf(n!)}`,
      ),
    ],
    settles: never,
  },
  {
    pattern: SHORT_NAMED,
    orders: [
      order(
        SHORT_NAMED,
        ([, s, n]) => `%y${s}${named(n!)}`,
        ([y, , n]) => `${century(y!)}-${monthOf(n!)}`,
      ),
    ],
    settles: never,
  },
  {
    pattern: DAY_NAMED_SHORT,
    orders: [
      order(
        DAY_NAMED_SHORT,
        ([, s, n, t]) => `%d${s}${named(n!)}${t}%y`,
        ([d, , n, , y]) => `${century(y!)}-${monthOf(n!)}-${two(d!)}`,
      ),
    ],
    settles: never,
  },
  {
    pattern: QUARTER_SHORT,
    orders: [
      order(
        QUARTER_SHORT,
        ([, s]) => `Q%q${s}%y`,
        ([q, , y]) => `${century(y!)}Q${q}`,
      ),
    ],
    settles: never,
  },
  {
    pattern: SHORT_QUARTER,
    orders: [
      order(
        SHORT_QUARTER,
        ([, s]) => `%y${s}Q%q`,
        ([y, , q]) => `${century(y!)}Q${q}`,
      ),
    ],
    settles: never,
  },
  {
    pattern: MONTH_FIRST,
    orders: [
      order(
        MONTH_FIRST,
        ([, s]) => `%m${s}%Y`,
        ([m, , y]) => `${y}-${two(m!)}`,
      ),
    ],
    settles: alone,
  },
  {
    pattern: DIGITS,
    orders: [
      order(
        DIGITS,
        ([, , d]) => (d === "" ? "%Y%m" : "%Y%m%d"),
        ([y, m, d]) => `${y}-${m}${d === "" ? "" : `-${d}`}`,
      ),
    ],
    settles: alone,
  },
  {
    pattern: POINT,
    orders: [
      order(
        POINT,
        () => "%Y.%m",
        ([y, m]) => `${y}-0${m}`,
      ),
      order(
        POINT,
        () => null,
        ([y, m]) => (m === "1" ? `${y}-10` : null),
      ),
    ],
    settles: never,
  },
  {
    pattern: SERIAL,
    orders: [
      order(
        SERIAL,
        () => "excel",
        ([serial]) => dayOfSerial(Number(serial)),
      ),
      order(
        SERIAL,
        () => "excel-1904",
        ([serial]) => dayOfSerial(Number(serial) + DAYS_TO_1904),
      ),
    ],
    // Days are starts of months in one of the two systems alone.
    settles: (texts, one, isAll) =>
      alone(texts, one, isAll) && texts.every((text) => one.iso(text)?.endsWith("-01") === true),
  },
];

const FEWEST_NUMBERS = 3;

/** Days between the starts of Excel's two calendars. */
const DAYS_TO_1904 = 1462;

/** Serials before it count a day that never was, 29 February 1900. */
const FIRST_SERIAL = 61;

/** ISO day of Excel's serial number of a day in the calendar that starts in 1900; null for what is none. */
export function dayOfSerial(serial: number): string | null {
  if (!(serial >= FIRST_SERIAL) || serial >= 2958466) return null;
  const day = new Date(Date.UTC(1899, 11, 30) + Math.floor(serial) * 86_400_000);
  return day.toISOString().slice(0, 10);
}

export const serialOf1904 = (serial: number): number => serial + DAYS_TO_1904;

/** The form that a text has, of those that are decided for a whole column. */
export const formOf = (text: string): Form | null => FORMS.find(({ pattern }) => pattern.test(text)) ?? null;

/** A text in one order of its form. */
export const readAs = (one: Order, text: string): TimeText | null => {
  const iso = one.iso(text);
  if (iso === null) return null;
  if (/Q\d$/.test(iso)) return { quarter: iso };
  const cell = parseTimeCell(iso);
  return cell === null ? null : { cell };
};

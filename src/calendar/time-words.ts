const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];

/** English month names, whole, in three letters, and `Sept`; a full stop may stand behind a short one. */
const MONTH = `(${MONTHS.map((name) => `${name.slice(0, 3)}${rest(name.slice(3))}`).join("|")})\\.?`;
const WEEKDAY = "(?:(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?\\.?,?\\s+)?";
const YEAR = "(\\d{4})";
/** Between the parts of a date. */
const GAP = "[\\s\\-/.,_]*";
const NUMBER = "(\\d{1,2})";
const DAY = `${NUMBER}(?:st|nd|rd|th)?`;
const QUARTER = "q(?:tr|uarter)?\\.?\\s*";
/** A time of day, which `parseTimeCell` reads. */
const TIME = "((?:t|,?\\s+)\\d{1,2}:.*)?";

function rest(tail: string): string {
  if (tail === "") return "";
  return tail === "tember" ? "(?:t|tember)?" : `(?:${tail})?`;
}

type Form = readonly [pattern: RegExp, iso: (parts: readonly string[]) => string];

const form = (pattern: string, iso: Form[1]): Form => [new RegExp(`^${pattern}$`, "i"), iso];

/** In two digits. */
export const two = (number: string): string => number.padStart(2, "0");

/** Number of a month by its English name, from 1; 0 for no name. */
export const monthOfName = (name: string): number =>
  MONTHS.findIndex((month) => month.startsWith(name.toLowerCase().slice(0, 3))) + 1;

const month = (name: string): string => two(String(monthOfName(name)));

/** Forms with one reading each: the year has four digits, and month and day are told apart by a name, or by the year that comes first. */
const FORMS: readonly Form[] = [
  form(`${YEAR}[-/]${NUMBER}`, ([y, m]) => `${y}-${two(m!)}`),
  // `2024.1` may be a number that lost its last zero: October.
  form(`${YEAR}\\.(\\d{2})`, ([y, m]) => `${y}-${m}`),
  form(`${YEAR}[\\s:-]*m\\s*${NUMBER}`, ([y, m]) => `${y}-${two(m!)}`),
  form(`m\\s*${NUMBER}[\\s/:-]*${YEAR}`, ([m, y]) => `${y}-${two(m!)}`),
  form(`${YEAR}([-/.])${NUMBER}\\2${NUMBER}${TIME}`, ([y, , m, d, t]) => `${y}-${two(m!)}-${two(d!)}${t}`),
  form(`${MONTH}${GAP}${YEAR}`, ([name, y]) => `${y}-${month(name!)}`),
  form(`${YEAR}${GAP}${MONTH}`, ([y, name]) => `${y}-${month(name!)}`),
  form(
    `${WEEKDAY}${DAY}${GAP}${MONTH}${GAP}${YEAR}${TIME}`,
    ([d, name, y, t]) => `${y}-${month(name!)}-${two(d!)}${t}`,
  ),
  form(
    `${WEEKDAY}${MONTH}${GAP}${DAY}[\\s\\-/,]+${YEAR}${TIME}`,
    ([name, d, y, t]) => `${y}-${month(name!)}-${two(d!)}${t}`,
  ),
  form(
    `${YEAR}${GAP}${MONTH}${GAP}${DAY}${TIME}`,
    ([y, name, d, t]) => `${y}-${month(name!)}-${two(d!)}${t}`,
  ),
];

/** An ISO month or day (with what stands behind it) for a date in another form, e.g. `Jan 1, 2000` or `2024M01`; null for what is none. */
export function isoOfWords(text: string): string | null {
  for (const [pattern, iso] of FORMS) {
    const match = pattern.exec(text);
    if (match !== null) return iso(match.slice(1).map((part) => spaced(part ?? "")));
  }
  return null;
}

/** A comma before a time of day says nothing. */
const spaced = (part: string): string => part.replace(/^,\s*/, " ");

const QUARTERS: readonly RegExp[] = [
  new RegExp(`^(?<year>\\d{4})[\\s\\-/.:_]*${QUARTER}(?<n>[1-4])$`, "i"),
  new RegExp(`^${QUARTER}(?<n>[1-4])[\\s\\-/.:,_]*(?<year>\\d{4})$`, "i"),
  /^(?<n>[1-4])\s*q[\s\-/.:,_]*(?<year>\d{4})$/i,
];

/** `2025Q2` for a quarter in any form, e.g. `2025 Q2`, `Q2/2025`, `2Q2025`; null for what is none. */
export function quarterOfWords(text: string): string | null {
  for (const pattern of QUARTERS) {
    const groups = pattern.exec(text)?.groups;
    if (groups !== undefined) return `${groups.year}Q${groups.n}`;
  }
  return null;
}

/** Year and number of `1959 1`, which is a quarter or a month; null for anything else. */
export function numbered(text: string): { readonly year: string; readonly number: number } | null {
  const match = /^(\d{4})(?:\.0+)?(?:\s+|[-/])(\d{1,2})(?:\.0+)?$/.exec(text);
  return match === null || match[2]!.startsWith("0") ? null : { year: match[1]!, number: Number(match[2]) };
}

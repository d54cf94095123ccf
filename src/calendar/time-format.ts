import { serialOf1904 } from "./time-forms.js";

/** Directives of `strptime` that need no locale and no zone, and `%q`, the number of a quarter. */
const DIRECTIVES: Readonly<Record<string, string>> = {
  "%Y": "year in four digits",
  "%y": "year in two digits; 69 to 99 are 1969 to 1999",
  "%m": "month",
  "%d": "day",
  "%b": "month in three letters, in English",
  "%B": "month in English",
  "%q": "quarter",
  "%j": "day of the year",
  "%a": "day of the week in three letters",
  "%A": "day of the week",
  "%H": "hour",
  "%I": "hour of twelve",
  "%M": "minute",
  "%S": "second",
  "%f": "fraction of a second",
  "%p": "AM or PM",
  "%%": "a percent sign",
};

/** Numbers of days as Excel keeps them, in its calendars that start in 1900 and in 1904. */
export type SerialFormat = "excel" | "excel-1904";

export const isSerialFormat = (format: string): format is SerialFormat =>
  format === "excel" || format === "excel-1904";

/** A number of days as Excel keeps it in the format's calendar, in that of 1900. */
export const serialIn = (serial: number, format: SerialFormat): number =>
  format === "excel" ? serial : serialOf1904(serial);

/** What is wrong with a `data.timeFormat`, or null. */
export function timeFormatProblem(format: string): string | null {
  if (isSerialFormat(format)) return null;
  const found: readonly string[] = format.match(/%./gs) ?? [];
  const odd = found.find((directive) => DIRECTIVES[directive] === undefined);
  const listed = Object.keys(DIRECTIVES).join(" ");
  if (odd !== undefined || /(^|[^%])(%%)*%$/.test(format)) {
    return `${odd ?? "%"} is none of ${listed}, and \`excel\` and \`excel-1904\` are the other formats`;
  }
  const has = (...directives: readonly string[]) => directives.some((each) => found.includes(each));
  if (!has("%Y", "%y")) return "a year is missing: %Y, or %y for one in two digits";
  if (!has("%m", "%b", "%B", "%q", "%j")) return "a month is missing: %m, %b, %B or %q for a quarter";
  if (has("%q") && has("%m", "%b", "%B", "%d", "%j")) return "%q stands with a year alone";
  return null;
}

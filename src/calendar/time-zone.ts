const MINUTE = 60_000;

const UTC = /^(Z|UTC|GMT|UCT|Zulu|Etc\/(UTC|GMT|UCT|Zulu)|[+-]00(:?00)?)$/i;

/** Names that say no more than that a time is an instant. */
export const isUtc = (zone: string): boolean => UTC.test(zone);

/** Whether a name is a zone of the IANA database, or an offset such as `+05:30`. */
export function isTimeZone(zone: string): boolean {
  return offsetOf(zone) !== null || formatterOf(zone) !== null;
}

/** Minutes east of UTC of `+05:30`, `-0300` or `+02`; null for what is no offset. */
export function offsetOf(text: string): number | null {
  if (isUtc(text)) return 0;
  const match = /^([+-])(\d{2})(?::?(\d{2}))?$/.exec(text);
  if (match === null) return null;
  const [hours, minutes] = [Number(match[2]), Number(match[3] ?? "0")];
  if (hours > 14 || minutes > 59) return null;
  return (match[1] === "-" ? -1 : 1) * (hours * 60 + minutes);
}

/** The clock on the wall at an instant, as if it were UTC: milliseconds since 1970. */
export function wallClock(instant: number, zone: string): number {
  const offset = offsetOf(zone);
  if (offset !== null) return instant + offset * MINUTE;
  const formatter = formatterOf(zone);
  if (formatter === null) throw new RangeError(`${zone} is no time zone`);
  const parts = new Map(formatter.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type)!;
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
}

const formatters = new Map<string, Intl.DateTimeFormat | null>();

function formatterOf(zone: string): Intl.DateTimeFormat | null {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    formatter = madeFormatter(zone);
    formatters.set(zone, formatter);
  }
  return formatter;
}

function madeFormatter(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const HOURS = { h: 1, d: 24, w: 168 } as const;

/** The last day that a Date can hold, in milliseconds. */
const END_OF_TIME = 8.64e15;

/** The ISO day by which an escalation must be answered: `5d` from an instant on. Null when there is none, or it is after the end of time. */
export function deadlineDay(deadline: string | null, from: string): string | null {
  const match = deadline === null ? null : /^([0-9]+)([hdw])$/.exec(deadline);
  if (match === null) return null;
  const hours = Number(match[1]) * HOURS[match[2] as keyof typeof HOURS];
  const instant = Date.parse(from) + hours * 3_600_000;
  return instant > END_OF_TIME ? null : new Date(instant).toISOString().replace(/T.*$/, "");
}

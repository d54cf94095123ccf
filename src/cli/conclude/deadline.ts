const HOURS = { h: 1, d: 24, w: 168 } as const;

/** The ISO day by which an escalation must be answered: `5d` from an instant on. */
export function deadlineDay(deadline: string | null, from: string): string | null {
  const match = deadline === null ? null : /^([0-9]+)([hdw])$/.exec(deadline);
  if (match === null) return null;
  const hours = Number(match[1]) * HOURS[match[2] as keyof typeof HOURS];
  return new Date(Date.parse(from) + hours * 3_600_000).toISOString().slice(0, 10);
}

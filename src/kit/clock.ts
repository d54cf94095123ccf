/** The only source of time. Results never depend on it: it stamps records and measures durations. */
export interface Clock {
  /** ISO 8601 in UTC. */
  now(): string;
  /** Milliseconds that only go forward. */
  monotonic(): number;
}

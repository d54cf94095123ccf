const MEASURES = ["wmape", "mase", "bias", "n"] as const;

/** Scores as training and accuracy reports hold them. */
export type Measured = Readonly<Record<(typeof MEASURES)[number], number | null>>;

/** `PREFIX.wmape`, … of what could be measured: a registry has no null. */
export function scoreMetrics(prefix: string, scores: Measured): Record<string, number> {
  const metrics: Record<string, number> = {};
  for (const name of MEASURES) {
    const value = scores[name];
    if (value !== null) metrics[`${prefix}.${name}`] = value;
  }
  return metrics;
}

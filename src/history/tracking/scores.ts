const MEASURES = ["wmape", "mase", "bias", "n"] as const;

/** Scores as training and accuracy reports hold them. */
export type Measured = Readonly<Record<(typeof MEASURES)[number], number | null>>;

/** `PREFIX.wmape`, … of what could be measured. */
export const scoreMetrics = (prefix: string, scores: Measured): Record<string, number> =>
  measured(Object.fromEntries(MEASURES.map((name) => [`${prefix}.${name}`, scores[name]])));

/** What could be measured: a registry has no null. */
export function measured(values: Readonly<Record<string, number | null>>): Record<string, number> {
  const metrics: Record<string, number> = {};
  for (const [name, value] of Object.entries(values)) if (value !== null) metrics[name] = value;
  return metrics;
}

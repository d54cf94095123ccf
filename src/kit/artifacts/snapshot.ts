import { z } from "zod";

/**
 * `snapshot.json`, beside `snapshot.parquet` with columns
 * series VARCHAR, period DATE (first day), lead INTEGER (1..), forecast DOUBLE, segment VARCHAR, and lo<NN>/hi<NN> DOUBLE a level.
 */
export const SnapshotMeta = z.object({
  quarter: z.string(),
  cutoff: z.string(),
  model: z.string(),
  version: z.string(),
  horizon: z.number().int(),
  levels: z.array(z.number()),
  rows: z.number().int(),
  series: z.number().int(),
});
export type SnapshotMeta = z.infer<typeof SnapshotMeta>;

/** Column names of an interval, e.g. level 0.8 → lo80, hi80; 0.975 → lo97_5, hi97_5. */
export function intervalColumns(level: number): { lo: string; hi: string } {
  const percent = String(Number((level * 100).toPrecision(10))).replace(".", "_");
  return { lo: `lo${percent}`, hi: `hi${percent}` };
}

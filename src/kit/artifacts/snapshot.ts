import { z } from "zod";
import { FurtherLevels } from "./training.js";

/**
 * `snapshot.json`, beside `snapshot.parquet` with columns
 * series VARCHAR, period DATE (first day), lead INTEGER (1..), forecast DOUBLE, segment VARCHAR, and lo<NN>/hi<NN> DOUBLE a level.
 */
export const SnapshotMeta = z.object({
  quarter: z.string(),
  cutoff: z.string(),
  model: z.string(),
  /** Version whose graph made the forecast. */
  version: z.string(),
  horizon: z.number().int(),
  levels: z.array(z.number()),
  /** Those of them that CV had too few residuals for. Absent where there is none. */
  further: FurtherLevels.optional(),
  rows: z.number().int(),
  series: z.number().int(),
  /** Lower-case hex of snapshot.parquet: a snapshot that was made again with other figures is another one. */
  sha256: z.string(),
});
export type SnapshotMeta = z.infer<typeof SnapshotMeta>;

/** `none.json` of a `champion-snapshot` without a snapshot. */
export interface NoSnapshot {
  readonly quarter: string;
  readonly cutoff: string;
  /** The champion, or null when no version is live, or what was is missing. */
  readonly version: string | null;
  readonly reason:
    | "no-champion"
    | "champion-missing"
    | "champion-damaged"
    | "champion-has-no-model"
    | "champion-frequency"
    | "champion-is-later"
    | "champion-attributes";
}

/** Column names of an interval, e.g. level 0.8 → lo80, hi80; 0.975 → lo97_5, hi97_5. */
export function intervalColumns(level: number): { lo: string; hi: string } {
  const percent = String(Number((level * 100).toPrecision(10))).replace(".", "_");
  return { lo: `lo${percent}`, hi: `hi${percent}` };
}

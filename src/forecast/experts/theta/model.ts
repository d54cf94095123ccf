import { z } from "zod";

const grid = z.array(z.number().gt(0).max(1));

/**
 * Exponential smoothing of the deseasonalised row (see `seasonality.ts` and `smoothing.ts`), with nothing
 * fitted beforehand: every member of a fixed grid filters the row, and its forecast counts by how well it
 * fitted.
 *
 * - `ses`: a level.
 * - `theta`: a level with a constant drift of half the slope of the row's least-squares line. This is the
 *   theta method of Assimakopoulos & Nikolopoulos (2000) as Hyndman & Billah (2003) write it.
 * - `damped`: Holt's level and trend, damped.
 */
export const ThetaExpert = z.object({
  kind: z.literal("theta"),
  id: z.string(),
  method: z.enum(["ses", "damped", "theta"]),
  /** Smoothing of the level. */
  alpha: grid.min(1),
  /** Smoothing of the trend; empty but for `damped`. */
  beta: grid,
  /** Damping; empty but for `damped`. */
  phi: grid,
  /** Weight of a member ∝ SSE^(−temper · n), SSE its squared one-step errors on the n periods of the row. */
  temper: z.number().positive(),
});
export type ThetaExpert = z.infer<typeof ThetaExpert>;

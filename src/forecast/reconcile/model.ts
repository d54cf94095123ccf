import { z } from "zod";
import type { ArtifactReader } from "../../kit/artifact.js";
import { fail } from "../../kit/failure.js";
import { ReconcileSpec } from "./spec.js";

/** The file beside `model.json`, and in the model directory. */
export const RECONCILIATION_FILE = "reconciliation.json";

const node = {
  /** Root mean square of its CV errors; null where there were too few. */
  deviation: z.number().nullable(),
  /** Its CV errors in units of the deviation, 0 where there is none. */
  scaled: z.array(z.number()),
};

/** What makes the forecasts of the series and of their sums agree. A graph forecasts rows one by one, so it is not in there. */
export const Reconciliation = z.object({
  format: z.literal(1),
  by: ReconcileSpec.shape.by,
  cross: z.array(z.array(z.string())),
  /** `wls-naive`: MinT with seasonal naive errors for deviations and no covariance, where CV has too few errors for one. */
  method: z.enum(["bottom-up", "mint-shrink", "wls-naive"]),
  /** Reconciled forecasts are at least 0. */
  nonNegative: z.boolean(),
  /** λ and T of `Errors`. */
  shrinkage: z.number(),
  rows: z.number().int(),
  /** Deviation of a series or group that is not listed, as a multiple of its seasonal naive error. */
  typical: z.number(),
  series: z.array(z.object({ id: z.string(), ...node })),
  groups: z.array(z.object({ attributes: z.array(z.string()), labels: z.array(z.string()), ...node })),
});
export type Reconciliation = z.infer<typeof Reconciliation>;

/** @throws FailureError `forecast.model-invalid` when it is not a file of ours */
export function parseReconciliation(bytes: Uint8Array): Reconciliation {
  try {
    return Reconciliation.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return fail(
      { code: "forecast.model-invalid", retryable: false, file: RECONCILIATION_FILE, detail },
      error,
    );
  }
}

/** What an artifact says of it; null where it has no such file: every series is forecast on its own. */
export async function readReconciliation(artifact: ArtifactReader): Promise<Reconciliation | null> {
  const has = artifact.files.some(({ path }) => path === RECONCILIATION_FILE);
  return has ? artifact.readJson(RECONCILIATION_FILE, Reconciliation) : null;
}

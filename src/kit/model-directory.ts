import { createHash } from "node:crypto";
import { z } from "zod";

/** Names every other file of a model directory; its own hash stands for the whole directory. */
export const MANIFEST_FILE = "manifest.json";

export const ModelManifest = z.object({
  format: z.literal(1),
  files: z.array(
    z.object({
      path: z.string(),
      /** Lower-case hex. */
      sha256: z.string(),
      bytes: z.number(),
    }),
  ),
});

export type ModelManifest = z.infer<typeof ModelManifest>;

/** Files of a model directory that its forecasts follow from; the others tell about them. */
const FORECASTING = [
  "golden.json",
  "model.onnx",
  "reconciliation.json",
  "series-inputs.parquet",
  "series-state.parquet",
];

/** The same for two directories that forecast the same and only tell other things about it, such as CV scores. */
export function contentOf(files: readonly { readonly path: string; readonly sha256: string }[]): string {
  const hash = createHash("sha256");
  for (const name of FORECASTING) {
    const found = files.find(({ path }) => path === name);
    hash.update(`${name} ${found?.sha256 ?? "none"}\n`);
  }
  return hash.digest("hex");
}

/** Digest of a model directory by the sha256 (hex) of its `manifest.json`. */
export const directoryDigest = (manifestSha256: string): string => `sha256:${manifestSha256}`;

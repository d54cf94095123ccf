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

/** Digest of a model directory by the sha256 (hex) of its `manifest.json`. */
export const directoryDigest = (manifestSha256: string): string => `sha256:${manifestSha256}`;

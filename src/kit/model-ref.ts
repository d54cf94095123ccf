import { z } from "zod";

/** Tag of a version, and of the registry runs that came to it: which model it is, whatever number it has. */
export const IDENTITY_TAG = "retrain.identity";

/** Tags that every version and run has: hashes of the panel and of the trained-model artifact. */
export const PANEL_TAG = "retrain.panel";
export const TRAINING_TAG = "retrain.training";

/** Which model a version is. A number is none of it: registries give it, and some give it again. */
export const ModelRef = z.object({
  /** Of what was trained, and of the rows behind it; null for versions of programs that did not say it. */
  identity: z.string().nullable(),
  /** Of the model directory, null while there is none. */
  digest: z.string().nullable(),
  /** Hashes of the artifacts that it was made of: a second way to tell, for versions without an identity. */
  made: z.object({ panel: z.string(), training: z.string() }).optional(),
  /** Of the files of the directory that forecast (`contentOf`), where it was asked for: the last way to tell. */
  content: z.string().optional(),
});
export type ModelRef = Readonly<z.infer<typeof ModelRef>>;

/** Key of the one version that a model has in a registry. */
export const modelKey = (identity: string): string => `model ${identity}`;

/** Whether a key stands for a model. Two registries may hold one model in directories of different programs. */
export const isModelKey = (key: string): boolean => key.startsWith(modelKey("sha256:"));

/** Of a version of a registry, or of one of its runs, whose tags say the same. */
export function refOf({
  digest = null,
  tags,
}: {
  readonly digest?: string | null;
  readonly tags: Readonly<Record<string, string>>;
}): ModelRef {
  const { [PANEL_TAG]: panel, [TRAINING_TAG]: training } = tags;
  return {
    identity: tags[IDENTITY_TAG] ?? null,
    digest,
    ...(panel === undefined || training === undefined ? {} : { made: { panel, training } }),
  };
}

/** A version, by its number and by which model it is. */
export interface KnownVersion extends ModelRef {
  readonly version: string;
}

/** Whether two are one model; null where they have nothing in common that would tell. */
export function sameModel(a: ModelRef, b: ModelRef): boolean | null {
  if (a.digest !== null && a.digest === b.digest) return true;
  if (a.identity !== null && b.identity !== null) return a.identity === b.identity;
  if (a.content !== undefined && a.content === b.content) return true;
  if (a.made !== undefined && b.made !== undefined)
    return a.made.panel === b.made.panel && a.made.training === b.made.training;
  return a.digest !== null && b.digest !== null ? false : null;
}

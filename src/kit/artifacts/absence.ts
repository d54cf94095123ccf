import { z } from "zod";

/** Something that was there once and is not now: whoever relies on it must not take that for "never was". */
export const Absence = z.object({
  /**
   * `name`: the runbook served another model before. `alias`: it names no version, or the runbook served another one before. `run`: the version is
   * there, and no run says how it came to be live. `moves`: it is there, and the history of aliases does not have the move.
   */
  what: z.enum(["version", "alias", "model", "registry", "name", "run", "moves"]),
  model: z.string(),
  alias: z.string(),
  /** The version that was live, or would be gone back to. */
  version: z.string().nullable(),
  /** ISO instant: when it is known to have been there. */
  since: z.string().nullable(),
  /** A version that was live before and is there: a rollback can go to it. */
  back: z.string().nullable(),
  /** Address of another registry that is known to have had it. */
  registry: z.string().nullable(),
  /** Command by which the registry's own program puts it back; absent where only a backup can. */
  restore: z.string().exactOptional(),
  witness: z.enum(["moves", "run", "decision", "approval", "state", "version"]),
  /** One sentence without a full stop: what is gone, since when, and who says so. */
  detail: z.string(),
});
export type Absence = z.infer<typeof Absence>;

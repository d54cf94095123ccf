import { z } from "zod";

/** Something that was there once and is not now: whoever relies on it must not take that for "never was". */
export const Absence = z.object({
  /** `name`: the runbook served another model before. `alias`: it names no version, or the runbook served another one before. */
  what: z.enum(["version", "alias", "model", "registry", "name"]),
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
  witness: z.enum(["moves", "run", "decision", "approval", "state"]),
  /** One sentence without a full stop: what is gone, since when, and who says so. */
  detail: z.string(),
});
export type Absence = z.infer<typeof Absence>;

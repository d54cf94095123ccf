import { z } from "zod";

/** `registered.json` */
export const Registered = z.object({
  registry: z.string(),
  name: z.string(),
  version: z.string(),
  /** The run at hand. The version may have been made by an earlier one. */
  runId: z.string(),
  /** Which model the version is (`IDENTITY_TAG`); null in records of programs that did not say it. */
  identity: z.string().nullable().default(null),
});
export type Registered = z.infer<typeof Registered>;

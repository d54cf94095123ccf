import { z } from "zod";

/** `registered.json` */
export const Registered = z.object({
  registry: z.string(),
  name: z.string(),
  version: z.string(),
  runId: z.string(),
});
export type Registered = z.infer<typeof Registered>;

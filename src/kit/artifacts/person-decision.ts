import { z } from "zod";

/** What a person decided about a run, or about the model that it came to, as every place says it. */
export const PersonDecision = z.object({
  /**
   * `restored`: a rollback put the run's model live again; `rolled-back`: one took it out of service; `adopted`, `left-behind`: where what was live was gone, a
   * version was named as the baseline, or the next quarter made a first release.
   */
  kind: z.enum(["approved", "rejected", "rolled-back", "restored", "adopted", "left-behind"]),
  /** `run`: it answers this run's decision, so that there is nothing to decide any more. `model`: of the model, whichever run came to it. */
  about: z.enum(["run", "model"]),
  /** Whether it came into effect. An approval that waits for another person's, or that came too late, did not. */
  effective: z.boolean(),
  by: z.string(),
  reason: z.string(),
  /** ISO instant, by the clock of whoever decided. */
  at: z.string(),
  /** ISO day, the last one on which it counts; null: it has no end. */
  expires: z.string().nullable(),
  /** What the alias named from then on, by its number in this registry; null: that did not change. */
  live: z.string().nullable(),
});
export type PersonDecision = z.infer<typeof PersonDecision>;

/** Whether a person has answered a run's decision. */
export const isAnswered = (decisions: readonly PersonDecision[]): boolean =>
  decisions.some(({ about, effective }) => about === "run" && effective);

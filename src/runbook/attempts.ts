import { z } from "zod";
import type { AttemptPolicy } from "../kit/attempts.js";

const UNITS = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Timers count in 32 bits, and nobody means more than a week. */
const LONGEST_MS = 7 * 24 * UNITS.h;

/** `90s`, `10m` or `2h` in milliseconds. */
const milliseconds = (text: string): number =>
  Number(text.slice(0, -1)) * UNITS[text.slice(-1) as keyof typeof UNITS];

const duration = z
  .string()
  .regex(/^[1-9][0-9]*[smh]$/, "expected a number and a unit, e.g. 30s, 10m or 2h")
  .refine((text) => !/^[1-9][0-9]*[smh]$/.test(text) || milliseconds(text) <= LONGEST_MS, {
    error: "expected a week at most, which is 168h",
  });

/** The keys of every step that say how often and how long it is tried. They are in no fingerprint. */
export const attemptKeys = {
  retry: z
    .strictObject({
      attempts: z
        .int()
        .min(1)
        .max(10)
        .describe("How often the step is tried in all, the first time included"),
      backoff: duration
        .default("2s")
        .describe("Pause before the second attempt, e.g. 2s; it doubles with each one, up to an hour"),
    })
    .optional()
    .describe(
      "Tries the step again after failures that may pass, e.g. a full disk or a registry that is busy",
    ),
  timeout: duration
    .optional()
    .describe("Longest that one attempt may take, e.g. 90s, 10m or 2h; then the step is stopped"),
};

const AttemptKeys = z.object(attemptKeys);

/** Null where the step's keys are not valid: the schema of the whole runbook says so. */
export function attemptPolicy(step: object): AttemptPolicy | null {
  const parsed = AttemptKeys.safeParse(step);
  if (!parsed.success) return null;
  const { retry, timeout } = parsed.data;
  return {
    attempts: retry?.attempts ?? 1,
    backoffMs: milliseconds(retry?.backoff ?? "2s"),
    timeout: timeout === undefined ? null : { ms: milliseconds(timeout), text: timeout },
  };
}

/** The runbook without what results do not depend on, so that its digest stays when only this changes. */
export function withoutAttempts(raw: unknown): unknown {
  const { steps, ...rest } = raw as { steps: readonly object[] };
  return {
    ...rest,
    steps: steps.map((step) =>
      Object.fromEntries(Object.entries(step).filter(([key]) => !Object.hasOwn(attemptKeys, key))),
    ),
  };
}

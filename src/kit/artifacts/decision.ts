import { z } from "zod";
import { Absence } from "./absence.js";

const RuleVerdict = z.enum(["PASS", "FAIL", "UNKNOWN"]);

/** Bounds of what was observed at a nominal level, e.g. .9. */
const Interval = z.object({ level: z.number(), lo: z.number(), hi: z.number() });

/** One part of a rule that is judged by segment, lead time or feature. */
export const RuleGroup = z.object({
  key: z.string(),
  verdict: RuleVerdict,
  observed: z.number().nullable(),
  n: z.number().int().nullable(),
  /** After the correction over the groups; null where the rule makes no test. */
  pAdjusted: z.number().nullable(),
  interval: Interval.nullable(),
  why: z.string().nullable(),
});
export type RuleGroup = z.infer<typeof RuleGroup>;

/** A KS test of features: it fails only where both D reaches the rule's limit and the corrected p is at most `alpha`. */
export const DriftTest = z.object({
  alpha: z.number(),
  /** What keeps p from being too small: see docs/gate.md. */
  guard: z.enum(["auto", "history", "series", "none"]),
  /** One a test, the worst first. */
  tests: z.array(
    z.object({
      feature: z.string(),
      segment: z.string().nullable(),
      statistic: z.number().nullable(),
      pAdjusted: z.number().nullable(),
      /** Past quarters that were looked at, and how many had a D at least as large. */
      past: z.object({ quarters: z.number().int(), asLarge: z.number().int() }).nullable(),
      n: z.number().int(),
      nReference: z.number().int(),
    }),
  ),
});
export type DriftTest = z.infer<typeof DriftTest>;

export const RuleResult = z.object({
  id: z.string(),
  kind: z.enum(["threshold", "champion", "ks", "psi", "missing", "freshness", "expr", "limits", "order"]),
  verdict: RuleVerdict,
  severity: z.enum(["block", "warn"]),
  /** Whether this result stops the promotion. */
  blocks: z.boolean(),
  metric: z.string(),
  observed: z.number().nullable(),
  limit: z.number().nullable(),
  /** How to read the limit: `max` is observed ≤ limit, `min` is observed ≥ limit. */
  direction: z.enum(["max", "min"]),
  n: z.number().int().nullable(),
  /** Machine word for an UNKNOWN, or for what excused it; null otherwise. */
  why: z.string().nullable(),
  /** One line with the figures behind the result. */
  detail: z.string(),
  /** Of `observed`, where the rule estimates one. */
  interval: Interval.nullable().default(null),
  /** What the groups are; null for a rule that is judged as a whole. */
  by: z.enum(["segment", "lead", "feature"]).nullable().default(null),
  /** The worst first. */
  groups: z.array(RuleGroup).default([]),
  /** Of a `ks` rule; absent in records of programs before. */
  drift: DriftTest.exactOptional(),
});
export type RuleResult = z.infer<typeof RuleResult>;

/** `decision.json`: the durable verdict. `digest` is sha256 over the canonical JSON of everything else. */
export const Decision = z.object({
  digest: z.string(),
  quarter: z.string(),
  cutoff: z.string(),
  model: z.string(),
  alias: z.string(),
  candidate: z.object({ version: z.string(), digest: z.string() }),
  /** What the gate compared with, and what the alias must still name at promotion. */
  baseline: z.object({ version: z.string(), digest: z.string().nullable() }).nullable(),
  firstRelease: z.boolean(),
  /** What was live and is not there; absent where nothing is missing. The baseline is null then, or what the alias names all the same. */
  missing: z.array(Absence).exactOptional(),
  /** What was live is damaged, or nobody can tell what it is; absent where it is sound. */
  damaged: z
    .object({
      /** Null where the record of alias moves is what is damaged. */
      version: z.string().nullable(),
      /** The quarter that made it, if that is known. */
      quarter: z.string().nullable(),
      detail: z.string(),
    })
    .exactOptional(),
  /** The record by which people left what was live behind, and what the alias names still; absent where that made no difference. */
  leftBehind: z.object({ id: z.string(), version: z.string().nullable() }).exactOptional(),
  verdict: z.enum(["pass", "fail"]),
  rules: z.array(RuleResult),
  /** Limits that this run holds more loosely than the decision of the quarter before did. */
  loosened: z
    .array(
      z.object({
        rule: z.string(),
        what: z.string(),
        before: z.number().nullable(),
        now: z.number().nullable(),
        /** Digest of the decision that had the tighter limit. */
        decision: z.string(),
      }),
    )
    .default([]),
  /** The rules with every parameter, defaults filled in; null in records of programs that did not keep them. */
  policy: z
    .object({
      firstRelease: z.enum(["promote", "escalate"]),
      rules: z.array(z.looseObject({ id: z.string() })),
    })
    .nullable()
    .default(null),
  /** Approvals of earlier quarters that let this alias move although rules had failed. */
  overrides: z
    .array(
      z.object({
        id: z.string(),
        quarter: z.string().nullable(),
        rules: z.array(z.string()),
        by: z.string(),
        expires: z.string().nullable(),
        /** Whether it had expired by this quarter's cutoff. */
        expired: z.boolean(),
      }),
    )
    .default([]),
  inputs: z.object({
    panel: z.string(),
    training: z.string(),
    runbook: z.string(),
    retrain: z.string(),
    git: z.string().nullable(),
  }),
});
export type Decision = z.infer<typeof Decision>;

/** What the alias must still name when a person or the gate's verdict moves it. */
export const expectedLive = ({ baseline, leftBehind }: Decision): string | null =>
  baseline?.version ?? leftBehind?.version ?? null;

/** What is missing of the record of a champion that is there. */
export const isOfRecord = ({ what }: Absence): boolean => what === "run" || what === "moves";

/** What was live and is not there, for want of which nothing could be compared: not the version before a champion that is there, nor its record. */
export const missingChampion = ({
  missing = [],
  baseline,
}: Pick<Decision, "missing" | "baseline">): Absence[] =>
  missing.filter((one) => baseline === null || (baseline.version === one.version && !isOfRecord(one)));

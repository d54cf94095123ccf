import { z } from "zod";
import { Distribution } from "../../diagnosis/finding.js";
import { Absence } from "../../kit/artifacts/absence.js";
import { Decision, RuleResult } from "../../kit/artifacts/decision.js";
import { PersonDecision } from "../../kit/artifacts/person-decision.js";
import { ValidationReport } from "../../kit/artifacts/validation.js";

/** One group that the quarter's error comes from. */
const ErrorShare = z.object({
  key: z.string(),
  /** What people call the series, where the panel says it. */
  name: z.string().exactOptional(),
  segment: z.string().nullable(),
  n: z.number().int(),
  wmape: z.number().nullable(),
  bias: z.number().nullable(),
  /** Share of the quarter's Σ|y−ŷ|, 0..1. */
  share: z.number(),
  /**
   * Share of what is too much, 0..1: max(0, Σ|y−ŷ| − limit·Σ|y|) of this group over the sum of that over all groups of its kind.
   * Null when no rule limits the WMAPE of the quarter, or no group is over that limit.
   */
  excessShare: z.number().nullable(),
});
export type ErrorShare = z.infer<typeof ErrorShare>;

/** `escalation.json`: why a run changed nothing, and what a person can do. The page that on-call reads is made from it. */
export const Escalation = z.object({
  format: z.literal(1),
  run: z.string(),
  quarter: z.string(),
  cutoff: z.string(),
  dryRun: z.boolean(),
  verdict: z.enum(["escalated", "would-escalate"]),
  reason: z.enum(["gate-failed", "champion-moved", "withdrawn", "digest-mismatch"]),
  model: z.string(),
  alias: z.string(),
  candidate: z.string(),
  /** Version that the alias names; null: nothing is live yet. */
  live: z.string().nullable(),
  /** Answers to "do I have to do something now?", "what stays live?", "why?": one or two sentences each. */
  now: z.string(),
  /** What `now` begins with: the answer in a few words. */
  answer: z.string().default(""),
  stays: z.string(),
  why: z.string(),
  decision: z.string(),
  rules: z.object({
    failed: z.array(RuleResult),
    unknown: z.array(RuleResult),
    warnings: z.array(RuleResult),
    passed: z.array(RuleResult),
  }),
  /** What was live and is not there. */
  missing: z.array(Absence).default([]),
  /** Limits that this run holds more loosely than the quarter before did, and approvals that stand behind the live version. */
  loosened: Decision.shape.loosened,
  overrides: Decision.shape.overrides,
  /** What probably happened, the likeliest first. Empty: nothing stands out in the data. */
  diagnosis: z
    .array(
      z.object({
        /** Stays the same while titles are reworded. */
        cause: z.string(),
        title: z.string(),
        evidence: z.array(z.string()),
        /** 0..1: how well what was measured fits this cause and no quarter before. From 0.7 on it is strong, below 0.4 weak. */
        score: z.number(),
      }),
    )
    .default([]),
  /** Of the drifted features, then and now. */
  distributions: z.array(Distribution).default([]),
  causes: z.object({
    /** WMAPE limit that `excessShare` refers to. */
    wmapeLimit: z.number().nullable(),
    segments: z.array(ErrorShare),
    series: z.array(ErrorShare),
    periods: z.array(ErrorShare),
    /** Features whose distribution moved, the furthest first. */
    drifted: z.array(
      z.object({
        feature: z.string(),
        reference: z.string(),
        statistic: z.number().nullable(),
        pAdjusted: z.number().nullable(),
        n: z.number().int(),
        nReference: z.number().int(),
        verdict: z.enum(["WARN", "FAIL"]),
      }),
    ),
    /** What `drifted` was judged by; null where nothing was, and in documents of programs before. */
    driftTest: ValidationReport.shape.driftTest,
    /** Periods that the new outlook revises, the most revised first. */
    revised: z.array(
      z.object({
        period: z.string(),
        before: z.number(),
        after: z.number(),
        revision: z.number().nullable(),
        series: z.number().int(),
      }),
    ),
    /** Data checks that did not pass. */
    checks: z.array(
      z.object({
        id: z.string(),
        status: z.enum(["warn", "fail"]),
        count: z.number().int(),
        detail: z.string(),
      }),
    ),
    lostSeries: z.array(z.string()),
    /** Segments whose candidate is no better in cross-validation than the seasonal naive. */
    weakSegments: z.array(
      z.object({ segment: z.string(), chosen: z.string(), wmape: z.number(), naiveWmape: z.number() }),
    ),
  }),
  next: z.array(z.object({ command: z.string(), purpose: z.string() })),
  /** What people decided about it since, oldest first; absent where nobody has yet. */
  decisions: z.array(PersonDecision).exactOptional(),
  owner: z.string().nullable(),
  /** ISO day. */
  deadline: z.string().nullable(),
  runbook: z.string(),
  files: z.array(
    z.object({
      label: z.string(),
      path: z.string(),
      /** Relative address from the page itself, where the file stands beside it. */
      link: z.string().nullable().default(null),
    }),
  ),
});
export type Escalation = z.infer<typeof Escalation>;

import type { Failure } from "./failure.js";
import type { MetricMap } from "./step.js";

export const STEP_STATUSES = ["succeeded", "reused", "failed", "skipped"] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

/** `completed`: everything that was asked for is done and nothing was to be decided (`--until`, or a runbook without a promotion). */
export const VERDICTS = [
  "completed",
  "promoted",
  "escalated",
  "failed",
  "interrupted",
  "would-promote",
  "would-escalate",
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Everything that a run tells the world, in order. Reporters render it; `--events` prints it as it is. */
export type RunEvent =
  | {
      readonly type: "run-started";
      readonly run: string;
      readonly quarter: string;
      readonly cutoff: string;
      readonly dryRun: boolean;
      readonly resumed: boolean;
      readonly runbook: string;
      readonly steps: readonly { readonly id: string; readonly type: string; readonly summary: string }[];
    }
  | { readonly type: "step-started"; readonly step: string; readonly reason: string }
  | {
      readonly type: "step-progress";
      readonly step: string;
      readonly done: number;
      readonly total: number;
      readonly label: string;
    }
  | {
      /** An attempt failed with a failure that may pass; the next one starts after the wait. */
      readonly type: "step-retrying";
      readonly step: string;
      /** Number of the next attempt, from 2. */
      readonly attempt: number;
      readonly attempts: number;
      readonly waitSeconds: number;
      readonly failure: Failure;
    }
  | { readonly type: "step-warned"; readonly step: string; readonly message: string }
  | {
      readonly type: "step-finished";
      readonly step: string;
      readonly status: StepStatus;
      readonly seconds: number;
      /** One line for people, written by the step: what it did, with its main figure. */
      readonly summary: string;
      readonly metrics: MetricMap;
      readonly failure: Failure | null;
      /** Of a step that failed, and may. */
      readonly optional?: true;
    }
  | {
      readonly type: "run-finished";
      readonly run: string;
      readonly verdict: Verdict;
      readonly exitCode: number;
      readonly seconds: number;
    };

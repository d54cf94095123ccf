import type { RuleResult } from "./artifacts/decision.js";

/** Scores of forecasts beside those of the seasonal naive of the same cutoff on the same pairs. Null where there is no pair or no denominator. */
export interface BacktestScores {
  /** Pairs of a series and a period with both an actual and a forecast. */
  readonly n: number;
  /** Pairs that stand on one side only. */
  readonly excluded: number;
  readonly wmape: number | null;
  readonly mase: number | null;
  /** Positive is over-forecast. */
  readonly bias: number | null;
  readonly naive: { readonly wmape: number | null; readonly mase: number | null };
}

/** Share of actuals inside the outlook's interval of a level. */
export interface BacktestCoverage {
  readonly level: number;
  readonly observed: number | null;
  readonly n: number;
}

/** One past quarter as the runbook would have run it. */
export interface BacktestQuarter extends BacktestScores {
  readonly quarter: string;
  /** ISO day: the last one that the run saw. */
  readonly cutoff: string;
  /** Periods that the outlook forecasts. */
  readonly horizon: number;
  readonly verdict: "would-promote" | "would-escalate" | "completed" | "failed";
  readonly rules: readonly BacktestRule[];
  /** Of its steps. */
  readonly seconds: number;
  /** Version of the candidate in the replay's own registry. */
  readonly candidate: string | null;
  /** The champion's own forecast from the same cutoff, on the pairs that both forecast; null where there was none. */
  readonly champion: {
    readonly version: string;
    readonly n: number;
    readonly wmape: number | null;
    readonly candidate: { readonly wmape: number | null };
  } | null;
  /** Whose forecast services would have given from here on; null: no version was live. */
  readonly live: "candidate" | "champion" | null;
  readonly byLead: readonly (BacktestScores & { readonly lead: number })[];
  readonly bySegment: readonly (BacktestScores & { readonly segment: string })[];
  readonly coverage: readonly BacktestCoverage[];
  /** sha256 of the outlook's snapshot. */
  readonly snapshot: string | null;
  /** Why the run failed, in words. */
  readonly failure: { readonly code: string; readonly step: string; readonly title: string } | null;
}

export type BacktestRule = Omit<RuleResult, "detail" | "groups"> & {
  /** What was compared with the limit: `observed`, or the upper end of its interval where the rule says so. */
  readonly judged: number | null;
};

/** How often a rule fired in the quarters that came to a decision. */
export interface RuleFiring {
  readonly rule: string;
  readonly severity: RuleResult["severity"];
  readonly fired: number;
  readonly unknown: number;
  /** Times that it stopped a promotion. */
  readonly blocked: number;
  readonly quarters: number;
}

/** What one limit of a rule would have done. */
export interface SweptLimit {
  readonly limit: number;
  readonly isRunbook: boolean;
  readonly fired: number;
  /** Quarters that would have escalated, for this rule or another. */
  readonly escalated: number;
  /** WMAPE of what would have been live, over the quarters that had both a candidate's and a champion's forecast. */
  readonly wmape: number | null;
  /** `wmape` less that at the runbook's limit: below zero is saved. */
  readonly difference: number | null;
}

/** Every limit of one rule that would have made a difference, tightest first. */
export interface RuleSweep {
  readonly rule: string;
  readonly metric: string;
  readonly kind: RuleResult["kind"];
  readonly severity: RuleResult["severity"];
  readonly direction: RuleResult["direction"];
  /** Quarters in which the rule could be measured. */
  readonly measured: number;
  /** Quarters and pairs behind `wmape`. */
  readonly compared: number;
  readonly n: number;
  readonly limits: readonly SweptLimit[];
}

/** What `retrain backtest --json` prints. Names are a contract: members may be added, none renamed or removed. */
export interface BacktestDocument {
  readonly model: { readonly name: string; readonly alias: string };
  /** Oldest first. */
  readonly quarters: readonly BacktestQuarter[];
  /** Of all outlooks; a period that two of them forecast counts twice, with two leads. */
  readonly pooled: BacktestScores & {
    readonly byLead: readonly (BacktestScores & { readonly lead: number })[];
    readonly bySegment: readonly (BacktestScores & { readonly segment: string })[];
    readonly coverage: readonly BacktestCoverage[];
  };
  /** Candidate, champion and what was live on the pairs that candidate and champion both forecast. */
  readonly compared: {
    readonly quarters: number;
    readonly n: number;
    readonly candidate: { readonly wmape: number | null };
    readonly champion: { readonly wmape: number | null };
    readonly live: { readonly wmape: number | null };
    /** The better of the two in every quarter: no gate can do better. */
    readonly best: { readonly wmape: number | null };
  };
  readonly firing: readonly RuleFiring[];
  readonly sweeps: readonly RuleSweep[];
}

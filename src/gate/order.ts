import type { Absence } from "../kit/artifacts/absence.js";
import type { RuleResult } from "../kit/artifacts/decision.js";

const blocking = {
  kind: "order",
  verdict: "FAIL",
  severity: "block",
  blocks: true,
  observed: null,
  limit: null,
  direction: "max",
  n: null,
  interval: null,
  by: null,
  groups: [],
} as const;

/** A champion from a later quarter: promoting over it would take services back in time. */
export const laterChampion = (
  champion: { version: string; quarter: string },
  quarter: string,
): RuleResult => ({
  ...blocking,
  groups: [],
  id: "newer-champion",
  metric: "champion.quarter",
  why: "champion-is-newer",
  detail: `version ${champion.version} was trained for ${champion.quarter}, which is after ${quarter}`,
});

/** `firstRelease: escalate`: a person looks at the first model before anything is live. */
export const firstReleaseEscalates = (): RuleResult => ({
  ...blocking,
  groups: [],
  id: "first-release",
  metric: "champion.version",
  why: "first-release",
  detail: "no version is live yet, and the runbook says `firstRelease: escalate`",
});

/** What was live is not there: a first release has no past, so this is none, and nothing can be compared. No rule excuses it. */
export const championMissing = (missing: readonly Absence[]): RuleResult => ({
  ...blocking,
  verdict: "UNKNOWN",
  groups: [],
  id: "champion-missing",
  metric: "champion.version",
  why: "champion-missing",
  detail: missing.map(({ detail }) => detail).join("; "),
});

/** The bytes of what is live are not those that were registered, or what is live is not known: nothing can be compared. No rule excuses it. */
export const championDamaged = (detail: string): RuleResult => ({
  ...blocking,
  verdict: "UNKNOWN",
  groups: [],
  id: "champion-damaged",
  metric: "champion.version",
  why: "champion-damaged",
  detail,
});

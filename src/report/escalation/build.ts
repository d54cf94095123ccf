import type { AccuracyReport } from "../../kit/artifacts/accuracy.js";
import type { Checkpoints } from "../../kit/artifacts/checkpoints.js";
import type { Decision } from "../../kit/artifacts/decision.js";
import type { Promotion } from "../../kit/artifacts/promotion.js";
import type { TrainingReport } from "../../kit/artifacts/training.js";
import type { ValidationReport } from "../../kit/artifacts/validation.js";
import { type CommandFlags, commandsFor } from "../commands.js";
import { list, plural } from "../format.js";
import { ruleSentence, type SortedRules, sortRules } from "../rules.js";
import { findCauses } from "./causes.js";
import type { Escalation } from "./escalation.js";

export interface EscalationInput {
  readonly run: string;
  readonly dryRun: boolean;
  readonly decision: Decision;
  readonly promotion: Promotion;
  readonly accuracy: AccuracyReport | null;
  readonly checkpoints: Checkpoints | null;
  readonly validation: ValidationReport | null;
  readonly training: TrainingReport | null;
  /** The runbook's steps, in order. */
  readonly steps: readonly { readonly id: string; readonly type: string }[];
  readonly owner: string | null;
  /** ISO day. */
  readonly deadline: string | null;
  /** As the reader finds it. */
  readonly runbook: string;
  readonly files: readonly { readonly label: string; readonly path: string }[];
  /** Flags that commands need to find the same run again. */
  readonly flags: CommandFlags;
}

/** @throws TypeError for a run that was promoted: there is nothing to escalate */
export function buildEscalation(input: EscalationInput): Escalation {
  const { decision, promotion, run, dryRun } = input;
  const { reason } = promotion;
  if (promotion.outcome !== "escalated" || reason === "gate-passed") {
    throw new TypeError(`run ${run} was promoted: there is nothing to escalate`);
  }
  const rules = sortRules(decision.rules);
  const causes = findCauses({
    ...input,
    rules: decision.rules,
    accuracyStep: stepOf(input, "accuracy-report"),
  });
  const live = promotion.before;
  return {
    format: 1,
    run,
    quarter: decision.quarter,
    cutoff: decision.cutoff,
    dryRun,
    verdict: dryRun ? "would-escalate" : "escalated",
    reason,
    model: promotion.model,
    alias: promotion.alias,
    candidate: promotion.candidate,
    live,
    now: nowSentence(input, live),
    stays: staysSentence(input, live),
    why: whySentence(reason, rules),
    decision: decision.digest,
    rules: {
      failed: [...rules.failed],
      unknown: [...rules.unknown],
      warnings: [...rules.warnings],
      passed: [...rules.passed],
    },
    causes,
    next: nextCommands(input, reason, rules, causes),
    owner: input.owner,
    deadline: input.deadline,
    runbook: input.runbook,
    files: [...input.files],
  };
}

const stepOf = ({ steps }: EscalationInput, type: string): string | null =>
  steps.find((step) => step.type === type)?.id ?? null;

function nowSentence({ dryRun, owner, deadline, promotion }: EscalationInput, live: string | null): string {
  if (dryRun) return "No. This was a dry run: nothing outside the state directory has changed.";
  const by = deadline === null ? "Before the next plan is made" : `By ${deadline}`;
  const who = owner === null ? "someone has to decide" : `${owner} decides`;
  const decide = `${by} ${who} whether version ${promotion.candidate} may go live.`;
  if (live === promotion.candidate) {
    return `Perhaps: version ${live} is live and does not hold under these rules. ${capital(who)} ${by} whether it stays.`;
  }
  return live === null
    ? `Only if a service waits for ${promotion.model}@${promotion.alias}: it names no version yet. ${decide}`
    : `Not at once: services go on as before. ${decide}`;
}

function staysSentence({ promotion }: EscalationInput, live: string | null): string {
  const address = `${promotion.model}@${promotion.alias}`;
  if (live === promotion.candidate) {
    return `${address} still serves version ${live}, the very version that is judged here: an earlier decision promoted it.`;
  }
  return live === null
    ? `Nothing is live yet under ${address}. Version ${promotion.candidate} is registered, but no alias that services follow names it.`
    : `${address} still serves version ${live}. Version ${promotion.candidate} is registered, but not live.`;
}

function whySentence(reason: Escalation["reason"], { failed, unknown }: SortedRules): string {
  switch (reason) {
    case "champion-moved":
      return "The gate passed, but meanwhile someone moved the alias: the candidate was never compared with what is live now.";
    case "digest-mismatch":
      return "The gate passed, but the registered model is not the one that it judged.";
    case "gate-failed": {
      const parts = [
        ...(failed.length === 0 ? [] : [`${plural(failed.length, "rule")} failed (${ids(failed)})`]),
        ...(unknown.length === 0
          ? []
          : [`${plural(unknown.length, "rule")} could not be checked (${ids(unknown)})`]),
      ];
      const first = failed[0] ?? unknown[0];
      if (first === undefined) return "The gate refused the candidate.";
      const label = failed.length + unknown.length === 1 ? "" : "First: ";
      return `${capital(list(parts))}. ${label}${ruleSentence(first)}.`;
    }
  }
}

const ids = (rules: SortedRules["failed"]): string => rules.map(({ id }) => id).join(", ");
const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

function nextCommands(
  input: EscalationInput,
  reason: Escalation["reason"],
  { failed, unknown }: SortedRules,
  causes: ReturnType<typeof findCauses>,
): Escalation["next"] {
  const { run, decision, flags } = input;
  const commands = commandsFor(flags);
  const from = (type: string) => stepOf(input, type);
  const validate = from("validate-data");
  const gate = from("gate");
  const dataInDoubt = causes.drifted.length + causes.checks.length + causes.lostSeries.length > 0;
  const limitsInDoubt = reason === "gate-failed" && failed.length + unknown.length > 0;
  return [
    { command: commands.report(run), purpose: "see every table and chart of this run" },
    { command: commands.escalation(run), purpose: "read this page again" },
    ...(dataInDoubt && validate !== null
      ? [
          {
            command: commands.quarter(decision.quarter, validate),
            purpose: "run again after the data has been corrected",
          },
        ]
      : []),
    ...(limitsInDoubt && gate !== null
      ? [
          {
            command: commands.quarter(decision.quarter, gate),
            purpose: `judge again after a limit in ${input.runbook} has been changed; nothing is trained again`,
          },
        ]
      : []),
    ...(reason === "champion-moved" && gate !== null
      ? [{ command: commands.quarter(decision.quarter, gate), purpose: "compare with what is live now" }]
      : []),
    ...(reason === "digest-mismatch"
      ? [{ command: commands.quarter(decision.quarter), purpose: "register and judge the model again" }]
      : []),
    { command: commands.models(), purpose: "see what is live and who moved it" },
  ];
}

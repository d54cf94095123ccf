import type { Diagnosis } from "../../diagnosis/finding.js";
import type { AccuracyReport } from "../../kit/artifacts/accuracy.js";
import type { Checkpoints } from "../../kit/artifacts/checkpoints.js";
import { type Decision, missingChampion } from "../../kit/artifacts/decision.js";
import type { Promotion } from "../../kit/artifacts/promotion.js";
import type { TrainingReport } from "../../kit/artifacts/training.js";
import type { ValidationReport } from "../../kit/artifacts/validation.js";
import { type CommandFlags, commandsFor } from "../commands.js";
import { capital, list, plural } from "../format.js";
import { ruleSentence, type SortedRules, sortRules } from "../rules.js";
import type { SeriesNames } from "../series-names.js";
import { causeWords } from "./cause-words.js";
import { findCauses } from "./causes.js";
import { waysOutOfDamage } from "./damaged.js";
import type { Escalation } from "./escalation.js";
import { canRollBack, waysOut, waysOutBeside } from "./missing.js";

export interface EscalationInput {
  readonly run: string;
  readonly dryRun: boolean;
  readonly decision: Decision;
  readonly promotion: Promotion;
  readonly accuracy: AccuracyReport | null;
  readonly checkpoints: Checkpoints | null;
  readonly validation: ValidationReport | null;
  readonly training: TrainingReport | null;
  readonly names: SeriesNames;
  /** Null where the run has no panel. */
  readonly diagnosis: Diagnosis | null;
  /** The runbook's steps, in order. */
  readonly steps: readonly { readonly id: string; readonly type: string }[];
  readonly owner: string | null;
  /** ISO day. */
  readonly deadline: string | null;
  /** Address of the registry, without credentials. */
  readonly registry: string;
  /** As the reader finds it. */
  readonly runbook: string;
  /** `link`: the address from the page's own folder, where the file goes with it. */
  readonly files: readonly {
    readonly label: string;
    readonly path: string;
    readonly link?: string;
  }[];
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
  const { answer, rest } = nowWords(input, live);
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
    now: `${answer}${rest}`,
    answer,
    stays: staysSentence(input, live),
    why: whySentence(reason, rules),
    decision: decision.digest,
    rules: {
      failed: [...rules.failed],
      unknown: [...rules.unknown],
      warnings: [...rules.warnings],
      passed: [...rules.passed],
    },
    missing: decision.missing ?? [],
    loosened: decision.loosened,
    overrides: decision.overrides,
    diagnosis: (input.diagnosis?.findings ?? []).map((finding) => {
      const { evidence, ...cause } = causeWords(finding);
      return { ...cause, evidence: [...evidence] };
    }),
    distributions: input.diagnosis?.distributions ?? [],
    causes,
    next: nextCommands(input, reason, rules, causes),
    owner: input.owner,
    deadline: input.deadline,
    runbook: input.runbook,
    files: input.files.map(({ label, path, link = null }) => ({ label, path, link })),
  };
}

const stepOf = ({ steps }: EscalationInput, type: string): string | null =>
  steps.find((step) => step.type === type)?.id ?? null;

/** "Do I have to do something now?" in a few words, and the rest of the sentence. */
function nowWords(
  { dryRun, owner, deadline, promotion, decision }: EscalationInput,
  live: string | null,
): { answer: string; rest: string } {
  if (dryRun) {
    return {
      answer: "No",
      rest: ". This was a dry run: nothing outside the state directory has changed.",
    };
  }
  const by = deadline === null ? "Before the next plan is made" : `By ${deadline}`;
  const who = owner === null ? "someone has to decide" : `${owner} decides`;
  const decide = `${by} ${who} whether version ${promotion.candidate} may go live.`;
  if (live === promotion.candidate) {
    return {
      answer: "Perhaps",
      rest: `: version ${live} is live and does not hold under these rules. ${capital(who)} ${by} whether it stays.`,
    };
  }
  const gone = missingChampion(decision);
  if (gone.length > 0) {
    return {
      answer: "Perhaps",
      rest: `: services that load ${promotion.model}@${promotion.alias} anew may find nothing. ${capital(who)} ${by.toLowerCase().startsWith("by") ? by.replace("By", "by") : by.toLowerCase()} what they are to load.`,
    };
  }
  if (decision.damaged !== undefined) {
    return {
      answer: "Perhaps",
      rest: `: ${decision.damaged.detail}. Services that load ${promotion.model}@${promotion.alias} anew may fail. ${decide}`,
    };
  }
  return live === null
    ? {
        answer: "Only if a service waits",
        rest: ` for ${promotion.model}@${promotion.alias}: it names no version yet. ${decide}`,
      }
    : { answer: "Not at once", rest: `: services go on as before. ${decide}` };
}

function staysSentence({ promotion, decision }: EscalationInput, live: string | null): string {
  const address = `${promotion.model}@${promotion.alias}`;
  const gone = missingChampion(decision);
  if (gone.length > 0 && live !== promotion.candidate)
    return `What was live under ${address} is missing: ${gone.map(({ detail }) => detail).join("; ")}. Nothing was changed, and version ${promotion.candidate} is registered, but not live.`;
  if (live === promotion.candidate) {
    return `${address} still serves version ${live}, the very version that is judged here: an earlier decision promoted it.`;
  }
  const candidate = `Version ${promotion.candidate} is registered, but not live.`;
  if (decision.damaged !== undefined) {
    const stays =
      live === null ? `What ${address} serves is not known` : `${address} still serves version ${live}`;
    return `${stays}: ${decision.damaged.detail}. ${candidate}`;
  }
  return live === null
    ? `Nothing is live yet under ${address}. Version ${promotion.candidate} is registered, but no alias that services follow names it.`
    : `${address} still serves version ${live}. Version ${promotion.candidate} is registered, but not live.`;
}

function whySentence(reason: Escalation["reason"], { failed, unknown }: SortedRules): string {
  switch (reason) {
    case "champion-moved":
      return "The gate passed, but meanwhile someone moved the alias: the candidate was never compared with what is live now.";
    case "withdrawn":
      return "The gate passed, but a person had rolled this very version back or rejected it: only a person puts it live again.";
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

function nextCommands(
  input: EscalationInput,
  reason: Escalation["reason"],
  { failed, unknown }: SortedRules,
  causes: ReturnType<typeof findCauses>,
): Escalation["next"] {
  const { run, decision, promotion, dryRun, flags } = input;
  const commands = commandsFor(flags);
  const from = (type: string) => stepOf(input, type);
  const validate = from("validate-data");
  const gate = from("gate");
  const data = input.diagnosis?.findings ?? [];
  const dataInDoubt =
    causes.drifted.length + causes.checks.length + causes.lostSeries.length + data.length > 0;
  const limitsInDoubt = reason === "gate-failed" && failed.length + unknown.length > 0;
  const step = (condition: boolean, command: string, purpose: string) =>
    condition ? [{ command, purpose }] : [];
  const isCandidateLive = promotion.before === promotion.candidate;
  const gone = missingChampion(decision);
  // Nothing moves on a damaged record but the adoption that says what is live.
  const canMove = decision.damaged === undefined || decision.damaged.version !== null;
  const about = { candidate: promotion.candidate, registry: input.registry, quarter: decision.quarter };
  return [
    { command: commands.report(run), purpose: "see every table and chart of this run" },
    { command: commands.escalation(run), purpose: "read this page again" },
    ...step(
      input.diagnosis !== null,
      commands.rows(run),
      "see the rows that are furthest from what was to be expected",
    ),
    ...(dryRun ? [] : waysOut(gone, about, commands)),
    ...(dryRun ? [] : waysOutBeside(decision, commands)),
    ...(dryRun ? [] : waysOutOfDamage(decision, commands)),
    ...step(
      dataInDoubt && validate !== null,
      commands.quarter(decision.quarter, validate ?? ""),
      "run again after the data has been corrected",
    ),
    ...step(
      limitsInDoubt && gate !== null,
      commands.quarter(decision.quarter, gate ?? ""),
      `judge again after a limit in ${input.runbook} has been changed; nothing is trained again`,
    ),
    ...step(
      reason === "champion-moved" && gate !== null,
      commands.quarter(decision.quarter, gate ?? ""),
      "compare with what is live now",
    ),
    ...step(
      reason === "digest-mismatch",
      commands.quarter(decision.quarter),
      "register and judge the model again",
    ),
    ...step(
      !dryRun,
      commandsFor({ ...flags, dryRun: true }).quarter(decision.quarter),
      "reproduce it without changing anything",
    ),
    ...step(
      !dryRun && !isCandidateLive && canMove,
      commands.approve(run),
      "let the candidate go live all the same; recorded as an override",
    ),
    ...step(!dryRun && canMove, commands.reject(run), "close it: the candidate does not go live"),
    ...step(
      !dryRun && gone.length === 0 && canMove && canRollBack(decision, promotion),
      commands.rollback(),
      "put the version before live again",
    ),
    { command: commands.models(), purpose: "see what is live and who moved it" },
  ];
}

import type {
  AdoptionRefusal,
  AnswerRefusal,
  ApprovalFailure,
  RollbackRefusal,
} from "../../kit/failures/approval.js";
import { programName } from "../../kit/program-name.js";
import { shellWord } from "../commands.js";
import { list, shortHash } from "../format.js";
import { assertNever, type FailureContext, type FailureText, quarterCommand } from "./text.js";

export function explainApprovalFailure(failure: ApprovalFailure, context: FailureContext): FailureText {
  switch (failure.code) {
    case "approval.refused": {
      const { action, run, refusal } = failure;
      const done = { approve: "approved", reject: "rejected" }[action];
      const quarter = context.quarter ?? quarterOf(run);
      const { expected, details, next } = answerText(refusal, run, { ...context, quarter });
      return {
        title: `Run ${run} cannot be ${done}: ${whyOf(refusal)}`,
        where: null,
        expected,
        details,
        next,
      };
    }
    case "approval.rollback-refused": {
      const { model, alias, refusal } = failure;
      return {
        title: `${model}@${alias} was not rolled back: ${rollbackWhy(refusal)}`,
        where: null,
        expected: rollbackExpected(refusal),
        details: ["Nothing has changed."],
        next: [`See what was live when: \`${context.commands.models()}\``],
      };
    }
    case "approval.adoption-refused": {
      const { model, alias, refusal } = failure;
      return {
        title: `${model}@${alias} adopts nothing: ${adoptionWhy(refusal)}`,
        where: null,
        ...adoptionText(refusal, context),
      };
    }
    case "approval.model-unsound": {
      const { model, version, problem } = failure;
      return {
        title: `Version ${version} of ${model} does not go live: ${
          problem.kind === "file"
            ? "its files in the registry are not those that were released"
            : "it does not forecast what it did when it was released"
        }`,
        where: problem.kind === "file" ? problem.path : `series ${problem.series}, lead ${problem.lead}`,
        expected: problem.kind === "file" ? null : `${problem.expected ?? "no number"}, within 1e-6 of it`,
        details: [
          problem.kind === "file"
            ? problem.detail
            : `The graph answers ${problem.actual ?? "no number"} now.`,
          "Nothing has changed.",
        ],
        next: [
          `Take another version that was live before: \`${context.commands.rollback()} --to VERSION\`, from \`${context.commands.models()}\``,
          ...(problem.kind === "file" && problem.quarter !== undefined
            ? [
                `Or make it again: \`${context.commands.quarter(problem.quarter)}\`, which made it, from the same rows`,
              ]
            : []),
          ...(problem.kind === "file" ? ["Or restore that file from a backup of the registry"] : []),
        ],
      };
    }
    default:
      return assertNever(failure);
  }
}

/** Of the id of a run; null where it is one of the registry. */
const quarterOf = (run: string): string | null => /^(\d{4}Q[1-4])-\d+$/.exec(run)?.[1] ?? null;

const versionText = (version: string | null): string =>
  version === null ? "no version" : `version ${version}`;

const day = (instant: string): string => instant.slice(0, 10);

function whyOf(refusal: AnswerRefusal): string {
  switch (refusal.kind) {
    case "dry-run":
      return "it was a dry run, and registered nothing";
    case "unfinished":
      return "it has no verdict yet";
    case "not-escalated":
      return `it did not escalate (verdict: ${refusal.verdict})`;
    case "no-decision":
      return "the registry has no sound record of its decision";
    case "decision-changed":
      return "its decision is another one by now";
    case "gate-passed":
      return "the gate has nothing against its candidate";
    case "live":
      return `version ${refusal.version} is live already`;
    case "promoted":
      return `it was promoted by ${refusal.by} on ${day(refusal.at)}`;
    case "rejected":
      return `${refusal.by} rejected it on ${day(refusal.at)}`;
    case "champion-moved":
      return "the live version is not the one that the gate compared with";
    case "model-changed":
      return "the registered model is not the one that the gate judged";
    case "not-approver":
      return `${refusal.by} is not among its approvers`;
    default:
      return assertNever(refusal);
  }
}

function answerText(
  refusal: AnswerRefusal,
  run: string,
  context: FailureContext,
): Pick<FailureText, "expected" | "details" | "next"> {
  const unchanged = "Nothing has changed.";
  const { commands } = context;
  const undo = `Go back to the version before: \`${commands.rollback()}\``;
  const judgeAgain = `Judge the quarter again: ${quarterCommand(context)}`;
  switch (refusal.kind) {
    case "dry-run":
      return {
        expected: "a run that escalated",
        details: [],
        next: [`Run the quarter without --dry-run: ${quarterCommand(context)}`],
      };
    case "unfinished":
      return {
        expected: "a run that escalated",
        details: [],
        next: [`Let it finish: \`${programName()} resume ${shellWord(run)}\``],
      };
    case "not-escalated":
      return {
        expected: "a run that escalated",
        details: [],
        next: [`See its runs: \`${commands.runs()}\``],
      };
    case "no-decision":
      return {
        expected: "the record that the gate wrote",
        details: [refusal.detail, unchanged],
        next: [judgeAgain],
      };
    case "decision-changed":
      return {
        expected: `decision ${shortHash(refusal.seen)}`,
        details: [`The registry has ${shortHash(refusal.actual)}.`, unchanged],
        next: [`Read the page of the newest run of the quarter, and answer that one: \`${commands.runs()}\``],
      };
    case "gate-passed":
      return { expected: "a rule to override", details: [unchanged], next: [judgeAgain] };
    case "live":
      return { expected: null, details: [], next: [undo] };
    case "promoted": {
      const { version, live } = refusal;
      if (live === version) return { expected: null, details: [], next: [undo] };
      return {
        expected: null,
        details: [`The alias moved on since: live is ${versionText(live)}.`],
        next: [`Put it back: \`${commands.rollback()} --to ${version}\``],
      };
    }
    case "rejected":
      return {
        expected: null,
        details: [`Their reason: ${refusal.reason}`, unchanged],
        next: [`Correct what they found and run the quarter again: ${quarterCommand(context)}`],
      };
    case "champion-moved":
      return {
        expected: `${versionText(refusal.baseline)} live`,
        details: [
          `Live is ${versionText(refusal.live)}: the candidate was never compared with it.`,
          unchanged,
        ],
        next: [judgeAgain],
      };
    case "model-changed":
      return {
        expected: `digest ${shortHash(refusal.judged)}`,
        details: [
          `The registry has ${refusal.actual === null ? "no model" : shortHash(refusal.actual)}.`,
          unchanged,
        ],
        next: [judgeAgain],
      };
    case "not-approver":
      return {
        expected: `one of ${list(refusal.approvers)}`,
        details: [unchanged],
        next: ["Ask one of them; `escalation.approvals.approvers` of the runbook names them"],
      };
    default:
      return assertNever(refusal);
  }
}

function rollbackWhy(refusal: RollbackRefusal): string {
  switch (refusal.kind) {
    case "nothing-live":
      return "it names no version";
    case "nothing-before":
      return `nothing was live before version ${refusal.live}`;
    case "live":
      return `version ${refusal.version} is live already`;
    case "never-live":
      return `version ${refusal.version} was never live`;
    case "other-model":
      return `version ${refusal.version} is not the model that was live under this number`;
    case "pending":
      return `version ${refusal.version} has no model`;
    case "moved":
      return `somebody moved it to ${versionText(refusal.live)} meanwhile`;
    default:
      return assertNever(refusal);
  }
}

function rollbackExpected(refusal: RollbackRefusal): string | null {
  switch (refusal.kind) {
    case "never-live":
      return `a version that was live; one that was not needs \`${programName()} approve\``;
    case "moved":
      return `${versionText(refusal.expected)} live`;
    default:
      return null;
  }
}

function adoptionWhy(refusal: AdoptionRefusal): string {
  switch (refusal.kind) {
    case "live":
      return `version ${refusal.version} is live`;
    case "pending":
      return `version ${refusal.version} has no model`;
    case "replaced":
      return `version ${refusal.version} is not the one that was live as ${refusal.version} from ${day(refusal.at)} on`;
    case "rejected":
      return `${refusal.by} rejected version ${refusal.version} on ${day(refusal.at)}`;
    case "not-approver":
      return `${refusal.by} is not among its approvers`;
    case "moved":
      return `somebody moved it to ${versionText(refusal.live)} meanwhile`;
    default:
      return assertNever(refusal);
  }
}

function adoptionText(
  refusal: AdoptionRefusal,
  { commands }: FailureContext,
): Pick<FailureText, "expected" | "details" | "next"> {
  const details = ["Nothing has changed."];
  const see = `See what there is: \`${commands.models()}\``;
  switch (refusal.kind) {
    case "live":
      return {
        expected: "an alias that names no version that is there",
        details,
        next: [
          `Put a version that was live before in its place: \`${commands.rollback()} --to VERSION\``,
          `Or the candidate of an escalated run: \`${commands.approve("RUN")}\``,
        ],
      };
    case "rejected":
      return {
        expected: "a version that nobody rejected",
        details: [`Their reason: ${refusal.reason}`, ...details],
        next: [see],
      };
    case "not-approver":
      return {
        expected: `one of ${list(refusal.approvers)}`,
        details,
        next: ["Ask one of them; `escalation.approvals.approvers` of the runbook names them"],
      };
    case "replaced":
      return {
        expected: "the model that had that number; the registry gave the number again",
        details,
        next: [see, `A candidate of an escalated run goes live by \`${commands.approve("RUN")}\``],
      };
    case "pending":
    case "moved":
      return { expected: null, details, next: [see] };
    default:
      return assertNever(refusal);
  }
}

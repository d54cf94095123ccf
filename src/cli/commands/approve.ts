import {
  type ApprovalOutcome,
  approve as approveSubject,
  canApprove,
  distinct,
  requireApprover,
} from "../../approval/approve.js";
import { type NewerRun, newerRuns } from "../../approval/newer.js";
import type { Subject } from "../../approval/subject.js";
import { expiryProblem, isSamePerson, lastDay, tidy } from "../../approval/words.js";
import { fail } from "../../kit/failure.js";
import type { ApprovalPolicy } from "../../kit/specs.js";
import type { Commands } from "../../report/commands.js";
import { list, plural } from "../../report/format.js";
import type { Style } from "../../report/style.js";
import { systemClock } from "../adapters.js";
import { askYes, sayOrAsk, sayUnchanged, typedWith, type Wanted, whoAndWhy } from "../decide/ask.js";
import { openSubject, type PersonOptions, speaking } from "../decide/open.js";
import { showOnPages } from "../decide/pages.js";
import { commandsOf, factsText, goldenText, saidText, subjectText, versionText } from "../decide/text.js";
import { canAsk } from "../prompt.js";
import { openTerminal } from "../terminal.js";

export interface ApproveOptions extends PersonOptions {
  readonly expires?: string;
  readonly decision?: string;
  /** Although a newer quarter was run since. */
  readonly despiteNewer?: boolean;
}

/** Lets the candidate of an escalated run go live, as an override of the rules that refused it. */
export const approve = (name: string | undefined, options: ApproveOptions): Promise<void> =>
  speaking(options, name ?? null, async () => {
    const terminal = openTerminal();
    const json = options.json ?? false;
    const now = systemClock.now();
    const today = now.slice(0, 10);
    const wanted = [
      ...whoAndWhy(options),
      {
        flag: "expires",
        placeholder: "DATE",
        question: `Last day that it counts (${today} to ${lastDay(today)})`,
        given: options.expires,
        problem: (text: string) => expiryProblem(text, today),
      },
    ];
    const { runbook, registry, engine, subject } = await openSubject("approve", name, options, terminal);
    const policy = runbook.escalation.approvals;
    const isOpen = await canApprove(registry, subject);
    const newer = isOpen && !options.despiteNewer ? await newerRuns(registry, subject) : [];
    if (newer.length > 0 && !canAsk(terminal, json)) refuseOlder(subject, newer, wanted);
    if (newer.length > 0) {
      terminal.talk(`! ${newerText(subject, newer)}\n`);
      if (!(await askYes("Go on all the same?"))) return sayUnchanged(terminal);
    }
    const said = await sayOrAsk(terminal, wanted, {
      shown: () => subjectText(subject, terminal.talkStyle),
      confirm: `Put version ${subject.candidate} live?`,
      json,
      typed: ["approve", subject.run],
    });
    if (said === null) return sayUnchanged(terminal);
    const [by, reason, expires] = said.map(tidy) as [string, string, string];
    requireApprover(subject, policy, by);
    const words = { by, reason: terminal.mask(reason), expires };
    const outcome = await approveSubject(registry, subject, policy, words, now);
    const { model, alias } = subject.decision;
    await showOnPages(terminal, { registry, engine, model, alias, runs: [subject.registryRun.runId] });
    terminal.show(json, documentOf(subject, policy, outcome), (style) =>
      approvalText(subject, policy, outcome, commandsOf(options), style),
    );
  });

/** Why the candidate is not what a person may think that it is. */
function newerText({ decision, candidate }: Subject, newer: readonly NewerRun[]): string {
  const runs = newer.map(
    ({ quarter, run, verdict }) => `${quarter} (run ${run}, ${verdict ?? "no verdict yet"})`,
  );
  return `${list(runs)} ${newer.length === 1 ? "was" : "were"} run after ${decision.quarter}: version ${candidate} knows nothing after ${decision.cutoff}`;
}

function refuseOlder(subject: Subject, newer: readonly NewerRun[], wanted: readonly Wanted[]): never {
  return fail({
    code: "usage.invalid",
    retryable: false,
    message: `${newerText(subject, newer)}; --despite-newer approves it all the same, and there is no terminal to ask at`,
    next: `\`${typedWith(["approve", subject.run], wanted)} --despite-newer\``,
  });
}

function documentOf(
  { run, decision, candidate, live, blocking }: Subject,
  { required }: ApprovalPolicy,
  { outcome, approvals, live: after, golden }: ApprovalOutcome,
) {
  return {
    outcome,
    run,
    quarter: decision.quarter,
    model: decision.model,
    alias: decision.alias,
    version: candidate,
    decision: decision.digest,
    live: { before: live, after },
    overrides: blocking.map(({ id }) => id),
    required,
    approvals,
    golden,
  };
}

function approvalText(
  { run, decision, candidate, baseline, blocking }: Subject,
  { required, approvers }: ApprovalPolicy,
  { outcome, approvals, live, golden, previous }: ApprovalOutcome,
  commands: Commands,
  style: Style,
): string {
  const address = `${decision.model}@${decision.alias}`;
  const lacking = required - distinct(approvals).length;
  const isLive = live === candidate;
  const headline = {
    approved: `Approved: ${address} names version ${candidate} now, ${versionText(baseline)} before`,
    waiting: `Recorded: ${plural(lacking, "more approval")} of another person is needed; ${versionText(live)} stays live`,
    already: isLive
      ? `Already approved: ${address} names version ${candidate}`
      : `Already recorded: ${plural(lacking, "more approval")} of another person is needed; ${versionText(live)} stays live`,
  }[outcome];
  const nextFacts = (): (readonly [string, string])[] => {
    if (isLive) return previous === null ? [] : [["undo", commands.rollback()]];
    const who = approvers.length === 0 ? "" : `   (${list(others(approvers, approvals))})`;
    return [["next", `${commands.approve(run)} --decision ${decision.digest}${who}`]];
  };
  const facts: (readonly [string, string])[] = [
    ...(blocking.length === 0 ? [] : [["overrides", blocking.map(({ id }) => id).join(", ")] as const]),
    ...approvals.map((record) => ["by", saidText(record)] as const),
    ...(outcome === "approved" ? [["checked", goldenText(golden)] as const] : []),
    ...nextFacts(),
  ];
  return factsText(headline, facts, style);
}

const others = (approvers: readonly string[], approvals: ApprovalOutcome["approvals"]): string[] => {
  const names = distinct(approvals);
  return approvers.filter((name) => !names.some((other) => isSamePerson(name, other)));
};

import { answerKey, isCutOff, rejectedAlias } from "../history/alias-trail.js";
import { approvalsOfRun, isExpired } from "../history/approvals.js";
import { versionBefore } from "../history/model-moves.js";
import { settleTrail } from "../history/trail-marks.js";
import type { Approval } from "../kit/artifacts/approval.js";
import { fail } from "../kit/failure.js";
import type { ModelRegistry } from "../kit/registry.js";
import type { ApprovalPolicy } from "../kit/specs.js";
import { approvalRecord, tellRun, writeRecord } from "./records.js";
import { requireSoundModel, type Soundness } from "./sound-model.js";
import { refuse, requireEscalated, type Subject } from "./subject.js";
import { isSamePerson, type Words } from "./words.js";

export interface ApprovalOutcome {
  /** `waiting`: recorded, and nothing moves before enough others approve too. */
  readonly outcome: "approved" | "waiting" | "already";
  /** Approvals of the decision that count, oldest first. */
  readonly approvals: readonly Approval[];
  /** What the alias names now. */
  readonly live: string | null;
  /** Null where nothing was moved, or nothing could be compared. */
  readonly golden: Soundness;
  /** What a rollback would go back to, once the candidate is live; null where nothing is. */
  readonly previous: string | null;
}

/**
 * Everything that can be said before a person has spoken.
 * @returns false when the decision was approved already, and its candidate is live
 * @throws FailureError `approval.refused`
 */
export async function canApprove(registry: ModelRegistry, subject: Subject): Promise<boolean> {
  const { decision, candidate, baseline, live, answer } = subject;
  if (answer !== null && answer.alias !== decision.alias)
    return refuse(subject, { kind: "rejected", by: answer.by, at: answer.at, reason: answer.reason });
  if (answer !== null && live === candidate) return false;
  if (answer !== null && !isCutOff(subject.moves, answer, live))
    return refuse(subject, { kind: "promoted", version: candidate, by: answer.by, at: answer.at, live });
  if (answer === null) requireEscalated(subject);
  if (live !== baseline || !(await isSameChampion(registry, subject)))
    refuse(subject, { kind: "champion-moved", baseline, live });
  const version = await registry.getVersion(decision.model, candidate);
  if (version?.digest !== decision.candidate.digest) {
    const actual = version?.digest ?? null;
    refuse(subject, { kind: "model-changed", judged: decision.candidate.digest, actual });
  }
  return true;
}

/**
 * Records the approval, and once there are as many as the policy asks for, moves the alias, if it still names what the gate compared with. The record
 * comes first: whatever is cut off after it, the same words again find it and go on.
 * @param now ISO instant
 * @throws FailureError `approval.refused`, `approval.model-unsound`; nothing has moved then
 */
export async function approve(
  registry: ModelRegistry,
  subject: Subject,
  policy: ApprovalPolicy,
  words: Words & { readonly expires: string },
  now: string,
): Promise<ApprovalOutcome> {
  const { decision, candidate, baseline, registryRun } = subject;
  requireApprover(subject, policy, words.by);
  if (!(await canApprove(registry, subject))) {
    const answer = subject.answer!;
    const approvals = counting(approvalsOfRun(registryRun), subject, policy, answer.at);
    // A kill may have come right after the move.
    if (subject.moves.at(-1)?.key === answer.key) await settle(registry, subject);
    await tellRun(registry, registryRun, "approved", answer);
    return {
      outcome: "already",
      approvals,
      live: subject.live,
      golden: null,
      previous: await previous(registry, subject),
    };
  }
  const version = await registry.getVersion(decision.model, candidate);
  const golden = await requireSoundModel(registry, version!);

  const isMine = ({ by }: Approval) => isSamePerson(by, words.by);
  const known = counting(approvalsOfRun(registryRun), subject, policy, now).find(isMine);
  if (known === undefined)
    await writeRecord(registry, registryRun.runId, approvalRecord(subject, { ...words, at: now }));

  // Read after it was written: of two people at the same time at least one sees both.
  const approvals = counting(await recordsNow(registry, subject), subject, policy, now);
  if (distinct(approvals).length < policy.required) {
    const outcome = known === undefined ? "waiting" : "already";
    return { outcome, approvals, live: subject.live, golden: null, previous: null };
  }
  const moved = await registry.moveAlias({
    name: decision.model,
    alias: decision.alias,
    to: candidate,
    expected: baseline,
    by: distinct(approvals).join(" and "),
    reason: reasonOf(subject, approvals),
    decision: decision.digest,
    key: answerKey(decision.alias, decision.digest),
  });
  if (moved.outcome === "conflict")
    return refuse(subject, { kind: "champion-moved", baseline, live: moved.current });
  const { move } = moved;
  if (move.alias === rejectedAlias(decision.alias))
    return refuse(subject, { kind: "rejected", by: move.by, at: move.at, reason: move.reason });
  const live = await registry.getAlias(decision.model, decision.alias);
  // Made before, and somebody moved the alias back by hand.
  if (live !== candidate)
    return refuse(subject, { kind: "promoted", version: candidate, by: move.by, at: move.at, live });
  await settle(registry, subject);
  await tellRun(registry, registryRun, "approved", move);
  const outcome = moved.outcome === "moved" ? "approved" : "already";
  return { outcome, approvals, live, golden, previous: await previous(registry, subject) };
}

const previous = (registry: ModelRegistry, { decision, candidate }: Subject): Promise<string | null> =>
  versionBefore(registry, { model: decision.model, alias: decision.alias, live: candidate });

const settle = (registry: ModelRegistry, { decision, earlier, registryRun }: Subject): Promise<void> =>
  settleTrail(registry, decision.model, earlier, registryRun.runId);

/** Whether the number that is live still means the model that the gate compared with. */
async function isSameChampion(
  registry: ModelRegistry,
  { decision: { model, baseline }, live }: Subject,
): Promise<boolean> {
  if (live === null || baseline === null || baseline.digest === null) return true;
  return (await registry.getVersion(model, live))?.digest === baseline.digest;
}

/** @throws FailureError `approval.refused` for somebody whom the runbook does not name */
export function requireApprover(subject: Subject, { approvers }: ApprovalPolicy, by: string): void {
  if (approvers.length > 0 && !approvers.some((name) => isSamePerson(name, by)))
    refuse(subject, { kind: "not-approver", by, approvers });
}

/** Approvals of this very decision, by people who may, that have not expired at an instant. */
export function counting(
  records: readonly Approval[],
  { decision }: Subject,
  { approvers }: ApprovalPolicy,
  at: string,
): Approval[] {
  return records.filter(
    (record) =>
      record.kind === "approval" &&
      record.decision === decision.digest &&
      (approvers.length === 0 || approvers.some((name) => isSamePerson(name, record.by))) &&
      !isExpired(record, at.slice(0, 10)),
  );
}

/** Names of the people, each once. */
export function distinct(approvals: readonly Approval[]): string[] {
  const names: string[] = [];
  for (const { by } of approvals) if (!names.some((name) => isSamePerson(name, by))) names.push(by);
  return names;
}

async function recordsNow(registry: ModelRegistry, { registryRun }: Subject): Promise<Approval[]> {
  const { runId } = registryRun;
  const run = await registry.getRun(runId);
  return approvalsOfRun(run ?? fail({ code: "registry.run-missing", retryable: false, runId }));
}

function reasonOf({ blocking }: Subject, approvals: readonly Approval[]): string {
  const reasons = [...new Set(approvals.map(({ reason }) => reason))].join("; ");
  return blocking.length === 0 ? reasons : `overrides ${blocking.map(({ id }) => id).join(", ")}: ${reasons}`;
}

import { answerKey, rejectedAlias } from "../history/alias-trail.js";
import { trailTags } from "../history/trail-marks.js";
import type { Approval } from "../kit/artifacts/approval.js";
import type { AliasMove, ModelRegistry } from "../kit/registry.js";
import { rejectionRecord, tellRun, writeRecord } from "./records.js";
import { refuse, requireEscalated, type Subject } from "./subject.js";
import type { Words } from "./words.js";

export interface RejectionOutcome {
  readonly outcome: "rejected" | "already";
  readonly record: Approval;
}

/** @throws FailureError `approval.refused` for a run that has nothing to reject */
export function requireRejectable(subject: Subject): void {
  const { answer, decision, candidate, live } = subject;
  if (answer === null) requireEscalated(subject);
  else if (answer.alias === decision.alias)
    refuse(subject, { kind: "promoted", version: candidate, by: answer.by, at: answer.at, live });
}

/**
 * Closes an escalated run: its decision cannot be approved any more, and a fresh decision about the same version does not promote it. The move of the
 * alias `…-rejected` comes first, since an approval at the same time takes the same key; the record follows from it.
 * @throws FailureError `approval.refused`
 */
export async function reject(
  registry: ModelRegistry,
  subject: Subject,
  { by, reason }: Words,
): Promise<RejectionOutcome> {
  requireRejectable(subject);
  const { decision, candidate, registryRun } = subject;
  const moved = await registry.moveAlias({
    name: decision.model,
    alias: rejectedAlias(decision.alias),
    to: candidate,
    by,
    reason,
    decision: decision.digest,
    key: answerKey(decision.alias, decision.digest),
  });
  // Without an expectation there is no conflict.
  const { move } = moved as { readonly move: AliasMove };
  if (move.alias === decision.alias) {
    const live = await registry.getAlias(decision.model, decision.alias);
    return refuse(subject, { kind: "promoted", version: candidate, by: move.by, at: move.at, live });
  }
  const tags = await trailTags(registry, decision.model, subject.earlier);
  const record = await writeRecord(registry, registryRun.runId, rejectionRecord(subject, move), tags);
  await tellRun(registry, registryRun, "rejected", move);
  return { outcome: moved.outcome === "moved" ? "rejected" : "already", record };
}

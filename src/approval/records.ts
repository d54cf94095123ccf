import { approvalOf, approvalTag } from "../history/approvals.js";
import { RUN_TAGS } from "../history/run-tags.js";
import type { Approval } from "../kit/artifacts/approval.js";
import type { AliasMove, ModelRegistry, RegistryRun } from "../kit/registry.js";
import type { Subject } from "./subject.js";

/** Writes a record into a run of the registry. The same record again is fine. */
export async function writeRecord(
  registry: ModelRegistry,
  runId: string,
  record: Approval,
): Promise<Approval> {
  await registry.logRun(runId, { tags: { [approvalTag(record)]: JSON.stringify(record) } });
  return record;
}

export function approvalRecord(
  { registryRun, decision, candidate, baseline, blocking }: Subject,
  said: { readonly by: string; readonly reason: string; readonly at: string; readonly expires: string },
): Approval {
  return approvalOf({
    kind: "approval",
    run: runOf(registryRun),
    registryRun: registryRun.runId,
    quarter: decision.quarter,
    model: decision.model,
    alias: decision.alias,
    version: candidate,
    live: baseline,
    decision: decision.digest,
    overrides: blocking.map(({ id }) => id),
    ...said,
  });
}

/** Made of the move that it is about, so that it is one record however often it is written. */
export function rejectionRecord({ registryRun, decision, baseline }: Subject, move: AliasMove): Approval {
  return approvalOf({
    kind: "rejection",
    run: runOf(registryRun),
    registryRun: registryRun.runId,
    quarter: decision.quarter,
    model: decision.model,
    alias: decision.alias,
    version: move.to,
    live: baseline,
    decision: decision.digest,
    overrides: [],
    by: move.by,
    reason: move.reason,
    at: move.at,
    expires: null,
  });
}

/** As `rejectionRecord`. */
export function rollbackRecord(model: string, move: AliasMove): Approval {
  return approvalOf({
    kind: "rollback",
    run: null,
    registryRun: null,
    quarter: null,
    model,
    alias: move.alias,
    version: move.to,
    live: move.from,
    decision: null,
    overrides: [],
    by: move.by,
    reason: move.reason,
    at: move.at,
    expires: null,
  });
}

/** The run that made the registry's run: later runs that came to it have other names. */
const runOf = ({ tags, name }: RegistryRun): string => tags[RUN_TAGS.run] ?? name;

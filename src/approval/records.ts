import { approvalOf, approvalTag } from "../history/approvals.js";
import { isRecord } from "../history/left-behind.js";
import { RUN_TAGS } from "../history/run-tags.js";
import type { Approval } from "../kit/artifacts/approval.js";
import type { PersonDecision } from "../kit/artifacts/person-decision.js";
import type { AliasMove, ModelRegistry, ModelVersion, RegistryRun } from "../kit/registry.js";
import type { Subject } from "./subject.js";

/** What stands for the quarter of a run that is none of a quarter. */
const NO_QUARTER = "none";

/**
 * Writes a record into a run of the registry. The same record again is fine.
 * @param tags what else the run says from then on
 */
export async function writeRecord(
  registry: ModelRegistry,
  runId: string,
  record: Approval,
  tags: Readonly<Record<string, string>> = {},
): Promise<Approval> {
  await registry.logRun(runId, { tags: { ...tags, [approvalTag(record)]: JSON.stringify(record) } });
  return record;
}

/** What people say of an alias where no run of a quarter holds it. */
interface Said {
  readonly model: string;
  readonly alias: string;
  /** Of the move that follows: there is one such run for it. */
  readonly key: string;
  /** What they say, in a few words, for the name of the run. */
  readonly what: string;
  /** ISO instant. */
  readonly at: string;
}

/** The registry run that holds what people say of a version: the one that made it, where that is there, or else one that is made for it. */
export async function homeOfRecord(
  registry: ModelRegistry,
  version: ModelVersion | null,
  { model, alias, key, what, at }: Said,
): Promise<RegistryRun> {
  const runs = version === null ? [] : await registry.listRuns(model);
  const made = runs.find((run) => run.runId === version?.runId && !isRecord(run));
  if (made !== undefined) return made;
  return registry.ensureRun({
    key,
    model,
    name: `${model}@${alias}: ${what}`,
    quarter: NO_QUARTER,
    cutoff: at.slice(0, 10),
    tags: { [RUN_TAGS.adoption]: alias },
  });
}

/** Says in a run of the registry, if it is there, what was decided about it last. The record and the move count; this is for whoever looks at the run. */
export async function tellRun(
  registry: ModelRegistry,
  { model, runId }: { readonly model: string; readonly runId: string },
  kind: PersonDecision["kind"],
  { by, at, reason }: Pick<AliasMove, "by" | "at" | "reason">,
): Promise<void> {
  if ((await registry.listRuns(model)).every((run) => run.runId !== runId)) return;
  const tags = {
    [RUN_TAGS.decided]: kind,
    [RUN_TAGS.decidedBy]: by,
    [RUN_TAGS.decidedAt]: at,
    [RUN_TAGS.decidedWhy]: reason,
  };
  await registry.logRun(runId, { tags });
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

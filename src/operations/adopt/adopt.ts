import { distinct } from "../../approval/approve.js";
import { homeOfRecord, tellRun, writeRecord } from "../../approval/records.js";
import { requireSoundModel, type Soundness } from "../../approval/sound-model.js";
import { isSamePerson, type Words } from "../../approval/words.js";
import { approvalOf, approvalsOfRun, isExpired } from "../../history/approvals.js";
import { LEFT_BEHIND_TAG, type LeftBehind } from "../../history/left-behind.js";
import { settleTrail } from "../../history/trail-marks.js";
import type { Approval } from "../../kit/artifacts/approval.js";
import { fail } from "../../kit/failure.js";
import type { ModelRegistry, RegistryRun } from "../../kit/registry.js";
import type { ApprovalPolicy } from "../../kit/specs.js";
import { type AdoptionPlan, moveKey, refuse } from "./plan.js";

export interface AdoptionOutcome {
  /** `waiting`: recorded, and nothing changes before enough others say so too. */
  readonly outcome: "adopted" | "left-behind" | "waiting" | "already";
  /** Records that count, oldest first. */
  readonly records: readonly Approval[];
  /** What the alias names now. */
  readonly live: string | null;
  /** Null where nothing was moved, or nothing could be compared. */
  readonly golden: Soundness;
}

/** What stands for the version in the record of a start anew. */
const NONE = "none";

/** The rule of the gate that an adoption answers. */
const ANSWERED = "champion-missing";

/**
 * Records what a person says, and once as many have said it as the policy asks for, puts the version live, or leaves what was live behind, so that
 * the next quarter is a first release. The record comes first: whatever is cut off after it, the same words again find it and go on.
 * @param now ISO instant
 * @throws FailureError `approval.adoption-refused`, `approval.model-unsound`; nothing has moved then
 */
export async function adopt(
  registry: ModelRegistry,
  plan: AdoptionPlan,
  policy: ApprovalPolicy,
  words: Words & { readonly expires: string },
  now: string,
): Promise<AdoptionOutcome> {
  requireApprover(plan, policy, words.by);
  const golden = plan.target === null ? null : await requireSoundModel(registry, plan.target);
  const { model, alias, target } = plan;
  const what = target === null ? "start anew" : `version ${target.version} adopted`;
  const home = await homeOfRecord(registry, target, { model, alias, key: moveKey(plan), what, at: now });
  const isOurs = recordsOf(plan, policy, now);
  const isMine = ({ by }: Approval) => isSamePerson(by, words.by);
  const known = approvalsOfRun(home).filter(isOurs);
  const isKnown = known.some(isMine);
  if (!isKnown) await writeRecord(registry, home.runId, recordOf(plan, words, now));

  // Read after it was written: of two people at the same time at least one sees both.
  const run = (await registry.getRun(home.runId)) ?? missingRun(home.runId);
  const records = approvalsOfRun(run).filter(isOurs);
  if (distinct(records).length < policy.required) {
    return { outcome: isKnown ? "already" : "waiting", records, live: plan.named, golden: null };
  }
  if (plan.target === null) {
    const left = await leaveBehind(registry, plan, run, records);
    await settleTrail(registry, plan.model, plan.earlier, run.runId);
    return left;
  }
  const done = await putLive(registry, plan, records, golden);
  // It was put live by these words before, and the alias was lost again since: then it takes words of now.
  const isLost = done.outcome === "already" && done.live !== plan.version;
  if (isLost) return adopt(registry, { ...plan, after: moveKey(plan) }, policy, words, now);
  await settleTrail(registry, plan.model, plan.earlier, run.runId);
  return done;
}

function requireApprover(plan: AdoptionPlan, { approvers }: ApprovalPolicy, by: string): void {
  if (approvers.length > 0 && !approvers.some((name) => isSamePerson(name, by)))
    refuse(plan, { kind: "not-approver", by, approvers });
}

/** Records about the same version in the same situation, by people who may, that have not expired. */
const recordsOf =
  (plan: AdoptionPlan, { approvers }: ApprovalPolicy, now: string) =>
  (record: Approval): boolean =>
    record.kind === "adoption" &&
    record.alias === plan.alias &&
    record.version === (plan.version ?? NONE) &&
    (record.after ?? null) === plan.after &&
    (approvers.length === 0 || approvers.some((name) => isSamePerson(name, record.by))) &&
    !isExpired(record, now.slice(0, 10));

const recordOf = (
  { model, alias, version, named, after }: AdoptionPlan,
  { by, reason, expires }: Words & { readonly expires: string },
  at: string,
): Approval =>
  approvalOf({
    kind: "adoption",
    run: null,
    registryRun: null,
    quarter: null,
    model,
    alias,
    version: version ?? NONE,
    live: named,
    decision: null,
    overrides: [ANSWERED],
    by,
    reason,
    at,
    expires,
    after,
  });

async function leaveBehind(
  registry: ModelRegistry,
  { model, alias, after, named }: AdoptionPlan,
  { runId, tags }: RegistryRun,
  records: readonly Approval[],
): Promise<AdoptionOutcome> {
  const done = { records, live: named, golden: null };
  if (LEFT_BEHIND_TAG in tags) return { outcome: "already", ...done };
  const said: LeftBehind = { alias, after, id: records.at(-1)!.id };
  await registry.logRun(runId, { tags: { [LEFT_BEHIND_TAG]: JSON.stringify(said) } });
  await tellRun(registry, { model, runId }, "left-behind", records.at(-1)!);
  return { outcome: "left-behind", ...done };
}

async function putLive(
  registry: ModelRegistry,
  plan: AdoptionPlan,
  records: readonly Approval[],
  golden: Soundness,
): Promise<AdoptionOutcome> {
  const { model, alias, named, isTrailDamaged } = plan;
  const moved = await registry.moveAlias({
    name: model,
    alias,
    to: plan.target!.version,
    ...(isTrailDamaged ? { mend: true } : { expected: named }),
    by: distinct(records).join(" and "),
    reason: [...new Set(records.map(({ reason }) => reason))].join("; "),
    decision: null,
    key: moveKey(plan),
  });
  if (moved.outcome === "conflict") return refuse(plan, { kind: "moved", live: moved.current });
  await tellRun(registry, { model, runId: plan.target!.runId }, "adopted", moved.move);
  const outcome = moved.outcome === "moved" ? "adopted" : "already";
  return { outcome, records, live: await registry.getAlias(model, alias), golden };
}

const missingRun = (runId: string): never => fail({ code: "registry.run-missing", retryable: false, runId });

/** The records by which a version that is live was adopted. */
export async function adoptionOf(
  registry: ModelRegistry,
  { model, alias }: { readonly model: string; readonly alias: string },
  version: string,
): Promise<AdoptionOutcome> {
  const records = (await registry.listRuns(model))
    .flatMap(approvalsOfRun)
    .filter((record) => record.kind === "adoption" && record.alias === alias && record.version === version);
  return { outcome: "already", records, live: version, golden: null };
}

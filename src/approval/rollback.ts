import { createHash } from "node:crypto";
import { isRollback, releases, rollbackKey } from "../history/alias-trail.js";
import type { Approval } from "../kit/artifacts/approval.js";
import { fail } from "../kit/failure.js";
import type { RollbackRefusal } from "../kit/failures/approval.js";
import { canonicalJson } from "../kit/json.js";
import type { AliasMove, ModelRegistry, ModelVersion } from "../kit/registry.js";
import { rollbackRecord, writeRecord } from "./records.js";
import { requireSoundModel, type Soundness } from "./sound-model.js";
import { isSamePerson, type Words } from "./words.js";

export interface RollbackAsked {
  readonly model: string;
  readonly alias: string;
  /** Null for the version that was live before. */
  readonly to: string | null;
}

/** What a rollback would do. */
export interface RollbackPlan extends RollbackAsked {
  /** What the alias names; null: nothing, though it did. */
  readonly from: string | null;
  readonly target: ModelVersion;
  /** Moves of the alias so far. */
  readonly moves: number;
  readonly last: AliasMove | null;
}

export interface RollbackOutcome {
  readonly outcome: "rolled-back" | "already";
  readonly record: Approval;
  /** Null where nothing was moved, or the version has no golden predictions. */
  readonly golden: Soundness;
}

const refuse = ({ model, alias }: RollbackAsked, refusal: RollbackRefusal): never =>
  fail({ code: "approval.rollback-refused", retryable: false, model, alias, refusal });

/**
 * Finds the version to go back to. A rollback that was just made with the same words is not one more step back: it is answered with its record.
 * @param words null where nobody has spoken yet
 * @throws FailureError `approval.rollback-refused`, `registry.version-missing`
 */
export async function planRollback(
  registry: ModelRegistry,
  asked: RollbackAsked,
  words: Words | null,
): Promise<RollbackPlan | RollbackOutcome> {
  const { model, alias, to } = asked;
  const live = await registry.getAlias(model, alias);
  const history = await registry.aliasHistory(model);
  const moves = history.filter((move) => move.alias === alias);
  if (live === null && moves.length === 0) return refuse(asked, { kind: "nothing-live" });
  const last = moves.at(-1) ?? null;
  if (last !== null && last.to === live && words !== null && isRepeated(last, asked, words))
    return { outcome: "already", record: await record(registry, model, last), golden: null };
  const isThere = live !== null && (await registry.getVersion(model, live)) !== null;
  if (isThere && to === live) return refuse(asked, { kind: "live", version: live });

  const named = releases(history, alias);
  // An alias that was set by hand is in no history yet. Where what was live is gone, the last one that is there.
  const before = isThere
    ? named.at(named.at(-1) === live ? -2 : -1)
    : await lastOneThere(registry, model, named);
  const number = to ?? before ?? refuse(asked, { kind: "nothing-before", live: live ?? named.at(-1)! });
  const target = await requireVersion(registry, model, number);
  if (!moves.some((move) => move.to === number)) refuse(asked, { kind: "never-live", version: number });
  if (target.status === "pending") refuse(asked, { kind: "pending", version: number });
  return { ...asked, from: live, target, moves: moves.length, last };
}

async function lastOneThere(
  registry: ModelRegistry,
  model: string,
  named: readonly string[],
): Promise<string | undefined> {
  for (const version of [...named].reverse())
    if ((await registry.getVersion(model, version)) !== null) return version;
  return undefined;
}

/**
 * Moves the alias back, if it still names what it named when the rollback was planned and the version still forecasts what it did. The record follows from
 * the move, so that the same words again write it where a kill came between.
 * @throws FailureError `approval.rollback-refused`, `approval.model-unsound`; nothing has moved then
 */
export async function rollBack(
  registry: ModelRegistry,
  plan: RollbackPlan,
  { by, reason }: Words,
): Promise<RollbackOutcome> {
  const { model, alias, from, target, moves } = plan;
  const golden = await requireSoundModel(registry, target);
  const told = canonicalJson({ from, to: target.version, by, reason, moves });
  const id = createHash("sha256").update(told).digest("hex").slice(0, 12);
  const moved = await registry.moveAlias({
    name: model,
    alias,
    to: target.version,
    expected: from,
    by,
    reason,
    decision: null,
    key: rollbackKey(alias, id),
  });
  if (moved.outcome === "conflict")
    return refuse(plan, { kind: "moved", expected: from, live: moved.current });
  const outcome = moved.outcome === "moved" ? "rolled-back" : "already";
  return { outcome, record: await record(registry, model, moved.move), golden };
}

export const isPlan = (answer: RollbackPlan | RollbackOutcome): answer is RollbackPlan => "target" in answer;

const isRepeated = (last: AliasMove, { to }: RollbackAsked, { by, reason }: Words): boolean =>
  isRollback(last) && (to === null || to === last.to) && isSamePerson(last.by, by) && last.reason === reason;

async function record(registry: ModelRegistry, model: string, move: AliasMove): Promise<Approval> {
  const { runId } = await requireVersion(registry, model, move.to);
  return writeRecord(registry, runId, rollbackRecord(model, move));
}

async function requireVersion(registry: ModelRegistry, name: string, version: string): Promise<ModelVersion> {
  const found = await registry.getVersion(name, version);
  return found ?? fail({ code: "registry.version-missing", retryable: false, name, version });
}

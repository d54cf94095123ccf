import { createHash } from "node:crypto";
import {
  isAbout,
  isCutOff,
  isRollback,
  moveBefore,
  releaseMoves,
  rollbackKey,
} from "../history/alias-trail.js";
import { knownVersion, movesOf, versionOfMove } from "../history/model-moves.js";
import { requireWholeTrail, trailTags } from "../history/trail-marks.js";
import type { Approval } from "../kit/artifacts/approval.js";
import type { EarlierRuns } from "../kit/earlier.js";
import { fail } from "../kit/failure.js";
import type { RollbackRefusal } from "../kit/failures/approval.js";
import { canonicalJson } from "../kit/json.js";
import type { AliasMove, ModelRegistry, ModelVersion } from "../kit/registry.js";
import { valueOrDamage } from "../kit/soundness.js";
import { homeOfRecord, rollbackRecord, tellRun, writeRecord } from "./records.js";
import { requireSoundModel, type Soundness } from "./sound-model.js";
import { isSamePerson, type Words } from "./words.js";

export interface RollbackAsked {
  readonly model: string;
  readonly alias: string;
  /** Null for the version that was live before. */
  readonly to: string | null;
  /** Runs of the state directory, if there is one. */
  readonly earlier?: EarlierRuns | undefined;
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
 * @throws FailureError `approval.rollback-refused`, `registry.version-missing`, `registry.trail-damaged`
 */
export async function planRollback(
  registry: ModelRegistry,
  asked: RollbackAsked,
  words: Words | null,
): Promise<RollbackPlan | RollbackOutcome> {
  const { model, alias, to } = asked;
  await requireWholeTrail(registry, model, asked.earlier);
  const live = await registry.getAlias(model, alias);
  const history = await movesOf(registry, model);
  const moves = history.filter((move) => move.alias === alias);
  if (live === null && moves.length === 0) return refuse(asked, { kind: "nothing-live" });
  const last = moves.at(-1) ?? null;
  if (last !== null && last.to === live && words !== null && isRepeated(last, asked, words))
    return { outcome: "already", record: await record(registry, asked, last), golden: null };
  if (last !== null && words !== null && isRepeated(last, asked, words) && isCutOff(moves, last, live)) {
    const target = await requireVersion(registry, model, last.to);
    return { ...asked, from: live, target, moves: moves.length - 1, last: moves.at(-2) ?? null };
  }
  const isThere = live !== null && (await isServed(registry, model, live, last));
  if (isThere && live !== null && to === live) return refuse(asked, { kind: "live", version: live });

  const named = releaseMoves(history, alias);
  const target =
    to !== null
      ? await requireVersion(registry, model, to)
      : ((await before(registry, asked, named, isThere ? live : null)) ??
        refuse(asked, { kind: "nothing-before", live: live ?? named.at(-1)!.to }));
  const { version } = target;
  if (!moves.some((move) => isAbout(move, knownVersion(target)))) {
    const was = moves.some((move) => move.to === version);
    refuse(asked, { kind: was ? "other-model" : "never-live", version });
  }
  if (target.status === "pending") refuse(asked, { kind: "pending", version });
  return { ...asked, from: live, target, moves: moves.length, last };
}

/** Whether what the alias names is there, damaged or not; a number that came to mean another model is not what went live under it. */
async function isServed(
  registry: ModelRegistry,
  model: string,
  live: string,
  last: AliasMove | null,
): Promise<boolean> {
  const served = await valueOrDamage(registry.getVersion(model, live));
  if (served === null || "code" in served) return served !== null;
  return last?.to !== live || isAbout(last, knownVersion(served));
}

/**
 * What was live before.
 * @param named the releases of the alias
 * @param live what it names, or null where that is gone: then the last release that is there is what was live before
 */
async function before(
  registry: ModelRegistry,
  { model, ...asked }: RollbackAsked,
  named: readonly AliasMove[],
  live: string | null,
): Promise<ModelVersion | null> {
  if (live === null) {
    for (const move of [...named].reverse()) {
      const found = await valueOrDamage(versionOfMove(registry, model, move));
      if (found !== null && !("code" in found)) return found;
    }
    return null;
  }
  const move = moveBefore(named, live);
  if (move === null) return null;
  const found = await versionOfMove(registry, model, move);
  if (found !== null) return found;
  await requireVersion(registry, model, move.to);
  return refuse({ model, ...asked }, { kind: "other-model", version: move.to });
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
  return { outcome, record: await record(registry, plan, moved.move), golden };
}

export const isPlan = (answer: RollbackPlan | RollbackOutcome): answer is RollbackPlan => "target" in answer;

const isRepeated = (last: AliasMove, { to }: RollbackAsked, { by, reason }: Words): boolean =>
  isRollback(last) && (to === null || to === last.to) && isSamePerson(last.by, by) && last.reason === reason;

async function record(
  registry: ModelRegistry,
  { model, earlier }: RollbackAsked,
  move: AliasMove,
): Promise<Approval> {
  const version = await requireVersion(registry, model, move.to);
  const what = `rolled back to version ${move.to}`;
  const { runId } = await homeOfRecord(registry, version, { ...move, model, what });
  const tags = await trailTags(registry, model, earlier);
  const written = await writeRecord(registry, runId, rollbackRecord(model, move), tags);
  await tellRun(registry, { model, runId }, "restored", move);
  // What was left may be damaged: that is often why.
  const left = move.from === null ? null : await valueOrDamage(registry.getVersion(model, move.from));
  if (left !== null && "runId" in left && left.runId !== runId)
    await tellRun(registry, { model, runId: left.runId }, "rolled-back", move);
  return written;
}

async function requireVersion(registry: ModelRegistry, name: string, version: string): Promise<ModelVersion> {
  const found = await registry.getVersion(name, version);
  return found ?? fail({ code: "registry.version-missing", retryable: false, name, version });
}

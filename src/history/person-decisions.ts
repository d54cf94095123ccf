import type { Approval } from "../kit/artifacts/approval.js";
import type { PersonDecision } from "../kit/artifacts/person-decision.js";
import { versionHere } from "../kit/copied.js";
import { type KnownVersion, refOf } from "../kit/model-ref.js";
import type { AliasMove, ModelRegistry, RegistryRun } from "../kit/registry.js";
import { answerKey, isAbout, isAdoption, isRollback, rejectedAlias } from "./alias-trail.js";
import { approvalsOfRun } from "./approvals.js";
import { isRecord, LEFT_BEHIND_TAG } from "./left-behind.js";
import { movesOf } from "./model-moves.js";
import { RUN_TAGS } from "./run-tags.js";

/** All that people said about a model, read once for all of its runs. */
export interface WordsOfPeople {
  /** Oldest first. */
  readonly runs: readonly RegistryRun[];
  /** Of every alias of the model, oldest first. */
  readonly moves: readonly AliasMove[];
}

/** A run, as far as people may have decided about it. */
export interface DecidedRun {
  readonly alias: string;
  readonly registryRun: string;
  /** Digest of its decision. */
  readonly decision: string;
  /** Whether it stopped because what was live was gone. */
  readonly isMissing: boolean;
}

export async function readWordsOfPeople(registry: ModelRegistry, model: string): Promise<WordsOfPeople> {
  return { runs: await registry.listRuns(model), moves: await movesOf(registry, model) };
}

/**
 * What people decided about a run, or about the model that it came to, oldest first.
 * @throws FailureError `registry.corrupt` for a record that was changed after it was written
 */
export function decisionsAbout(words: WordsOfPeople, run: DecidedRun): PersonDecision[] {
  const { alias, decision } = run;
  const { runs, moves } = words;
  const own = runs.find(({ runId }) => runId === run.registryRun);
  const records = runs.flatMap(approvalsOfRun);
  const answer = moves.find(({ key }) => key === answerKey(alias, decision)) ?? null;
  const found: PersonDecision[] = records
    .filter((record) => record.kind === "approval" && record.decision === decision)
    .map((record) => ({ ...saidIn(record), kind: "approved", ...effectOf(record, answer, alias) }));
  const model = own === undefined ? null : modelOf(own);
  found.push(...moves.flatMap((move, at) => ofMove(words, run, model, move, at)));
  if (own !== undefined) found.push(...records.flatMap((record) => ofPast(words, run, own, model, record)));
  return found.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

const saidIn = ({ by, reason, at, expires }: Approval) => ({
  about: "run" as const,
  by,
  reason,
  at,
  expires,
});

/** An approval that was said after the alias had moved did nothing. */
function effectOf({ at }: Approval, answer: AliasMove | null, alias: string) {
  const isDone = answer !== null && answer.alias === alias && at <= answer.at;
  return { effective: isDone, live: isDone ? answer.to : null };
}

/** The version that a run came to, by its number here; null where it came to none. */
function modelOf({ tags }: RegistryRun): KnownVersion | null {
  const version = tags[RUN_TAGS.version];
  return version === undefined ? null : { version: versionHere(tags, version), ...refOf({ tags }) };
}

/** A rejection or a rollback, where it is about this run or its model. */
function ofMove(
  { moves }: WordsOfPeople,
  { alias, decision }: DecidedRun,
  model: KnownVersion | null,
  move: AliasMove,
  at: number,
): PersonDecision[] {
  const said = { by: move.by, reason: move.reason, at: move.at, expires: null, effective: true };
  const isModel = model !== null && isAbout(move, model);
  if (move.alias === rejectedAlias(alias)) {
    const isAnswer = move.key === answerKey(alias, decision);
    if (!isAnswer && !isModel) return [];
    return [{ ...said, kind: "rejected", about: isAnswer ? "run" : "model", live: null }];
  }
  if (model === null || move.alias !== alias || !isRollback(move)) return [];
  if (isModel) return [{ ...said, kind: "restored", about: "model", live: move.to }];
  const before = moves.slice(0, at).findLast((one) => one.alias === alias && one.to === move.from);
  const isFromModel = before === undefined ? move.from === model.version : isAbout(before, model);
  return isFromModel ? [{ ...said, kind: "rolled-back", about: "model", live: move.to }] : [];
}

/** An adoption or a start anew: of the run's model, or after the run about what was gone for it. */
function ofPast(
  { runs, moves }: WordsOfPeople,
  { alias, isMissing }: DecidedRun,
  own: RegistryRun,
  model: KnownVersion | null,
  record: Approval,
): PersonDecision[] {
  if (record.kind !== "adoption" || record.alias !== alias) return [];
  const isStart = record.version === NONE;
  const move = moves.find(
    (one) => one.alias === alias && isAdoption(one) && one.to === record.version && one.at >= record.at,
  );
  const isModel =
    model !== null && (move === undefined ? record.version === model.version : isAbout(move, model));
  const isAnswer = isMissing && record.at >= own.createdAt;
  if (!isAnswer && !isModel) return [];
  const left = runs.some((one) => isRecord(one) && isLeftBehindBy(one, record));
  return [
    {
      ...saidIn(record),
      about: isAnswer ? "run" : "model",
      kind: isStart ? "left-behind" : "adopted",
      effective: isStart ? left : move !== undefined,
      live: move?.to ?? null,
    },
  ];
}

/** What stands for the version in the record of a start anew. */
const NONE = "none";

/** With two people, the record that was said last carries it; the other one stands beside it. */
const isLeftBehindBy = (run: RegistryRun, record: Approval): boolean =>
  LEFT_BEHIND_TAG in run.tags && approvalsOfRun(run).some(({ id }) => id === record.id);

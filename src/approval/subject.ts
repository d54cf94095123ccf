import { answerKey } from "../history/alias-trail.js";
import { DECISION_ARTIFACT, decisionDigest } from "../history/decision.js";
import { isRecord } from "../history/left-behind.js";
import { movesOf, withdrawalOfVersion } from "../history/model-moves.js";
import { readIfThere } from "../history/read-if-there.js";
import { RUN_TAGS } from "../history/run-tags.js";
import { requireWholeTrail } from "../history/trail-marks.js";
import { Decision, expectedLive, type RuleResult } from "../kit/artifacts/decision.js";
import { versionHere } from "../kit/copied.js";
import type { EarlierRuns } from "../kit/earlier.js";
import { fail } from "../kit/failure.js";
import type { AnswerRefusal } from "../kit/failures/approval.js";
import type { AliasMove, ModelRegistry, RegistryRun } from "../kit/registry.js";

/** Which run a person answers, and what they know of it. */
export interface Asked {
  readonly action: "approve" | "reject";
  readonly model: string;
  /** Name of the run, or null for the latest one of the registry. */
  readonly run: string | null;
  /** Digest of the decision that the person saw; null where they saw none before. */
  readonly decision: string | null;
  /** Runs of the state directory, if there is one. */
  readonly earlier?: EarlierRuns | undefined;
}

/** An escalated run as the registry has it: what a person decides about. Version numbers are those of this registry. */
export interface Subject {
  readonly action: "approve" | "reject";
  readonly run: string;
  readonly registryRun: RegistryRun;
  readonly decision: Decision;
  readonly candidate: string;
  readonly baseline: string | null;
  /** What the alias names. */
  readonly live: string | null;
  /** Rules that stop the promotion. */
  readonly blocking: readonly RuleResult[];
  /** Of every alias of the model, oldest first. */
  readonly moves: readonly AliasMove[];
  /** The move by which somebody has answered the decision already, or null. */
  readonly answer: AliasMove | null;
  /** The move by which a person took the candidate's model back, under whatever number, or null. */
  readonly withdrawal: AliasMove | null;
  readonly earlier: EarlierRuns | undefined;
}

/**
 * The run that is asked for, if it escalated and the registry has its decision unchanged.
 * @returns null when the registry has no such run
 * @throws FailureError `approval.refused`, `registry.trail-damaged`
 */
export async function findSubject(registry: ModelRegistry, asked: Asked): Promise<Subject | null> {
  const found = await findRun(registry, asked);
  if (found === null) return null;
  const { tags } = found;
  const run = asked.run ?? tags[RUN_TAGS.run] ?? found.name;
  const refused = (refusal: AnswerRefusal): never =>
    fail({ code: "approval.refused", retryable: false, action: asked.action, run, refusal });
  const recorded = tags[RUN_TAGS.decision];
  if (!found.closed || recorded === undefined) return refused({ kind: "unfinished" });
  if (asked.decision !== null && asked.decision !== recorded)
    return refused({ kind: "decision-changed", seen: asked.decision, actual: recorded });
  const decision = await readDecision(registry, found, recorded, refused);

  const { alias } = decision;
  const expected = expectedLive(decision);
  // What is missing may be missing from the record of moves too: that the person knows, who decides all the same.
  if (decision.missing === undefined) await requireWholeTrail(registry, asked.model, asked.earlier);
  const moves = await movesOf(registry, asked.model);
  const candidate = versionHere(tags, decision.candidate.version);
  const version = await registry.getVersion(asked.model, candidate);
  return {
    action: asked.action,
    run,
    registryRun: found,
    decision,
    candidate,
    baseline: expected === null ? null : versionHere(tags, expected),
    live: await registry.getAlias(asked.model, alias),
    blocking: decision.rules.filter(({ blocks }) => blocks),
    moves,
    answer: moves.find(({ key }) => key === answerKey(alias, decision.digest)) ?? null,
    withdrawal: version === null ? null : await withdrawalOfVersion(registry, moves, alias, version),
    earlier: asked.earlier,
  };
}

/** @throws FailureError `approval.refused` with this refusal */
export const refuse = ({ action, run }: Pick<Subject, "action" | "run">, refusal: AnswerRefusal): never =>
  fail({ code: "approval.refused", retryable: false, action, run, refusal });

/** @throws FailureError `approval.refused` when the candidate went live without a person, or the gate has nothing against it */
export function requireEscalated(subject: Subject): void {
  const { decision, candidate, live, moves, registryRun, withdrawal } = subject;
  const { alias } = decision;
  const promoted = moves.find(
    (move) =>
      move.alias === alias &&
      move.decision === decision.digest &&
      move.key !== answerKey(alias, decision.digest),
  );
  if (promoted !== undefined)
    refuse(subject, { kind: "promoted", version: candidate, by: promoted.by, at: promoted.at, live });
  if (live === candidate) refuse(subject, { kind: "live", version: candidate });
  const verdict = registryRun.tags[RUN_TAGS.verdict] ?? "none";
  if (verdict !== "escalated") refuse(subject, { kind: "not-escalated", verdict });
  if (decision.verdict === "pass" && withdrawal === null) refuse(subject, { kind: "gate-passed" });
}

async function findRun(
  registry: ModelRegistry,
  { model, run, decision }: Asked,
): Promise<RegistryRun | null> {
  const runs = (await registry.listRuns(model)).filter((run) => !isRecord(run));
  const judged = runs.findLast(({ tags }) => decision !== null && tags[RUN_TAGS.decision] === decision);
  if (judged !== undefined) return judged;
  if (run === null) return runs.at(-1) ?? null;
  const named = runs.filter(({ tags }) => tags[RUN_TAGS.run] === run);
  if (named.length <= 1) return named[0] ?? null;
  const digests = named.map(({ tags }) => tags[RUN_TAGS.decision] ?? "none yet");
  return fail({
    code: "usage.invalid",
    retryable: false,
    message: `${named.length} runs of the registry are called ${run}: of several state directories; their decisions are ${digests.join(", ")}`,
    next: "--decision DIGEST",
  });
}

async function readDecision(
  registry: ModelRegistry,
  { runId }: RegistryRun,
  recorded: string,
  refused: (refusal: AnswerRefusal) => never,
): Promise<Decision> {
  const path = DECISION_ARTIFACT;
  const bytes = await readIfThere(registry, runId, path);
  if (bytes === null) return refused({ kind: "no-decision", detail: `registry run ${runId} has no ${path}` });
  let written: Decision;
  let decision: Decision;
  try {
    // The digest covers what was written: a record of an older program lacks members that the schema fills in.
    written = JSON.parse(new TextDecoder().decode(bytes)) as Decision;
    decision = Decision.parse(written);
  } catch (error) {
    const detail = `${path}: ${error instanceof Error ? error.message.replaceAll(/\s+/g, " ").slice(0, 300) : ""}`;
    return refused({ kind: "no-decision", detail });
  }
  const actual = decisionDigest(written);
  if (actual !== decision.digest)
    return refused({ kind: "no-decision", detail: `${path} does not have the digest that it names` });
  return actual === recorded ? decision : refused({ kind: "decision-changed", seen: recorded, actual });
}

import type { Absence } from "../kit/artifacts/absence.js";
import { refOf } from "../kit/model-ref.js";
import type { AliasMove, ModelRegistry, ModelVersion, RegistryRun } from "../kit/registry.js";
import { isPersonal } from "./alias-trail.js";
import { isRecord, sinceLeftBehind } from "./left-behind.js";
import { RUN_TAGS } from "./run-tags.js";

/** A version that an alias names, and what happened to the aliases of its model. */
interface Release {
  readonly alias: string;
  readonly version: ModelVersion;
  /** Moves of the model's aliases, oldest first: all of them. */
  readonly moves: readonly AliasMove[];
}

/**
 * What is missing of the record of a version that is live and there: the run that says how it came to be live, and the move that put it there. Without them
 * what the gate and people said of this model and of others is lost. A version that somebody else registered never had a run of ours.
 */
export async function missingRecord(registry: ModelRegistry, release: Release): Promise<readonly Absence[]> {
  if (!isOurs(release.version)) return [];
  const runs = await registry.listRuns(release.version.name);
  return [...(await missingRun(registry, release, runs)), ...missingMoves(release, runs)];
}

/** Whether a quarter registered a version, and not somebody by other means. */
export function isOurs(version: ModelVersion): boolean {
  const { identity, made } = refOf(version);
  return identity !== null || made !== undefined;
}

async function missingRun(
  registry: ModelRegistry,
  { alias, version, moves }: Release,
  runs: readonly RegistryRun[],
): Promise<readonly Absence[]> {
  const { name: model, version: number, runId } = version;
  const last = moves.findLast((move) => move.alias === alias && move.to === number);
  if (runs.some((run) => tellsOf(run, runId, last))) return [];
  const deleted = (await registry.deletedRuns(model)).find(({ run }) => run.runId === runId);
  const how = deleted === undefined ? "" : `; ${deleted.what} was deleted since`;
  return [
    {
      what: "run",
      model,
      alias,
      version: number,
      since: last?.at ?? version.createdAt,
      back: null,
      registry: null,
      ...(deleted === undefined ? {} : { restore: deleted.restore }),
      witness: "version",
      detail: `registry run ${runId}, which says how version ${number} of ${model} went live, is not there any more, though the version names it${how}`,
    },
  ];
}

/** The run that made a version, the one whose decision put it live, or what people said when both were gone already. */
const tellsOf = (run: RegistryRun, runId: string, last: AliasMove | undefined): boolean =>
  run.runId === runId ||
  (last !== undefined &&
    ((last.decision !== null && run.tags[RUN_TAGS.decision] === last.decision) ||
      (isRecord(run) && run.key === last.key)));

/** A person who has moved the alias since knows of it. */
function missingMoves({ alias, version, moves }: Release, runs: readonly RegistryRun[]): readonly Absence[] {
  const byPerson = moves.findLast((move) => move.alias === alias && isPersonal(move));
  const promoted = sinceLeftBehind(moves, runs, alias).runs.findLast(
    ({ closed, tags }) => closed && tags[RUN_TAGS.promoted] === "true",
  );
  const decision = promoted?.tags[RUN_TAGS.decision];
  if (promoted === undefined || decision === undefined || moves.some((move) => move.decision === decision))
    return [];
  if (byPerson !== undefined && Date.parse(byPerson.at) > Date.parse(promoted.createdAt)) return [];
  const { name: model } = version;
  const number = promoted.tags[RUN_TAGS.version] ?? null;
  const what = number === null ? `a version of ${model}` : `version ${number} of ${model}`;
  return [
    {
      what: "moves",
      model,
      alias,
      version: number,
      since: promoted.createdAt,
      back: null,
      registry: null,
      witness: "run",
      detail: `the history of aliases does not have the move by which ${what} was promoted for ${promoted.quarter}, as registry run ${promoted.runId} says, and what people took back or rejected is not known without it`,
    },
  ];
}

import { z } from "zod";
import { fail } from "../kit/failure.js";
import type { AliasMove, RegistryRun } from "../kit/registry.js";
import { RUN_TAGS } from "./run-tags.js";

/** The tag of the registry run by which people left the past of an alias behind, so that the next quarter is a first release. */
export const LEFT_BEHIND_TAG = "retrain.left-behind";

export const LeftBehind = z.object({
  alias: z.string(),
  /** Key of the last move of the alias at that time, or the last run that was promoted, where no move was known; null: there was none. */
  after: z.string().nullable(),
  /** Id of the record of the person who said so last. */
  id: z.string(),
});
export type LeftBehind = z.infer<typeof LeftBehind>;

/** What came after: only that can be missing. */
export interface LaterPast {
  /** Null where nobody left anything behind. */
  readonly record: LeftBehind | null;
  readonly moves: readonly AliasMove[];
  readonly runs: readonly RegistryRun[];
}

/**
 * @param moves of the model's aliases, oldest first
 * @param runs of the model, oldest first
 */
export function sinceLeftBehind(
  moves: readonly AliasMove[],
  runs: readonly RegistryRun[],
  alias: string,
): LaterPast {
  const records = runs.flatMap((run, place) => {
    const record = recordOf(run);
    return record?.alias === alias ? [{ record, place }] : [];
  });
  const last = records.at(-1);
  if (last === undefined) return { record: null, moves, runs: runs.filter((run) => !isRecord(run)) };
  const { record, place } = last;
  const at = record.after === null ? -1 : moves.findLastIndex(({ key }) => key === record.after);
  return {
    record,
    moves: moves.slice(at + 1),
    // A run from before that was promoted after it says so.
    runs: runs.filter(
      (run, i) => !isRecord(run) && (i > place || run.tags[RUN_TAGS.startedAnew] === record.id),
    ),
  };
}

/** Whether a run is no run of a quarter, but holds what people said about the past. */
export const isRecord = ({ tags }: RegistryRun): boolean => RUN_TAGS.adoption in tags;

function recordOf({ runId, tags }: RegistryRun): LeftBehind | null {
  const text = tags[LEFT_BEHIND_TAG];
  if (text === undefined) return null;
  try {
    return LeftBehind.parse(JSON.parse(text));
  } catch (error) {
    const path = `tag ${LEFT_BEHIND_TAG} of registry run ${runId}`;
    return fail({ code: "registry.corrupt", retryable: false, path, detail: String(error) }, error);
  }
}

import { fail } from "../../kit/failure.js";
import { allPages, answer, answerUnless, MISSING, REPEATABLE } from "./api.js";
import { idsOf, ourExperiments } from "./experiments.js";
import { OWN } from "./keys.js";
import { Answers, type Experiment, type Run } from "./schemas.js";
import type { RunPlace, Store } from "./store.js";

/** The run as MLflow holds it; null where it is not there, was deleted, or is none of ours. */
export async function findRun(store: Store, runId: string): Promise<Run | null> {
  if (!/^[a-z\d][\w-]{0,255}$/i.test(runId)) return null;
  const found = await answerUnless(
    MISSING,
    "runs/get",
    Answers.run,
    store.api.client.GET("/api/2.0/mlflow/runs/get", { params: { query: { run_id: runId } } }),
  );
  const run = found?.run;
  if (run === undefined || run.info.lifecycle_stage === "deleted" || !tagsOf(run).has(OWN.key)) return null;
  notePlace(store, run);
  return run;
}

/** @throws FailureError `registry.run-missing` */
export async function requireRun(store: Store, runId: string): Promise<Run> {
  const run = await findRun(store, runId);
  return run ?? fail({ code: "registry.run-missing", retryable: false, runId });
}

/**
 * Where a run is. Asks the server only for a run that this process has not met yet.
 * @throws FailureError `registry.run-missing`
 */
export async function placeOf(store: Store, runId: string): Promise<RunPlace> {
  return store.places.get(runId) ?? notePlace(store, await requireRun(store, runId));
}

export function notePlace(store: Store, { info }: Run): RunPlace {
  const place = { experiment: info.experiment_id, artifacts: info.artifact_uri };
  store.places.set(info.run_id, place);
  return place;
}

/**
 * Runs in any experiment of ours with a tag that has this value, oldest first. The experiments are asked for each time, since another process may have
 * made one; meanwhile those that were there the last time are searched, and that counts if they are still all.
 */
export async function searchOurs(
  store: Store,
  tag: string,
  value: string,
): Promise<{ readonly experiments: readonly Experiment[]; readonly runs: readonly Run[] }> {
  const last = store.experiments;
  const [experiments, [early]] = await Promise.all([
    ourExperiments(store),
    Promise.allSettled([searchIn(store, last, tag, value)]),
  ]);
  const ids = idsOf(experiments);
  if (ids.join() !== last.join()) return { experiments, runs: await searchIn(store, ids, tag, value) };
  if (early.status === "rejected") throw early.reason;
  return { experiments, runs: early.value };
}

export const searchRuns = async (store: Store, tag: string, value: string): Promise<readonly Run[]> =>
  (await searchOurs(store, tag, value)).runs;

/** As `searchRuns`, in experiments that are known. */
export async function searchIn(
  store: Store,
  ids: readonly string[],
  tag: string,
  value: string,
): Promise<readonly Run[]> {
  const runs = await searchRunsOf(store, ids, tag, value, "ACTIVE_ONLY");
  for (const run of runs) notePlace(store, run);
  return runs;
}

/** As `searchIn`, of runs that were deleted. */
export const searchDeleted = (
  store: Store,
  ids: readonly string[],
  tag: string,
  value: string,
): Promise<readonly Run[]> => searchRunsOf(store, ids, tag, value, "DELETED_ONLY");

async function searchRunsOf(
  store: Store,
  ids: readonly string[],
  tag: string,
  value: string,
  run_view_type: "ACTIVE_ONLY" | "DELETED_ONLY",
): Promise<readonly Run[]> {
  if (ids.length === 0) return [];
  const pages = await allPages((token) =>
    answer(
      "runs/search",
      Answers.runs,
      store.api.client.POST("/api/2.0/mlflow/runs/search", {
        body: {
          experiment_ids: [...ids],
          filter: `tags.\`${tag}\` = '${value}'`,
          order_by: ["attributes.start_time ASC"],
          max_results: 1000,
          run_view_type,
          ...token,
        },
        ...REPEATABLE,
      }),
    ),
  );
  return pages.flatMap((page) => page.runs).sort(byAge);
}

/** Value of the tag that the parts of a run have in common. */
export const partsOf = (runId: string): string => `part of ${runId}`;

export const tagsOf = (run: Run): ReadonlyMap<string, string> =>
  new Map(run.data.tags.map(({ key, value }) => [key, value]));

/** Lower start first; what was copied with one creation time stays in the order in which it was copied. */
function byAge(a: Run, b: Run): number {
  const order = (run: Run) => Number(tagsOf(run).get(OWN.order) ?? 0);
  return (
    a.info.start_time - b.info.start_time ||
    order(a) - order(b) ||
    (a.info.run_id < b.info.run_id ? -1 : a.info.run_id > b.info.run_id ? 1 : 0)
  );
}

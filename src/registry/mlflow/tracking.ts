import { fail } from "../../kit/failure.js";
import { allPages, answer, answerUnless, MISSING, REPEATABLE } from "./api.js";
import { ourExperiments } from "./experiments.js";
import { OWN } from "./keys.js";
import { Answers, type Experiment, type Run } from "./schemas.js";
import type { Store } from "./store.js";

/** The run as MLflow holds it; null where it is not there, was deleted, or is none of ours. */
export async function findRun({ api }: Store, runId: string): Promise<Run | null> {
  if (!/^[a-z\d][\w-]{0,255}$/i.test(runId)) return null;
  const found = await answerUnless(
    MISSING,
    "runs/get",
    Answers.run,
    api.client.GET("/api/2.0/mlflow/runs/get", { params: { query: { run_id: runId } } }),
  );
  const run = found?.run;
  return run === undefined || run.info.lifecycle_stage === "deleted" || !tagsOf(run).has(OWN.key)
    ? null
    : run;
}

/** @throws FailureError `registry.run-missing` */
export async function requireRun(store: Store, runId: string): Promise<Run> {
  const run = await findRun(store, runId);
  return run ?? fail({ code: "registry.run-missing", retryable: false, runId });
}

/** Runs of ours with a tag that has this value, oldest first; of those that two processes made by one key the first. */
export async function searchRuns(
  store: Store,
  tag: string,
  value: string,
  experiments?: readonly Experiment[],
): Promise<readonly Run[]> {
  const ids = (experiments ?? (await ourExperiments(store))).map(({ experiment_id }) => experiment_id);
  if (ids.length === 0) return [];
  const pages = await allPages((token) =>
    answer(
      "runs/search",
      Answers.runs,
      store.api.client.POST("/api/2.0/mlflow/runs/search", {
        body: {
          experiment_ids: ids,
          filter: `tags.\`${tag}\` = '${value}'`,
          order_by: ["attributes.start_time ASC"],
          max_results: 1000,
          ...token,
        },
        ...REPEATABLE,
      }),
    ),
  );
  return pages.flatMap(({ runs }) => runs).sort(byAge);
}

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

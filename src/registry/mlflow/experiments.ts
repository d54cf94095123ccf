import { fail } from "../../kit/failure.js";
import { allPages, answer, answerUnless, MISSING, REPEATABLE, TAKEN } from "./api.js";
import { Answers, type Experiment } from "./schemas.js";
import type { Store } from "./store.js";

/** Marks the experiments that hold runs of ours: a renamed runbook still finds its history. */
const OURS = { key: "retrain.experiment", value: "true" };

/** Experiments of ours that were not deleted. */
export async function ourExperiments(store: Store): Promise<readonly Experiment[]> {
  const filter = `tags.\`${OURS.key}\` = '${OURS.value}'`;
  const pages = await allPages((token) =>
    answer(
      "experiments/search",
      Answers.experiments,
      store.api.client.POST("/api/2.0/mlflow/experiments/search", {
        body: { max_results: 1000, filter, ...token },
        ...REPEATABLE,
      }),
    ),
  );
  const ours = pages.flatMap(({ experiments }) => experiments);
  store.experiments = idsOf(ours);
  return ours;
}

export const idsOf = (experiments: readonly Experiment[]): readonly string[] =>
  experiments.map(({ experiment_id }) => experiment_id).sort();

/**
 * Id of the experiment that new runs go to, which is made if it is not there.
 * @throws FailureError `registry.experiment-deleted`
 */
export async function homeExperiment(store: Store, ours: readonly Experiment[]): Promise<string> {
  const { api, experiment: name } = store;
  const known = ours.find((experiment) => experiment.name === name);
  if (known !== undefined) return known.experiment_id;
  const made = await answerUnless(
    TAKEN,
    "experiments/create",
    Answers.experimentId,
    api.client.POST("/api/2.0/mlflow/experiments/create", { body: { name, tags: [OURS] }, ...REPEATABLE }),
  );
  if (made !== null) {
    store.experiments = [...idsOf(ours), made.experiment_id].sort();
    return made.experiment_id;
  }
  // Somebody made it by hand, or another process has just made it.
  const found = await byName(store);
  if (found === null || found.lifecycle_stage === "deleted")
    return fail({ code: "registry.experiment-deleted", retryable: false, name });
  const { experiment_id } = found;
  await answer(
    "experiments/set-experiment-tag",
    Answers.nothing,
    api.client.POST("/api/2.0/mlflow/experiments/set-experiment-tag", {
      body: { experiment_id, ...OURS },
      ...REPEATABLE,
    }),
  );
  return experiment_id;
}

async function byName({ api, experiment }: Store): Promise<Experiment | null> {
  const found = await answerUnless(
    MISSING,
    "experiments/get-by-name",
    Answers.experiment,
    api.client.GET("/api/2.0/mlflow/experiments/get-by-name", {
      params: { query: { experiment_name: experiment } },
    }),
  );
  return found?.experiment ?? null;
}

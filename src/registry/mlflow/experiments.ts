import { allPages, answer, answerUnless, REPEATABLE, TAKEN } from "./api.js";
import { Answers, type Experiment } from "./schemas.js";
import type { Store } from "./store.js";

/** Marks the experiments that hold runs of ours: a renamed runbook still finds its history. */
const OURS = { key: "retrain.experiment", value: "true" };

/** Experiments of ours that were not deleted. */
export async function ourExperiments(store: Store): Promise<readonly Experiment[]> {
  const ours = await listOurs(store, "ACTIVE_ONLY");
  store.experiments = idsOf(ours);
  return ours;
}

/** Experiments of ours, also those that were deleted and can be restored. */
export const allExperiments = (store: Store): Promise<readonly Experiment[]> => listOurs(store, "ALL");

async function listOurs({ api }: Store, view_type: "ACTIVE_ONLY" | "ALL"): Promise<readonly Experiment[]> {
  const filter = `tags.\`${OURS.key}\` = '${OURS.value}'`;
  const pages = await allPages((token) =>
    answer(
      "experiments/search",
      Answers.experiments,
      api.client.POST("/api/2.0/mlflow/experiments/search", {
        body: { max_results: 1000, filter, view_type, ...token },
        ...REPEATABLE,
      }),
    ),
  );
  return pages.flatMap(({ experiments }) => experiments);
}

export const idsOf = (experiments: readonly Experiment[]): readonly string[] =>
  experiments.map(({ experiment_id }) => experiment_id).sort();

/**
 * Id of the experiment that new runs go to, which is made if it is not there. MLflow keeps the name of one that was deleted, so that it can be
 * restored: until then runs go to `NAME (2)` beside it, for everybody the same, and the gate can say what is missing.
 */
export async function homeExperiment(store: Store, ours: readonly Experiment[]): Promise<string> {
  for (let number = 1; ; number++) {
    const name = number === 1 ? store.experiment : `${store.experiment} (${number})`;
    const id = await ensureExperiment(store, ours, name);
    if (id !== null) return id;
  }
}

/** Null for a name that a deleted experiment has. */
async function ensureExperiment(
  store: Store,
  ours: readonly Experiment[],
  name: string,
): Promise<string | null> {
  const { api } = store;
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
  const found = await byName(store, name);
  if (found.lifecycle_stage === "deleted") return null;
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

async function byName({ api }: Store, experiment_name: string): Promise<Experiment> {
  const { experiment } = await answer(
    "experiments/get-by-name",
    Answers.experiment,
    api.client.GET("/api/2.0/mlflow/experiments/get-by-name", { params: { query: { experiment_name } } }),
  );
  return experiment;
}

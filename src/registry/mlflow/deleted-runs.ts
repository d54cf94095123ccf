import type { DeletedRun } from "../../kit/registry.js";
import { allExperiments, idsOf } from "./experiments.js";
import { OWN } from "./keys.js";
import { oneOfEach } from "./one-of-id.js";
import { recordOf } from "./run-records.js";
import type { Experiment, Run } from "./schemas.js";
import type { Store } from "./store.js";
import { searchDeleted } from "./tracking.js";

/** MLflow deletes an experiment with its runs, and a run alone, and keeps both until `mlflow gc`. @param group value of the tag that runs of a model have in common */
export async function deletedRuns(store: Store, group: string): Promise<readonly DeletedRun[]> {
  const experiments = await allExperiments(store);
  const runs = await searchDeleted(store, idsOf(experiments), OWN.group, group);
  const byId = new Map(experiments.map((experiment) => [experiment.experiment_id, experiment]));
  return Promise.all(
    oneOfEach(runs).map(async (run) => {
      const { what, command } = deletionOf(run, byId.get(run.info.experiment_id));
      const restore = `MLFLOW_TRACKING_URI=${store.api.connection.baseUrl} mlflow ${command}`;
      return { run: await recordOf(store, run), what, restore };
    }),
  );
}

function deletionOf({ info }: Run, experiment: Experiment | undefined) {
  if (experiment?.lifecycle_stage !== "deleted")
    return { what: `run ${info.run_id}`, command: `runs restore --run-id ${info.run_id}` };
  const { experiment_id: id, name } = experiment;
  return { what: `experiment ${name} (${id})`, command: `experiments restore --experiment-id ${id}` };
}

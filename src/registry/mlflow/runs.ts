import { sha256 } from "../../durable/hash.js";
import type { ModelRegistry, RunDetails } from "../../kit/registry.js";
import { answer } from "./api.js";
import { putContent } from "./artifacts.js";
import { deletedRuns } from "./deleted-runs.js";
import { homeExperiment } from "./experiments.js";
import { keyOf, OWN } from "./keys.js";
import { closeRun, logRun } from "./log-run.js";
import { makeOnce } from "./make-once.js";
import { checkName } from "./names.js";
import { oneOfEach, settleRun } from "./one-of-id.js";
import { detailsOf } from "./run-details.js";
import { recordOf } from "./run-records.js";
import { Answers, type Experiment, type Run } from "./schemas.js";
import type { Siblings, Store } from "./store.js";
import {
  findRun,
  notePlace,
  partsOf,
  placeOf,
  requireRun,
  searchIn,
  searchOurs,
  searchRuns,
  tagsOf,
} from "./tracking.js";
import { writesFor } from "./values.js";

type Runs = Pick<
  ModelRegistry,
  "ensureRun" | "logRun" | "closeRun" | "listRuns" | "findRuns" | "getRun" | "deletedRuns" | "runDetails"
>;
type RunSpec = Parameters<ModelRegistry["ensureRun"]>[0];

/** Longest name that MLflow's column for it holds. */
const MAX_RUN_NAME = 250;

export function runsOf(store: Store): Runs {
  return {
    async ensureRun(spec) {
      checkName(spec.model);
      const id = idOf(spec);
      return store.mutexes.run(`run ${id}`, async () => recordOf(store, await ensure(store, spec, id)));
    },
    logRun: (runId, values) => store.mutexes.run(`log ${runId}`, () => logRun(store, runId, values)),
    closeRun: (runId, tags) => store.mutexes.run(`log ${runId}`, () => closeRun(store, runId, tags)),
    async listRuns(model) {
      const runs = await searchRuns(store, OWN.group, groupOf(model));
      return Promise.all(oneOfEach(runs).map((run) => recordOf(store, run)));
    },
    async findRuns(tag, value) {
      const runs = await searchRuns(store, keyOf(tag).key, value);
      const whole = oneOfEach(runs).filter((run) => !tagsOf(run).has(OWN.parent));
      return Promise.all(whole.map((run) => recordOf(store, run)));
    },
    async getRun(runId) {
      const run = await findRun(store, runId);
      return run === null ? null : recordOf(store, run);
    },
    deletedRuns: (model) => deletedRuns(store, groupOf(model)),
    async runDetails(runId): Promise<RunDetails> {
      const run = await requireRun(store, runId);
      const [details, parts] = await Promise.all([
        detailsOf(store, run),
        searchIn(store, [run.info.experiment_id], OWN.group, partsOf(runId)),
      ]);
      return {
        ...details,
        parts: await Promise.all(oneOfEach(parts).map((part) => recordOf(store, part))),
      };
    },
  };
}

/** Of key, model and parent: a tag that a filter can ask for without quoting. */
const idOf = ({ model, key, parent }: RunSpec): string =>
  sha256(JSON.stringify([model, key, parent ?? null])).slice(0, 32);

const groupOf = (model: string): string => `model ${sha256(model).slice(0, 32)}`;

async function ensure(store: Store, spec: RunSpec, id: string): Promise<Run> {
  if (spec.parent !== undefined) return ensurePart(store, spec, spec.parent, id);
  let experiments: readonly Experiment[] = [];
  const find = async () => {
    const found = await searchOurs(store, OWN.id, id);
    experiments = found.experiments;
    return found.runs;
  };
  const make = async () => {
    const [home, started] = await Promise.all([homeExperiment(store, experiments), lastStart(store, spec)]);
    return create(store, home, spec, id, started);
  };
  return settleRun(store, { find, make });
}

/** Parts are many: their siblings are asked for once. What two processes make at the same time is told apart when it is read. */
async function ensurePart(store: Store, spec: RunSpec, parent: string, id: string): Promise<Run> {
  const siblings = await siblingsOf(store, parent);
  const known = siblings.byId.get(id);
  const there = known === undefined ? null : await findRun(store, known.info.run_id);
  if (there !== null) return there;
  const made = await create(store, siblings.experiment, spec, id);
  siblings.byId.set(id, made);
  return made;
}

function siblingsOf(store: Store, parent: string): Promise<Siblings> {
  const known = store.parts.get(parent);
  if (known !== undefined) return known;
  const asked = askForSiblings(store, parent);
  store.parts.set(parent, asked);
  asked.catch(() => store.parts.delete(parent));
  return asked;
}

async function askForSiblings(store: Store, parent: string): Promise<Siblings> {
  const { experiment } = await placeOf(store, parent);
  const runs = oneOfEach(await searchIn(store, [experiment], OWN.group, partsOf(parent)));
  return {
    experiment,
    byId: new Map(runs.map((run) => [tagsOf(run).get(OWN.id) ?? "", run])),
  };
}

/** A run that is made later stands later, also where the clock has gone back. */
async function lastStart(store: Store, { model, createdAt }: RunSpec): Promise<number> {
  if (createdAt !== undefined) return 0;
  return (await searchRuns(store, OWN.group, groupOf(model))).at(-1)?.info.start_time ?? 0;
}

async function create(store: Store, experiment: string, spec: RunSpec, id: string, after = 0): Promise<Run> {
  const made = Math.max(store.stamp(), after + 1);
  const start = spec.createdAt === undefined ? made : Date.parse(spec.createdAt);
  const { parent, name } = spec;
  const empty: Run = {
    info: {
      run_id: "",
      experiment_id: experiment,
      run_name: "",
      status: "RUNNING",
      start_time: start,
      artifact_uri: "",
      lifecycle_stage: "active",
    },
    data: { metrics: [], params: [], tags: [] },
    outputs: { model_outputs: [] },
  };
  const exact = spec.createdAt !== undefined && spec.createdAt !== new Date(start).toISOString();
  const writes = writesFor(empty, {}, spec.tags, {
    [OWN.id]: id,
    [OWN.key]: spec.key,
    [OWN.group]: parent === undefined ? groupOf(spec.model) : partsOf(parent),
    [OWN.model]: spec.model,
    [OWN.quarter]: spec.quarter,
    [OWN.cutoff]: spec.cutoff,
    [OWN.order]: String(made),
    ...(exact ? { [OWN.created]: spec.createdAt } : {}),
    ...(parent === undefined ? {} : { [OWN.parent]: parent }),
    ...(name.length > MAX_RUN_NAME ? { [OWN.title]: name } : {}),
  });
  const tags = [...writes.tags].map(([key, value]) => ({ key, value }));
  const make = async () => {
    const { run } = await answer(
      "runs/create",
      Answers.run,
      store.api.client.POST("/api/2.0/mlflow/runs/create", {
        body: {
          experiment_id: experiment,
          run_name: name.slice(0, MAX_RUN_NAME),
          user_id: store.user,
          start_time: start,
          tags: [...tags, ...forTheUi(store, spec)],
        },
      }),
    );
    store.untouched.set(run.info.run_id, run);
    notePlace(store, run);
    return run;
  };
  const find = async () => (await searchRuns(store, OWN.id, id))[0] ?? null;
  const run = await makeOnce(store.api.connection, { make, find });
  for (const [path, text] of writes.files)
    await putContent(store, run.info.artifact_uri, path, new TextEncoder().encode(text));
  return run;
}

/** Tags that MLflow's own pages show. */
function forTheUi(store: Store, { parent, tags }: RunSpec): readonly { key: string; value: string }[] {
  const commit = tags["retrain.git"];
  return [
    { key: "mlflow.user", value: store.user },
    { key: "mlflow.source.name", value: "retrain" },
    { key: "mlflow.source.type", value: "JOB" },
    ...(commit === undefined ? [] : [{ key: "mlflow.source.git.commit", value: commit }]),
    ...(parent === undefined ? [] : [{ key: "mlflow.parentRunId", value: parent }]),
  ];
}

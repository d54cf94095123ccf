import type { TrainingReport } from "../../kit/artifacts/training.js";
import { atOnce } from "../../kit/at-once.js";
import type { ModelRegistry, RegistryRun } from "../../kit/registry.js";
import { RUN_TAGS } from "../run-tags.js";
import { scorePoints, segmentsOf } from "./quarter-values.js";
import { scoreMetrics } from "./scores.js";

type Values = Pick<Parameters<ModelRegistry["logRun"]>[1], "params" | "metrics" | "points">;

/** A run of its own for something that the quarter tried, so that it can be compared with others of its sort. */
export interface TrackedPart {
  readonly sort: "fold" | "learner";
  /** Unique among the parts of the run. */
  readonly id: string;
  readonly name: string;
  readonly values: Values;
}

/** Folds in their order, then learners in their order of preference. */
export function trainingParts(training: TrainingReport): TrackedPart[] {
  return [
    ...training.folds.map(foldPart),
    ...training.learners.map((learner) => learnerPart(training, learner)),
  ];
}

function foldPart({ fold, origin, series, pairs, scores }: TrainingReport["folds"][number]): TrackedPart {
  return {
    sort: "fold",
    id: `fold ${fold}`,
    name: `fold ${fold} · cutoff ${origin}`,
    values: {
      params: { fold: String(fold), cutoff: origin, series: String(series), pairs: String(pairs) },
      metrics: Object.assign({}, ...scores.map((score) => scoreMetrics(score.learner, score))),
    },
  };
}

function learnerPart(
  training: TrainingReport,
  { id, description }: TrainingReport["learners"][number],
): TrackedPart {
  const total = training.learnerTotals.find(({ learner }) => learner === id);
  const points = training.folds.flatMap(({ fold, scores }) =>
    scores.filter(({ learner }) => learner === id).flatMap((score) => scorePoints("cv.fold", fold, score)),
  );
  return {
    sort: "learner",
    id: `learner ${id}`,
    name: id,
    values: {
      params: { learner: id, description, segments: String(segmentsOf(training, id)) },
      metrics: total === undefined ? {} : scoreMetrics("cv", total),
      points,
    },
  };
}

/** Parts whose values go to a server at the same time. A folder takes one change at a time. */
const AT_ONCE = { mlflow: 2, embedded: 1, scratch: 1 } as const;

/** Makes each part, or finds it, one after the other, since the order of making is the order that people see. Then gives them their values and closes them. */
export async function trackParts(
  registry: ModelRegistry,
  run: Pick<RegistryRun, "runId" | "key" | "model" | "quarter" | "cutoff">,
  parts: readonly TrackedPart[],
): Promise<void> {
  const { runId: parent, key, model, quarter, cutoff } = run;
  const made: { readonly runId: string; readonly values: Values }[] = [];
  for (const { sort, id, name, values } of parts) {
    const tags = { [RUN_TAGS.quarter]: quarter, [RUN_TAGS.cutoff]: cutoff, [RUN_TAGS.part]: sort };
    const spec = { key: `${key} ${id}`, model, name, quarter, cutoff, tags, parent };
    const { runId } = await registry.ensureRun(spec);
    made.push({ runId, values });
  }
  await atOnce(AT_ONCE[registry.kind], made, ({ runId, values }) =>
    registry.logRun(runId, { ...values, close: true }),
  );
}

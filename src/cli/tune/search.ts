import { trainPooledCv } from "../../../steps/train-pooled-cv.js";
import { digest } from "../../durable/hash.js";
import type { CvControl } from "../../forecast/cv.js";
import { isCommand } from "../../forecast/learners/spec.js";
import { trainOptionsOf } from "../../forecast/training-params.js";
import { applyPoint, changesOf } from "../../forecast/tune/parameters.js";
import { gridPoints, type Point, randomPoints, type Space } from "../../forecast/tune/space.js";
import { scoreTrial, type TrialScores } from "../../forecast/tune/trial.js";
import { FailureError } from "../../kit/failure.js";
import { canonicalJson } from "../../kit/json.js";
import type { Budget } from "./budget.js";
import type { TuningPanel } from "./panel.js";
import type { Strategy } from "./space-file.js";
import type { TrialJournal, TrialRecord } from "./trials.js";

/** Parameters of the training step, checked. */
export type StepParams = ReturnType<typeof trainPooledCv.params.parse>;

export interface Trial {
  readonly trial: number;
  readonly params: StepParams;
  /** Values of the space that differ from the runbook; empty for its own. */
  readonly values: Point;
  readonly scores: TrialScores | null;
  /** Code of the failure that ended its training. */
  readonly failure: string | null;
  /** Whether an earlier process had scored it. */
  readonly isKept: boolean;
}

export interface Search {
  readonly own: StepParams;
  readonly space: Space;
  readonly strategy: Strategy;
  readonly seed: number;
  readonly budget: Budget;
  readonly horizon: number;
}

/** Random points in a row that were there before, after which the space counts as searched. */
const DUPLICATES = 1000;

/**
 * Scores the runbook's own parameters, then points of the space until the budget is used up or the space is. Which
 * points, and their scores, depend on the search and the panel alone; only a limit in seconds depends on the machine.
 * @throws FailureError of the runbook's own trial; `run.interrupted` has what was scored until then in the journal
 */
export async function runSearch(
  search: Search,
  data: TuningPanel,
  journal: TrialJournal,
  control: CvControl,
  tell: (trial: Trial) => void,
): Promise<readonly Trial[]> {
  const trials: Trial[] = [];
  let seconds = 0;
  for (const { params, values } of configurations(search)) {
    const trial = trials.length;
    const config = digest(canonicalJson(withoutEnvironment(params)));
    const known = journal.known.get(config);
    const { budget } = search;
    const isSpent =
      trial > (budget.trials ?? Number.POSITIVE_INFINITY) ||
      (trial > 0 && seconds >= (budget.seconds ?? Number.POSITIVE_INFINITY));
    if (isSpent) break;
    const record: TrialRecord = known ?? {
      config,
      trial,
      values,
      ...(await score(params, search, data, control)),
    };
    if (known === undefined) await journal.append(record);
    if (trial > 0) seconds += record.seconds;
    const { scores, failure } = record;
    if (trial === 0 && failure !== null) await rethrow(params, search, data, control);
    const made = { trial, params, values, scores, failure, isKept: known !== undefined };
    trials.push(made);
    tell(made);
  }
  return trials;
}

interface Configuration {
  readonly params: StepParams;
  readonly values: Point;
}

/** The runbook's own first, then every one of the strategy that is not the same as one before. */
function* configurations({ own, space, strategy, seed }: Search): Generator<Configuration> {
  const seen = new Set<string>();
  const points = strategy === "grid" ? gridPoints(space) : randomPoints(space, seed);
  yield* fresh(own, {}, seen);
  let duplicates = 0;
  for (const point of points) {
    const params = trainPooledCv.params.parse(applyPoint(own, point));
    const before = seen.size;
    yield* fresh(params, changesOf(own, point), seen);
    duplicates = seen.size === before ? duplicates + 1 : 0;
    if (strategy === "random" && duplicates === DUPLICATES) return;
  }
}

function* fresh(params: StepParams, values: Point, seen: Set<string>): Generator<Configuration> {
  const key = canonicalJson(params);
  if (seen.has(key)) return;
  seen.add(key);
  yield { params, values };
}

/** What a program finds in its environment is secret and not to be told from a hash, and a new token is no new configuration. */
const withoutEnvironment = (params: StepParams): StepParams => ({
  ...params,
  ...(params.learners === undefined
    ? {}
    : { learners: params.learners.map((spec) => (isCommand(spec) ? { ...spec, env: {} } : spec)) }),
});

interface Scored {
  readonly scores: TrialScores | null;
  readonly failure: string | null;
  readonly seconds: number;
}

/** History that is too short for a configuration is an answer; whatever else fails stops the search. */
async function score(
  params: StepParams,
  search: Search,
  data: TuningPanel,
  control: CvControl,
): Promise<Scored> {
  const started = performance.now();
  const seconds = () => Math.round(performance.now() - started) / 1000;
  try {
    const scores = await train(params, search, data, control);
    return { scores, failure: null, seconds: seconds() };
  } catch (error) {
    if (!(error instanceof FailureError) || error.failure.code !== "forecast.too-short") throw error;
    return { scores: null, failure: error.failure.code, seconds: seconds() };
  }
}

/** Without scores of the runbook's own there is nothing to compare with: its failure, with all that it has to say. */
async function rethrow(...given: Parameters<typeof train>): Promise<never> {
  await train(...given);
  throw new Error("a trial that had failed did not fail again");
}

async function train(
  params: StepParams,
  { horizon }: Search,
  { panel, segments }: TuningPanel,
  control: CvControl,
): Promise<TrialScores> {
  // Reconciliation comes after CV and would only cost time here.
  const { reconcile: _, ...recipe } = trainOptionsOf(params, horizon);
  return scoreTrial(panel, panel.lastPeriod, segments, recipe, control);
}

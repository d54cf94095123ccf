import type { z } from "zod";
import { canonicalJson, type Json } from "../../kit/json.js";
import { isCommand, LearnerSpec } from "../learners/spec.js";
import { type EnsembleMethod, learnersOf } from "../training-plan.js";
import type { Point } from "./space.js";

/** The part of the training step's parameters that is looked at here; the others pass through. */
export interface TunedParams {
  readonly ensemble: EnsembleMethod;
  readonly learners?: readonly LearnerSpec[] | undefined;
}

/** Options of every learner that has some, by its name. */
export const LEARNER_OPTIONS: ReadonlyMap<string, Readonly<Record<string, z.ZodType>>> = new Map(
  LearnerSpec.options[1].options.map(({ shape: { use, ...options } }) => [use.value, options]),
);

export interface LearnerOption {
  readonly learner: string;
  readonly option: string;
}

/** `learners.NAME.OPTION`; null for another path. */
export function learnerOption(path: string): LearnerOption | null {
  const [, learner, option] = /^learners\.([^.]+)\.([^.]+)$/.exec(path) ?? [];
  return learner === undefined || option === undefined ? null : { learner, option };
}

export function nameOf(spec: LearnerSpec): string | null {
  if (typeof spec === "string") return spec;
  return isCommand(spec) ? null : spec.use;
}

/**
 * The parameters with a point's values. A value for a learner that these parameters do not use has no effect, so
 * that points which differ in it alone are one configuration.
 */
export function applyPoint<P extends TunedParams>(params: P, point: Point): P {
  const own = Object.entries(point).filter(([path]) => learnerOption(path) === null);
  const changed: P = { ...params, ...Object.fromEntries(own) };
  let learners = learnersOf({ ensemble: changed.ensemble, learners: changed.learners ?? null });
  let isChanged = false;
  for (const [path, value] of Object.entries(point)) {
    const at = learnerOption(path);
    if (at === null || !learners.some((spec) => nameOf(spec) === at.learner)) continue;
    isChanged = true;
    learners = learners.map((spec) => (nameOf(spec) === at.learner ? withOption(spec, at, value) : spec));
  }
  return isChanged ? { ...changed, learners } : changed;
}

const withOption = (spec: LearnerSpec, { learner, option }: LearnerOption, value: Json): LearnerSpec =>
  ({ ...(typeof spec === "string" ? { use: learner } : spec), [option]: value }) as LearnerSpec;

/** The values of a point without which it would be another configuration: what differs from `params`. */
export function changesOf<P extends TunedParams>(params: P, point: Point): Point {
  const applied = canonicalJson(applyPoint(params, point));
  let changes = point;
  for (const path of Object.keys(point)) {
    const { [path]: _, ...others } = changes;
    if (canonicalJson(applyPoint(params, others)) === applied) changes = others;
  }
  return changes;
}

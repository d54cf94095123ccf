import type { z } from "zod";
import { canonicalJson, type Json } from "../../kit/json.js";
import { learnerId } from "../learners/index.js";
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
  /** Name of a learner of ours, id of a program. */
  readonly learner: string;
  readonly isProgram: boolean;
  readonly option: string;
}

/** `learners.NAME.OPTION`, or `learners.ID.options.OPTION` of a program; null for another path. */
export function learnerOption(path: string): LearnerOption | null {
  const [, program, passed] = /^learners\.(.+?)\.options\.(.+)$/.exec(path) ?? [];
  if (program !== undefined && passed !== undefined)
    return { learner: program, isProgram: true, option: passed };
  const [, learner, option] = /^learners\.([^.]+)\.([^.]+)$/.exec(path) ?? [];
  return learner === undefined || option === undefined ? null : { learner, isProgram: false, option };
}

/** Whether the option is one of this learner. */
export function isOf({ learner, isProgram }: LearnerOption, spec: LearnerSpec): boolean {
  if (isCommand(spec)) return isProgram && learnerId(spec) === learner;
  return !isProgram && (typeof spec === "string" ? spec : spec.use) === learner;
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
    if (at === null || !learners.some((spec) => isOf(at, spec))) continue;
    isChanged = true;
    learners = learners.map((spec) => (isOf(at, spec) ? withOption(spec, at, value) : spec));
  }
  return isChanged ? { ...changed, learners } : changed;
}

function withOption(spec: LearnerSpec, { learner, option }: LearnerOption, value: Json): LearnerSpec {
  if (typeof spec === "string") return { use: learner, [option]: value } as LearnerSpec;
  const changed = isCommand(spec)
    ? { ...spec, options: { ...spec.options, [option]: value } }
    : { ...spec, [option]: value };
  return changed as LearnerSpec;
}

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

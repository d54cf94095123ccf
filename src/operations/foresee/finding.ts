import type { Diagnostic } from "../../kit/diagnostic.js";
import type { LegibleRunbook, RunbookStep } from "../../runbook/runbook.js";
import type { Place, RunbookPath } from "../../runbook/source.js";

/** Something that a quarter will meet, known before it runs, with the key of the runbook that it is about. */
export interface Foresight extends Diagnostic {
  /** `error`: it will stop the run. `warning`: a rule will be UNKNOWN, a level left out, or the like. */
  readonly severity: "error" | "warning";
  /** Step that will say it; null for what is told when the run is over. */
  readonly step: string | null;
}

/** A step of the runbook with its place in the file. */
export interface PlacedStep {
  readonly step: RunbookStep;
  readonly index: number;
}

/** Steps of a type whose parameters can be read, at least in part. */
export const stepsOf = ({ steps }: LegibleRunbook, ...types: readonly string[]): PlacedStep[] =>
  steps.flatMap((step, index) => {
    const isLegible = step.unclear === undefined || step.unclear === "some parameters";
    return isLegible && types.includes(step.type.type) ? [{ step, index }] : [];
  });

/** Whether a parameter is wrong, so that nobody knows what it is meant to be. */
export const isLeftOut = ({ step }: PlacedStep, ...names: readonly string[]): boolean =>
  (step.leftOut ?? []).some(([name]) => names.includes(String(name)));

/** What stops a step stops the run, unless the step is optional. */
export const severityOf = ({ step }: PlacedStep): Foresight["severity"] =>
  step.optional ? "warning" : "error";

/** The place of a parameter; where it is not written, that of the step. */
export function placeOfParameter(
  runbook: LegibleRunbook,
  { step, index }: PlacedStep,
  keys: RunbookPath,
): Place {
  const place = runbook.stepPlace(index, ["with", ...keys]);
  return { ...place, path: ["steps", step.id, "with", ...keys].join(".") };
}

/** A name as YAML takes it for a key. */
export const yamlKey = (name: string): string =>
  /^[\p{L}_][\p{L}\p{N}_-]*$/u.test(name) ? name : JSON.stringify(name);

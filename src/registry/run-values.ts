import type { DatasetInput, MetricPoint, ModelRegistry } from "../kit/registry.js";

export type RunValues = Parameters<ModelRegistry["logRun"]>[1];

/** MLflow's limit for the digest of a dataset. */
const MAX_DIGEST = 36;

/**
 * Looks at everything before anything is written.
 * @throws RangeError on what only a mistake of the caller can bring: a step that is no whole number from 0, a value that no JSON holds, a digest that is too long
 */
export function checkRunValues({ metrics = {}, points = [], inputs = [] }: RunValues): void {
  for (const { name, step } of points) {
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new RangeError(`metric ${name}: step ${step} is no whole number from 0`);
    }
  }
  const profiles = inputs.flatMap(({ profile }) => Object.entries(profile));
  const values = points.map(({ name, value }) => [name, value] as const);
  for (const [name, value] of [...Object.entries(metrics), ...values, ...profiles]) {
    if (!Number.isFinite(value)) throw new RangeError(`metric ${name}: ${value} is no finite number`);
  }
  for (const { name, digest } of inputs) {
    if (digest.length > MAX_DIGEST) {
      throw new RangeError(
        `input ${name}: its digest has ${digest.length} characters, at most ${MAX_DIGEST}`,
      );
    }
  }
}

/** By name, then step; a later point of the same name and step wins. */
export function mergePoints(
  earlier: readonly MetricPoint[],
  later: readonly MetricPoint[],
): readonly MetricPoint[] {
  const byPlace = new Map(
    [...earlier, ...later].map((point) => [JSON.stringify([point.name, point.step]), point]),
  );
  return [...byPlace.values()].sort((a, b) => byName(a, b) || a.step - b.step);
}

/** By name; a later input of the same name wins. */
export function mergeInputs(
  earlier: readonly DatasetInput[],
  later: readonly DatasetInput[],
): readonly DatasetInput[] {
  const merged = new Map([...earlier, ...later].map((input) => [input.name, input]));
  return [...merged.values()].sort(byName);
}

/** The value at the highest step of each name. */
export function latestOfPoints(points: readonly MetricPoint[]): Readonly<Record<string, number>> {
  return Object.fromEntries(mergePoints(points, []).map(({ name, value }) => [name, value]));
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

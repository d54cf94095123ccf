import type { Json } from "../../kit/json.js";
import { createRandom } from "../../stats/random.js";

/** What one parameter may be. */
export type Domain =
  | { readonly kind: "choice"; readonly values: readonly Json[] }
  | {
      readonly kind: "range";
      readonly min: number;
      readonly max: number;
      readonly scale: "linear" | "log";
      /** Whether only whole numbers are taken. */
      readonly integer: boolean;
      /** How many of its values a grid has. */
      readonly points: number;
    };

export interface Parameter {
  /** As the space names it, e.g. `learners.boosted-trees.leaves`. */
  readonly path: string;
  readonly domain: Domain;
}

/** Parameters in the order in which they are written. */
export type Space = readonly Parameter[];

/** A value for every parameter, by path. */
export type Point = Readonly<Record<string, Json>>;

type Range = Extract<Domain, { readonly kind: "range" }>;

/** Significant digits of a number that is drawn: nobody tunes finer, and it reads well in a runbook. */
const DIGITS = 4;

/** The value at a share of a range, from 0 at its start to 1 at its end. A whole number takes half a step on each side. */
function valueInRange({ min, max, scale, integer }: Range, share: number): number {
  const margin = integer ? 0.5 : 0;
  const [from, to] = [min - margin, max + margin];
  const value = scale === "log" ? from * (to / from) ** share : from + (to - from) * share;
  const rounded = integer ? Math.round(value) : Number(value.toPrecision(DIGITS));
  return Math.min(max, Math.max(min, rounded));
}

/** Rising, from end to end, without a value that stands twice. */
function gridOfRange(range: Range): number[] {
  const { min, max, scale, integer, points } = range;
  const values = Array.from({ length: points }, (_, i) => {
    if (i === 0) return min;
    if (i === points - 1) return max;
    const share = i / (points - 1);
    const value = scale === "log" ? min * (max / min) ** share : min + (max - min) * share;
    return integer ? Math.round(value) : Number(value.toPrecision(DIGITS));
  });
  return [...new Set(values)];
}

const gridOf = (domain: Domain): readonly Json[] =>
  domain.kind === "choice" ? domain.values : gridOfRange(domain);

export const gridSize = (space: Space): number =>
  space.reduce((size, { domain }) => size * gridOf(domain).length, 1);

/** Every point of the grid; the last parameter changes fastest. */
export function* gridPoints(space: Space): Generator<Point> {
  const axes = space.map(({ domain }) => gridOf(domain));
  for (let index = 0; index < gridSize(space); index++) {
    let rest = index;
    const values: Json[] = [];
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      const length = axes[axis]!.length;
      values.unshift(axes[axis]![rest % length]!);
      rest = Math.floor(rest / length);
    }
    yield pointOf(space, values);
  }
}

/** Points without end, each parameter drawn evenly on its scale; the seed decides all of them. */
export function* randomPoints(space: Space, seed: number): Generator<Point, never> {
  const random = createRandom(seed);
  for (;;) {
    const values = space.map(({ domain }): Json => {
      if (domain.kind === "choice") return domain.values[random.below(domain.values.length)]!;
      return valueInRange(domain, random.uniform());
    });
    yield pointOf(space, values);
  }
}

const pointOf = (space: Space, values: readonly Json[]): Point =>
  Object.fromEntries(space.map(({ path }, index) => [path, values[index]!]));

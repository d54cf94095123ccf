import { fitTrees } from "../boosting/fit.js";
import type { TreeEnsemble } from "../boosting/model.js";
import { type FoldEvidence, isScored } from "./evidence.js";
import { meanForecast, residualWidth } from "./features.js";
import { fitStack, type StackOptions } from "./stack.js";

export interface FullOptions {
  readonly stack: StackOptions;
  readonly trees: {
    readonly trees: number;
    readonly rate: number;
    readonly leaves: number;
    readonly minLeaf: number;
    readonly bins: number;
  };
  /** Most rows that stack and residual trees are fitted on. */
  readonly rows: number;
}

/** Of each fold, `residualFeatures`: many sets of folds are learned from. */
export type FeaturesOf = (fold: FoldEvidence) => Float32Array;

/** What a combination learns: how the mean of the experts should be corrected, in units of a row's scale. */
export interface Parts {
  /** [K]: correction = Σ_k c_k · (f_k − b) / scale. */
  readonly coefficients: Float64Array;
  /** correction = the trees' answer on `residualFeatures`. */
  readonly trees: TreeEnsemble;
}

/** A scored cell of a fold. */
interface Cell {
  readonly fold: number;
  readonly cell: number;
}

/** Both parts, from the scored cells of the folds; null where there is none. */
export function learnParts(
  folds: readonly FoldEvidence[],
  options: FullOptions,
  featuresOf: FeaturesOf,
): Parts | null {
  const all = folds.flatMap((evidence, fold) => scoredCells(evidence).map((cell) => ({ fold, cell })));
  if (all.length === 0) return null;
  const cells = thin(all, options.rows);
  const means = folds.map(({ forecasts }) => meanForecast(forecasts));
  const target = ({ fold, cell }: Cell): number =>
    (folds[fold]!.actual[cell]! - means[fold]![cell]!) / scaleOf(folds[fold]!, cell);
  return {
    coefficients: learnStack(folds, means, cells, target, options),
    trees: learnTrees(folds, cells, target, options, featuresOf),
  };
}

function scoredCells({ rows, actual, forecasts }: FoldEvidence): number[] {
  const cells: number[] = [];
  for (let cell = 0; cell < rows.count * rows.horizon; cell++) {
    if (forecasts.every((forecast) => isScored(actual[cell]!, forecast[cell]!))) cells.push(cell);
  }
  return cells;
}

const scaleOf = ({ rows }: FoldEvidence, cell: number): number =>
  rows.scale[Math.floor(cell / rows.horizon)]!;

function learnStack(
  folds: readonly FoldEvidence[],
  means: readonly Float64Array[],
  cells: readonly Cell[],
  target: (cell: Cell) => number,
  options: FullOptions,
): Float64Array {
  const columns = folds[0]!.forecasts.length;
  const x = new Float64Array(cells.length * columns);
  cells.forEach(({ fold, cell }, r) => {
    const evidence = folds[fold]!;
    for (let k = 0; k < columns; k++) {
      x[r * columns + k] = (evidence.forecasts[k]![cell]! - means[fold]![cell]!) / scaleOf(evidence, cell);
    }
  });
  return fitStack({ columns, x, y: Float64Array.from(cells, target) }, options.stack);
}

function learnTrees(
  folds: readonly FoldEvidence[],
  cells: readonly Cell[],
  target: (cell: Cell) => number,
  options: FullOptions,
  featuresOf: FeaturesOf,
): TreeEnsemble {
  const columns = residualWidth(folds[0]!.forecasts.length);
  const features = folds.map(featuresOf);
  const values = new Float32Array(cells.length * columns);
  cells.forEach(({ fold, cell }, r) => {
    for (let f = 0; f < columns; f++) values[f * cells.length + r] = features[fold]![cell * columns + f]!;
  });
  return fitTrees({ rows: cells.length, columns, values }, Float64Array.from(cells, target), {
    loss: { kind: "l1" },
    ...options.trees,
  });
}

/** At most `most` of the cells, evenly spread. */
function thin(cells: readonly Cell[], most: number): readonly Cell[] {
  if (cells.length <= most) return cells;
  return Array.from({ length: most }, (_, r) => cells[Math.floor((r * cells.length) / most)]!);
}

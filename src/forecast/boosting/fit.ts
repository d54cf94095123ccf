import { createRandom, type Random } from "../../stats/random.js";
import { binFeatures } from "./bins.js";
import { unwatched, watch } from "./early-stopping.js";
import { type GrownNode, growTree, type RunBlocks } from "./grow.js";
import { runBlock } from "./leaf-job.js";
import { leafValues } from "./leaf-values.js";
import { makeObjective } from "./loss.js";
import type { FeatureMatrix } from "./matrix.js";
import type { Tree, TreeEnsemble } from "./model.js";
import { type BoostingOptions, resolveOptions } from "./options.js";
import { addOutside, describeTree } from "./route.js";
import { sampleOf } from "./sampling.js";
import { makeWorkspace, packRows } from "./workspace.js";

export type { FeatureMatrix } from "./matrix.js";

/**
 * Histogram gradient boosting: trees that grow leaf by leaf on binned features (Ke et al. 2017). All sums that
 * decide a split or a leaf are exact, so the ensemble is the same, bit by bit, whatever adds them up in which order;
 * without row sampling, the order of the rows does not matter either (up to 200,000 of them, on which bins are found).
 * @param y one finite number a row, ≥ 0 for losses with a log link
 * @param options what is left out is as in `DEFAULT_BOOSTING`
 * @param weight one a row, ≥ 0
 * @throws RangeError when a target, a weight, an option or the size of something is out of its range
 */
export function fitTrees(
  x: FeatureMatrix,
  y: Float64Array,
  options: Partial<BoostingOptions> = {},
  weight?: Float64Array,
): TreeEnsemble {
  return boost(x, y, options, weight ?? null, (workspace) => {
    for (let block = 0; block < workspace.blocks.length; block++) runBlock(workspace, block);
  });
}

/** `fitTrees`, with something else to go through the blocks of features. */
export function boost(
  x: FeatureMatrix,
  y: Float64Array,
  given: Partial<BoostingOptions>,
  weight: Float64Array | null,
  runBlocks: RunBlocks,
): TreeEnsemble {
  if (y.length !== x.rows) throw new RangeError(`${y.length} targets for ${x.rows} rows`);
  const options = resolveOptions(given, x.rows, x.columns);
  const objective = makeObjective(options.loss, y, weight);
  const binned = binFeatures(x, options.bins, options.seed);
  const workspace = makeWorkspace(binned, options, objective.unitHessian);
  const { training, validation } = divideRows(x.rows, options.earlyStopping?.validation ?? []);
  const base = objective.base(training);
  const scores = new Float64Array(x.rows).fill(base);
  const gradient = new Float64Array(x.rows);
  const hessian = new Float64Array(objective.unitHessian ? 0 : x.rows);
  const random = createRandom(options.seed);
  const isSampled = options.rowShare < 1 || options.featureShare < 1;
  const { earlyStopping } = options;
  const progress =
    earlyStopping === undefined ? unwatched : watch(objective, validation, earlyStopping.rounds, scores);
  const trees: Tree[] = [];

  for (let round = 0; round < options.trees; round++) {
    objective.derive(scores, gradient, hessian);
    const chosen = chooseRows(training, options.rowShare, random);
    chooseFeatures(workspace.active, options.featureShare, random);
    workspace.order.set(chosen);
    const steps = packRows(workspace, chosen, gradient, hessian);
    const nodes = growTree(workspace, chosen.length, steps, options.leaves, runBlocks);
    if (nodes.length === 1) {
      // Nothing is left to learn, unless another sample finds something.
      if (isSampled) continue;
      break;
    }
    const values = leafValues(workspace, nodes, objective, { y, weight, scores, gradient }, steps);
    for (let node = 0; node < nodes.length; node++) values[node]! *= options.rate;
    trees.push(describeTree(nodes, values, binned));
    addInside(workspace.order, nodes, values, scores);
    if (chosen.length < x.rows) addOutside(binned, nodes, values, others(chosen, x.rows), scores);
    if (progress.isOver(trees.length, scores)) break;
  }
  return { features: x.columns, base, link: objective.link, trees: trees.slice(0, progress.best) };
}

/** Both rising. */
function divideRows(
  rows: number,
  validation: ArrayLike<number>,
): { training: Int32Array; validation: Int32Array } {
  const held = Int32Array.from(new Set(Array.from(validation))).sort();
  return { training: others(held, rows), validation: held };
}

/** Which of 0..count − 1 are not among `rows`, which rise. */
function others(rows: Int32Array, count: number): Int32Array {
  const rest = new Int32Array(count - rows.length);
  for (let row = 0, next = 0; row < count; row++) {
    if (rows[next] === row) next++;
    else rest[row - next] = row;
  }
  return rest;
}

function chooseRows(training: Int32Array, share: number, random: Random): Int32Array {
  if (share === 1) return training;
  const size = Math.max(1, Math.round(share * training.length));
  return sampleOf(training.length, size, random).map((place) => training[place]!);
}

function chooseFeatures(active: Uint8Array, share: number, random: Random): void {
  if (share === 1) return;
  active.fill(0);
  const size = Math.max(1, Math.round(share * active.length));
  for (const feature of sampleOf(active.length, size, random)) active[feature] = 1;
}

/** To the rows that the tree was grown on. */
function addInside(
  order: Int32Array,
  nodes: readonly GrownNode[],
  values: Float64Array,
  scores: Float64Array,
): void {
  nodes.forEach(({ feature, begin, end }, node) => {
    if (feature >= 0) return;
    const value = values[node]!;
    for (let i = begin; i < end; i++) scores[order[i]!]! += value;
  });
}

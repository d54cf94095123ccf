import { createRandom, type Random } from "../../stats/random.js";
import { binTable, ROWS_A_BIN } from "./bin-table.js";
import { type Cores, coresOf, lentCores } from "./cores.js";
import { unwatched, watch } from "./early-stopping.js";
import { deriveLoss, packRows } from "./gradients.js";
import { growTree } from "./grow.js";
import { finishLeaves } from "./leaf-values.js";
import { checkTargets, makeObjective } from "./loss.js";
import { checkMatrix, type FeatureMatrix } from "./matrix.js";
import type { Tree, TreeEnsemble } from "./model.js";
import { type BoostingOptions, resolveOptions } from "./options.js";
import { addOutside, describeTree } from "./route.js";
import { sampleOf } from "./sampling.js";
import { makeTeam, type Team } from "./team.js";
import { makeWorkspace, type Source, type Workspace } from "./workspace.js";

export type { FeatureMatrix } from "./matrix.js";

/** Values of the matrix below which starting threads costs more than they save. */
const WORTH_THREADS = 500_000;

/**
 * Histogram gradient boosting: trees that grow leaf by leaf on binned features (Ke et al. 2017). All sums that
 * decide a split or a leaf are exact, so the ensemble is the same, bit by bit, whatever adds them up in which order;
 * without row sampling, the order of the rows does not matter either (up to 512 a bin, on which bins are found).
 * @param y one finite number a row, ≥ 0 for losses with a log link
 * @param options what is left out is as in `DEFAULT_BOOSTING`
 * @param weight one a row, ≥ 0
 * @param threads to work with, this one included, where there is enough to do; else those of `lentCores`
 * @throws RangeError when a target, a weight, an option or the size of something is out of its range
 */
export function fitTrees(
  x: FeatureMatrix,
  y: Float64Array,
  options: Partial<BoostingOptions> = {},
  weight: Float64Array | null = null,
  threads?: number,
): TreeEnsemble {
  checkMatrix(x);
  if (y.length !== x.rows) throw new RangeError(`${y.length} targets for ${x.rows} rows`);
  const all = resolveOptions(options, x.rows, x.columns);
  checkTargets(all.loss, y, weight);
  const cores =
    x.values.length < WORTH_THREADS ? coresOf(1) : threads === undefined ? lentCores() : coresOf(threads);
  const { unitHessian } = makeObjective(all.loss, y, weight);
  const workspace = makeWorkspace(sourceOf(x, all, cores), y, weight, all, unitHessian, cores.most);
  const team = makeTeam(workspace);
  try {
    return boost(workspace, all, team, cores);
  } finally {
    team.close();
  }
}

/** Helpers see the values only in memory that is shared. */
function sourceOf({ rows, values }: FeatureMatrix, { bins, seed }: BoostingOptions, { most }: Cores): Source {
  const size = ROWS_A_BIN * bins;
  const sample = rows > size ? sampleOf(rows, size, createRandom(seed)) : null;
  if (most === 1 || values.buffer instanceof SharedArrayBuffer) return { values, sample };
  const shared = new Float32Array(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  return { values: shared, sample };
}

function boost(workspace: Workspace, options: BoostingOptions, team: Team, cores: Cores): TreeEnsemble {
  const { rows, columns, objective, scores, order } = workspace;
  const { run } = team;
  team.useThreads(cores.now());
  binTable(workspace, run);
  const { training, validation } = divideRows(rows, options.earlyStopping?.validation ?? []);
  const base = objective.base(training);
  scores.fill(base);
  const random = createRandom(options.seed);
  const isSampled = options.rowShare < 1 || options.featureShare < 1;
  const { earlyStopping } = options;
  const progress =
    earlyStopping === undefined ? unwatched : watch(objective, validation, earlyStopping.rounds, scores);
  const trees: Tree[] = [];

  for (let round = 0; round < options.trees; round++) {
    team.useThreads(cores.now());
    deriveLoss(workspace, run);
    const chosen = chooseRows(training, options.rowShare, random);
    chooseFeatures(workspace.active, options.featureShare, random);
    order.set(chosen);
    const { steps, sums } = packRows(workspace, chosen.length, run);
    const nodes = growTree(workspace, chosen.length, sums, steps, run);
    if (nodes.length === 1) {
      // Nothing is left to learn, unless another sample finds something.
      if (isSampled) continue;
      break;
    }
    const values = finishLeaves(workspace, nodes, steps, run);
    trees.push(describeTree(workspace, nodes, values));
    if (chosen.length < rows) addOutside(workspace, nodes, values, others(chosen, rows));
    if (progress.isOver(trees.length, scores)) break;
  }
  return { features: columns, base, link: objective.link, trees: trees.slice(0, progress.best) };
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

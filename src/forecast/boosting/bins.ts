import { createRandom } from "../../stats/random.js";
import { assignBins, type Lane } from "./assign-bins.js";
import { cutPoints } from "./cut-points.js";
import { checkMatrix, type FeatureMatrix } from "./matrix.js";
import { sampleOf } from "./sampling.js";

/** Features that are worked on together. */
export const FEATURES_PER_BLOCK = 8;
const FEATURES_PER_WORD = 4;

/** A feature matrix as numbers of bins, 8 bits each. */
export interface BinnedMatrix {
  readonly rows: number;
  readonly columns: number;
  /**
   * One a block of eight features, [rows × 2]: their bins, the lowest 8 bits of a word being those of its first
   * feature. The last block has one word a row when four hold its features.
   */
  readonly blocks: readonly Int32Array[];
  /** [columns]: bins of numbers; a missing value is in the bin after them. */
  readonly numbers: Int32Array;
  /**
   * One a feature: bin b holds the values x with thresholds[b − 1] < x ≤ thresholds[b]. Each lies strictly
   * between two neighbouring values of the matrix, or is the lower one where no float32 lies between.
   */
  readonly thresholds: readonly Float64Array[];
}

/** Bins are found on so many rows at most: quantiles of more do not differ enough to matter. */
const SAMPLE = 200_000;

/**
 * @param bins most bins of numbers a feature
 * @param seed of the sample of rows on which bins are found, where there are more than 200,000
 * @throws RangeError when the sizes of the matrix do not fit together
 */
export function binFeatures(matrix: FeatureMatrix, bins: number, seed: number): BinnedMatrix {
  checkMatrix(matrix);
  const { rows, columns, values } = matrix;
  const sample = rows > SAMPLE ? sampleOf(rows, SAMPLE, createRandom(seed)) : null;
  const blocks = Array.from({ length: Math.ceil(columns / FEATURES_PER_BLOCK) }, (_, block) => {
    const words = columns - block * FEATURES_PER_BLOCK > FEATURES_PER_WORD ? 2 : 1;
    return new Int32Array(new SharedArrayBuffer(words * rows * 4));
  });
  const numbers = new Int32Array(columns);
  const thresholds: Float64Array[] = [];
  for (let feature = 0; feature < columns; feature++) {
    const column = values.subarray(feature * rows, (feature + 1) * rows);
    const cuts = cutPoints(sample === null ? column : Float32Array.from(sample, (row) => column[row]!), bins);
    numbers[feature] = cuts.length + 1;
    thresholds.push(assignBins(column, cuts, laneOf({ rows, blocks }, feature)));
  }
  return { rows, columns, blocks, numbers, thresholds };
}

export function laneOf({ rows, blocks }: Pick<BinnedMatrix, "rows" | "blocks">, feature: number): Lane {
  const words = blocks[Math.floor(feature / FEATURES_PER_BLOCK)]!;
  const within = feature % FEATURES_PER_BLOCK;
  return {
    words,
    stride: words.length / rows,
    word: Math.floor(within / FEATURES_PER_WORD),
    shift: 8 * (within % FEATURES_PER_WORD),
  };
}

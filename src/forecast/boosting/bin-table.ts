import { assignBins } from "./assign-bins.js";
import { cutPoints } from "./cut-points.js";
import { CUT_SPACE, partStart, partsOf, type RunWork, type Workspace } from "./workspace.js";

/** Bins are found on so many rows a bin at most: with more, bins hold hardly more equal numbers of rows. */
export const ROWS_A_BIN = 512;

/** Rows that are worth a part. */
const LEAST_ROWS = 8192;

/** The feature matrix as numbers of bins, 8 bits each: by feature and by row. */
export function binTable(workspace: Workspace, run: RunWork): void {
  run(binColumn, Math.min(workspace.columns, 256));
  run(layRows, partsOf(workspace.rows, LEAST_ROWS));
}

/**
 * Features of a part: finds bins and writes those of the values. Bin b of a feature holds the values x with
 * thresholds[b − 1] < x ≤ thresholds[b]; each threshold lies strictly between two neighbouring values of the matrix, or
 * is the lower one where no float32 lies between.
 */
export function binColumn(workspace: Workspace, part: number, parts: number): void {
  const { rows, columns, bins, numbers, thresholds, columnBins, shared } = workspace;
  const { values, sample } = shared.source;
  const end = partStart(0, columns, part + 1, parts);
  for (let feature = partStart(0, columns, part, parts); feature < end; feature++) {
    const column = values.subarray(feature * rows, (feature + 1) * rows);
    const cuts = cutPoints(sample === null ? column : picked(column, sample), bins);
    numbers[feature] = cuts.length + 1;
    const own = columnBins.subarray(feature * rows, (feature + 1) * rows);
    thresholds.set(assignBins(column, cuts, own), feature * CUT_SPACE);
  }
}

function picked(column: Float32Array, sample: Int32Array): Float32Array {
  const values = new Float32Array(sample.length);
  for (let i = 0; i < sample.length; i++) values[i] = column[sample[i]!]!;
  return values;
}

/** Rows whose bins stay in the nearest cache until all their features are written. */
const TILE = 256;

/** Rows of a part: copies their bins from the columns. */
export function layRows(workspace: Workspace, part: number, parts: number): void {
  const { rows, columns, stride, columnBins, rowBins } = workspace;
  const last = partStart(0, rows, part + 1, parts);
  for (let begin = partStart(0, rows, part, parts); begin < last; begin += TILE) {
    const end = Math.min(last, begin + TILE);
    for (let feature = 0; feature < columns; feature++) {
      const column = feature * rows;
      for (let row = begin; row < end; row++) rowBins[row * stride + feature] = columnBins[column + row]!;
    }
  }
}

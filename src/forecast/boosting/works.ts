import { binColumn, layRows } from "./bin-table.js";
import { divideRows, settleRows } from "./divide.js";
import { derive, measure, pack } from "./gradients.js";
import { addRows, seekSplits } from "./leaf-job.js";
import { addToScores, findResiduals, markLeaves, quantileLeaf, sumLeaves } from "./leaf-values.js";
import type { Work } from "./workspace.js";

/** What helpers can be asked for, by number: functions do not go from thread to thread. */
export const WORKS: readonly Work[] = [
  binColumn,
  layRows,
  derive,
  measure,
  pack,
  addRows,
  seekSplits,
  divideRows,
  settleRows,
  markLeaves,
  sumLeaves,
  findResiduals,
  quantileLeaf,
  addToScores,
];

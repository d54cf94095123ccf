import type { Objective } from "./loss.js";

/** Watches the loss on rows that no tree is grown on. */
export interface Watch {
  /** After a tree; whether the loss has not fallen for too long. */
  isOver(trees: number, scores: Float64Array): boolean;
  /** How many trees to keep; all of them where nothing is watched. */
  readonly best: number;
}

export const unwatched: Watch = { isOver: () => false, best: Number.POSITIVE_INFINITY };

/**
 * @param rows rising
 * @param rounds trees without a lower loss
 */
export function watch(objective: Objective, rows: Int32Array, rounds: number, scores: Float64Array): Watch {
  const loss = (current: Float64Array) =>
    rows.reduce((sum, row) => sum + objective.lossOf(row, current[row]!), 0);
  let lowest = loss(scores);
  let best = 0;
  return {
    isOver(trees, current) {
      const now = loss(current);
      if (now < lowest) {
        lowest = now;
        best = trees;
      }
      return trees - best >= rounds;
    },
    get best() {
      return best;
    },
  };
}

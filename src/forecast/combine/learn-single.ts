import { PairScores } from "../../stats/metrics.js";
import { groupOf } from "../segment-codes.js";
import type { Evidence } from "./evidence.js";
import type { Combination } from "./model.js";

/**
 * The expert with the lowest CV WMAPE, a segment. A segment with fewer than `minSeries` series, or whose actuals are
 * all zero or absent, takes the one that is best over all series, and so do unknown segments. A single segment is
 * not looked at: unknown series must be in it. The expert that is listed first wins a tie.
 */
export function learnSingle(evidence: Evidence, minSeries: number): Combination {
  const { experts, segments } = evidence;
  const groups = segments + 1;
  const scores = Array.from({ length: experts }, (_, k) => scoresByGroup(evidence, k, groups));
  const pooled = lowest(scores.map((byGroup) => merged(byGroup).result().wmape)) ?? 0;
  const seriesIn = countSeries(evidence, groups);
  const chosen = Array.from({ length: groups }, (_, group) => {
    if (groups === 2 || group === segments || seriesIn[group]! < minSeries) return pooled;
    return lowest(scores.map((byGroup) => byGroup[group]!.result().wmape)) ?? pooled;
  });
  return {
    method: "single",
    weights: chosen.map((best) => Array.from({ length: experts }, (_, k) => (k === best ? 1 : 0))),
    residual: null,
  };
}

function scoresByGroup({ folds }: Evidence, expert: number, groups: number): PairScores[] {
  const scores = Array.from({ length: groups }, () => new PairScores());
  for (const { rows, actual, forecasts, maseScale } of folds) {
    const forecast = forecasts[expert]!;
    for (let i = 0; i < rows.count; i++) {
      const own = scores[groupOf(rows.codes[i * rows.columns] ?? -1, groups)]!;
      for (let cell = i * rows.horizon; cell < (i + 1) * rows.horizon; cell++) {
        own.add(i, actual[cell]!, forecast[cell]!, maseScale[i]!);
      }
    }
  }
  return scores;
}

function countSeries({ folds }: Evidence, groups: number): Int32Array {
  const counts = new Int32Array(groups);
  const rows = folds[0]?.rows;
  for (let i = 0; i < (rows?.count ?? 0); i++) {
    counts[groupOf(rows!.codes[i * rows!.columns] ?? -1, groups)]!++;
  }
  return counts;
}

function merged(parts: readonly PairScores[]): PairScores {
  const all = new PairScores();
  for (const part of parts) all.merge(part);
  return all;
}

/** Index of the smallest figure that is not null; null when all are. */
function lowest(figures: readonly (number | null)[]): number | null {
  let best: number | null = null;
  for (const [k, value] of figures.entries()) {
    if (value !== null && (best === null || value < figures[best]!)) best = k;
  }
  return best;
}

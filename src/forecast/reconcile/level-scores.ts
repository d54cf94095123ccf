import type { ReconciliationReport } from "../../kit/artifacts/training.js";
import { PairScores } from "../../stats/metrics.js";
import { sumMembers } from "./coherent.js";
import { allGroups, type Hierarchy } from "./hierarchy.js";
import type { LevelFold, Side } from "./level-folds.js";

export interface ScoredFold {
  readonly fold: LevelFold;
  /** [series × H]; null where the series stay as they are. */
  readonly reconciled: Float64Array | null;
}

type Level = ReconciliationReport["levels"][number];
type Score = NonNullable<Level["base"]>;

/** Accuracy at each level of the forecasts of the sums themselves, of summed series, and of summed reconciled series. */
export function scoreLevels(hierarchy: Hierarchy, folds: readonly ScoredFold[]): Level[] {
  const groups = allGroups(hierarchy);
  const parts = folds.map(({ fold, reconciled }) => {
    const sumOf = (series: Float64Array) =>
      sumMembers({ horizon: fold.horizon, living: fold.living, series, groups });
    return {
      fold,
      reconciled,
      bottomUp: sumOf(fold.series.forecast),
      summed: reconciled === null ? null : sumOf(reconciled),
    };
  });
  let first = 0;
  const levels = hierarchy.levels.map(({ name, groups: own }): Level => {
    const rows = own.map((_, i) => first + i);
    first += own.length;
    const over = (forecastOf: (part: (typeof parts)[number]) => Float64Array | null) =>
      score(
        parts.map((part) => ({ fold: part.fold, side: part.fold.groups, forecast: forecastOf(part), rows })),
      );
    return {
      level: name,
      groups: own.length,
      base: over(({ fold }) => fold.groups.forecast),
      bottomUp: over(({ bottomUp }) => bottomUp)!,
      reconciled: over(({ summed }) => summed),
    };
  });
  const series = (forecastOf: (part: (typeof parts)[number]) => Float64Array | null) =>
    score(
      parts.map((part) => {
        const rows = [...part.fold.living.keys()].filter((s) => part.fold.living[s] === 1);
        return { fold: part.fold, side: part.fold.series, forecast: forecastOf(part), rows };
      }),
    );
  const asTheyAre = series(({ fold }) => fold.series.forecast);
  return [
    ...levels,
    {
      level: "series",
      groups: hierarchy.series,
      base: asTheyAre,
      bottomUp: asTheyAre!,
      reconciled: series(({ reconciled }) => reconciled),
    },
  ];
}

interface Scorable {
  readonly fold: LevelFold;
  readonly side: Side;
  readonly forecast: Float64Array | null;
  readonly rows: readonly number[];
}

/** Null where there is no forecast at all. */
function score(parts: readonly Scorable[]): Score | null {
  const scores = new PairScores();
  let forecasts = 0;
  for (const { fold, side, forecast, rows } of parts) {
    for (const row of forecast === null ? [] : rows) {
      for (let cell = row * fold.horizon; cell < (row + 1) * fold.horizon; cell++) {
        if (Number.isFinite(forecast![cell]!)) forecasts++;
        if (Number.isNaN(side.actual[cell]!)) continue;
        scores.add(row, side.actual[cell]!, forecast![cell]!, side.maseScale[row]!);
      }
    }
  }
  const { wmape, mase, n } = scores.result();
  return forecasts === 0 ? null : { wmape, mase, n };
}

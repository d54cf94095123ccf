import type { ReconciliationReport } from "../../kit/artifacts/training.js";
import type { Panel } from "../../panel/panel.js";
import { type BaseForecasts, coherentSeries, typicalRatio, withDeviations } from "./coherent.js";
import { type Errors, errorsOf } from "./errors.js";
import { allGroups, distinctMembers, type Group, type Hierarchy } from "./hierarchy.js";
import { type FoldForecast, type LevelFold, levelFold } from "./level-folds.js";
import { type ScoredFold, scoreLevels } from "./level-scores.js";
import type { Reconciliation } from "./model.js";
import type { ReconcileSpec } from "./spec.js";

/** Fewer origins, or fewer rows of errors, say nothing of what errs together. */
const MIN_FOLDS = 2;
const MIN_ROWS = 8;

export interface ReconcileEvidence {
  readonly panel: Panel;
  readonly hierarchy: Hierarchy;
  readonly spec: ReconcileSpec;
  /** All folds of CV, and which of them the report is about. */
  readonly folds: readonly FoldForecast[];
  readonly isScored: readonly boolean[];
  /** Of all targets: for the outlook. Folds have what was known at their origins. */
  readonly nonNegative: boolean;
}

export interface LearnedReconciliation {
  readonly reconciliation: Reconciliation;
  readonly report: ReconciliationReport;
}

/**
 * What CV says of the errors of the series and their sums. Each fold is scored with the errors of the folds whose
 * periods are not its own.
 */
export function learnReconciliation(evidence: ReconcileEvidence): LearnedReconciliation {
  const { panel, hierarchy, spec, isScored, nonNegative } = evidence;
  const groups = allGroups(hierarchy);
  const folds = evidence.folds.map((fold) => levelFold(panel, fold, groups));
  const isBottomUp = spec.method === "bottom-up";
  const own = estimate(isBottomUp ? [] : folds, groups, hierarchy.series);
  const scored = folds
    .filter((_, f) => isScored[f]!)
    .map((fold) => (isBottomUp ? { fold, reconciled: null, hasErrors: false } : judge(fold, folds, groups)));
  const method = isBottomUp ? "bottom-up" : own.rows > 0 ? "mint-shrink" : "wls-naive";
  return {
    reconciliation: {
      format: 1,
      by: [...spec.by],
      cross: (spec.cross ?? []).map((level) => [...level]),
      method,
      nonNegative,
      shrinkage: own.shrinkage,
      rows: own.rows,
      typical: typicalRatio(own, folds.at(-1)!.scale),
      ...nodesOf(own, panel, groups),
    },
    report: {
      asked: spec.method,
      method,
      shrinkage: method === "mint-shrink" ? own.shrinkage : null,
      rows: own.rows,
      scoredWithout: isBottomUp ? 0 : scored.filter(({ hasErrors }) => !hasErrors).length,
      levels: scoreLevels(hierarchy, scored),
    },
  };
}

/** The errors of the folds; without rows where they are too few. */
function estimate(folds: readonly LevelFold[], groups: readonly Group[], series: number): Errors {
  const nodes = series + groups.length;
  const horizon = folds[0]?.horizon ?? 0;
  const rows = folds.length * horizon;
  if (folds.length < MIN_FOLDS || rows < MIN_ROWS) {
    const deviation = new Float64Array(nodes).fill(Number.NaN);
    return { shrinkage: 1, rows: 0, deviation, scaled: new Float64Array(0) };
  }
  const errors = new Float64Array(nodes * rows).fill(Number.NaN);
  const isDistinct = distinctMembers(groups, () => true).map((members) => members !== null);
  folds.forEach(({ series: own, groups: sums, living }, f) => {
    const put = (node: number, row: number, { actual, forecast }: LevelFold["series"]) => {
      for (let h = 0; h < horizon; h++) {
        const cell = row * horizon + h;
        errors[node * rows + f * horizon + h] = actual[cell]! - forecast[cell]!;
      }
    };
    living.forEach((lives, s) => {
      if (lives === 1) put(s, s, own);
    });
    isDistinct.forEach((distinct, g) => {
      if (distinct) put(series + g, g, sums);
    });
  });
  return errorsOf(errors, nodes);
}

function judge(
  fold: LevelFold,
  folds: readonly LevelFold[],
  groups: readonly Group[],
): ScoredFold & { readonly hasErrors: boolean } {
  const others = folds.filter(({ origin }) => Math.abs(origin - fold.origin) >= fold.horizon);
  const errors = estimate(others, groups, fold.living.length);
  const base: BaseForecasts = {
    horizon: fold.horizon,
    living: fold.living,
    series: fold.series.forecast,
    groups,
    sums: fold.groups.forecast,
  };
  const known = withDeviations(errors, fold.scale, typicalRatio(errors, fold.scale));
  return { fold, reconciled: coherentSeries(base, known, fold.nonNegative), hasErrors: errors.rows > 0 };
}

/** Enough digits for weights, and no more in the file. */
const rounded = (value: number, digits: number): number => Number(value.toPrecision(digits));

function nodesOf(
  { deviation, scaled, rows }: Errors,
  panel: Panel,
  groups: readonly Group[],
): Pick<Reconciliation, "series" | "groups"> {
  if (rows === 0) return { series: [], groups: [] };
  const node = (i: number) => ({
    deviation: Number.isNaN(deviation[i]!) ? null : rounded(deviation[i]!, 9),
    scaled: Array.from(scaled.subarray(i * rows, (i + 1) * rows), (value) => rounded(value, 6)),
  });
  return {
    series: panel.series.map((id, s) => ({ id, ...node(s) })),
    groups: groups.map(({ attributes, labels }, g) => ({
      attributes: [...attributes],
      labels: [...labels],
      ...node(panel.series.length + g),
    })),
  };
}

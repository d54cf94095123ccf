import type { Evidence, FoldEvidence } from "./evidence.js";
import { pairedDifference, seriesBiases, seriesLosses, total } from "./paired.js";
import { scoreForecasts } from "./scores.js";

/** A member of the plain mean that CV shows to do harm there. */
export interface DroppedMember {
  /** Index of the expert. */
  readonly expert: number;
  readonly why: "worse-than-naive" | "biased";
  /** How far it is behind the naive (WMAPE and MASE together, as multiples of the naive's), or its bias; and the standard error of that. */
  readonly by: number;
  readonly standardError: number;
}

/** Standard errors that a member has to be away from what is expected of it. */
const SURE = 2;
/** How many times the naive's loss is gross, where it is that in every fold: one series that a member breaks on may be all of it. */
const RUIN = 2;
/** A bias that is gross, as a share of the actuals. */
const GROSS = 0.4;
/** How many times the median of the others' biases is far beyond them. */
const BEYOND = 3;

/**
 * Members that lose their weight: what CV shows, by the paired standard error of its own scores or by twice the loss in every fold, to be worse
 * than the seasonal naive; then, one by one, what is grossly biased and far beyond the others and the naive. One member always stays, the best of them.
 */
export function droppedMembers(evidence: Evidence, members: readonly number[]): readonly DroppedMember[] {
  if (members.length < 2 || evidence.folds.length < 2) return [];
  const worse = members.flatMap((expert) => worseThanNaive(evidence, expert) ?? []);
  // Where all are worse the panel is at fault, and the plain mean is as good a guess as any.
  const dropped: DroppedMember[] = worse.length === members.length ? [] : worse;
  for (;;) {
    const left = members.filter((expert) => !dropped.some((one) => one.expert === expert));
    const next = left.length < 2 ? null : mostBiased(evidence, left);
    if (next === null) return dropped;
    dropped.push(next);
  }
}

function worseThanNaive({ folds }: Evidence, expert: number): DroppedMember | null {
  const losses = folds.map((fold) => ({
    own: seriesLosses(fold, fold.forecasts[expert]!),
    naive: seriesLosses(fold, fold.naive),
  }));
  const { mean, standardError } = pairedDifference(
    losses.map(({ own, naive }) => own.map((loss, i) => loss - naive[i]!)),
  );
  if (standardError === null) return null;
  const isRuin = losses.every(({ own, naive }) => total(own) > RUIN * total(naive));
  if (!isRuin && !(mean > SURE * standardError)) return null;
  return { expert, why: "worse-than-naive", by: mean, standardError };
}

function mostBiased({ folds }: Evidence, members: readonly number[]): DroppedMember | null {
  const forecastsOf = (expert: number) => folds.map(({ forecasts }) => forecasts[expert]!);
  let found: DroppedMember | null = null;
  for (const expert of members) {
    const others = members.filter((other) => other !== expert).map(forecastsOf);
    const gross = grossBias(folds, forecastsOf(expert), others);
    if (gross !== null && (found === null || Math.abs(gross.by) > Math.abs(found.by))) {
      found = { expert, why: "biased", ...gross };
    }
  }
  return found;
}

/**
 * The bias of forecasts where it is gross, by more than its standard error, and far beyond those of the others and of the naive; null where it is not.
 * @param forecasts one matrix a fold
 */
export function grossBias(
  folds: readonly FoldEvidence[],
  forecasts: readonly Float64Array[],
  others: readonly (readonly Float64Array[])[],
): { readonly by: number; readonly standardError: number } | null {
  const by = scoreForecasts(folds, forecasts).bias;
  if (by === null || Math.abs(by) < GROSS) return null;
  const biases = [...others, folds.map(({ naive }) => naive)].map((one) =>
    Math.abs(scoreForecasts(folds, one).bias ?? 0),
  );
  if (Math.abs(by) < BEYOND * median(biases)) return null;
  const { mean, standardError } = pairedDifference(folds.map((fold, f) => seriesBiases(fold, forecasts[f]!)));
  if (standardError === null || !(Math.abs(mean) > SURE * standardError)) return null;
  return { by, standardError };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

import type { ChampionObservation } from "../../kit/observations.js";
import { pairedBootstrap } from "../../stats/bootstrap.js";
import { PairScores } from "../../stats/metrics.js";

export type ChampionMetric = "wmape" | "mase" | "bias";

export interface ForecastRow {
  readonly series: string;
  readonly period: number;
  readonly forecast: number;
}

export interface ChampionBootstrap {
  readonly replicates: number;
  /** Nominal coverage of the interval, in (0, 1). */
  readonly level: number;
  readonly seed: number;
  /** What the p values test the difference against. */
  readonly limit: number;
}

export interface ChampionRequest {
  /** One row a (series, period). */
  readonly candidate: readonly (ForecastRow & { readonly actual: number })[];
  readonly champion: readonly ForecastRow[];
  readonly metric: ChampionMetric;
  /** Whether the difference is divided by the champion's score. */
  readonly isRelative: boolean;
  /** MASE scale of a series, or null when it has none. Only `mase` asks for it. */
  readonly scale?: (series: string) => number | null;
  readonly bootstrap: ChampionBootstrap;
}

/** Scores two forecasters on exactly the same (series, period) rows. */
export function compareWithChampion(request: ChampionRequest): ChampionObservation {
  const { metric, isRelative } = request;
  const groups = scoreSeries(request);
  const candidate = pooled(groups.map((group) => group.candidate));
  const champion = pooled(groups.map((group) => group.champion));
  const { observed, why } = difference(request, candidate[metric], champion[metric], candidate.n);
  const found =
    observed === null || metric === "bias" ? null : bootstrap(metric, isRelative, groups, request.bootstrap);
  return {
    observed,
    candidate: candidate[metric],
    champion: champion[metric],
    n: candidate.n,
    series: groups.length,
    interval: found?.interval ? { level: found.level, ...found.interval } : null,
    pAbove: found?.pAbove ?? null,
    pBelow: found?.pBelow ?? null,
    why,
  };
}

interface SeriesScores {
  readonly candidate: PairScores;
  readonly champion: PairScores;
}

/** In code unit order of the series. */
function scoreSeries(request: ChampionRequest): SeriesScores[] {
  const scaleOf = request.scale ?? (() => null);
  const bySeries = new Map<string, SeriesScores>();
  const champions = new Map(request.champion.map((row) => [keyOf(row), row.forecast]));
  for (const row of request.candidate) {
    const champion = champions.get(keyOf(row)) ?? Number.NaN;
    if (![row.actual, row.forecast, champion].every(Number.isFinite)) continue;
    let scores = bySeries.get(row.series);
    if (scores === undefined) {
      scores = { candidate: new PairScores(), champion: new PairScores() };
      bySeries.set(row.series, scores);
    }
    const scale = request.metric === "mase" ? scaleOf(row.series) : null;
    scores.candidate.add(row.series, row.actual, row.forecast, scale);
    scores.champion.add(row.series, row.actual, champion, scale);
  }
  return [...bySeries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, scores]) => scores);
}

const keyOf = (row: ForecastRow): string => `${row.period} ${row.series}`;

function pooled(parts: readonly PairScores[]) {
  const all = new PairScores();
  for (const part of parts) all.merge(part);
  return all.result();
}

function difference(
  { metric, isRelative }: ChampionRequest,
  candidate: number | null,
  champion: number | null,
  n: number,
): Pick<ChampionObservation, "observed" | "why"> {
  if (candidate === null || champion === null) {
    const noScore = metric === "mase" ? "no-scale" : "zero-actuals";
    return { observed: null, why: n === 0 ? "no-common-rows" : noScore };
  }
  const [ours, theirs] =
    metric === "bias" ? [Math.abs(candidate), Math.abs(champion)] : [candidate, champion];
  if (!isRelative) return { observed: ours - theirs, why: null };
  return theirs === 0
    ? { observed: null, why: "champion-has-no-error" }
    : { observed: (ours - theirs) / theirs, why: null };
}

/**
 * WMAPE is Σ|y−ŷ| / Σ|y| over series; MASE is the mean of the series' own, which is the same ratio with a weight of 1 a series. A relative
 * change divides the same sum by the champion's errors.
 */
function bootstrap(
  metric: "wmape" | "mase",
  isRelative: boolean,
  groups: readonly SeriesScores[],
  { replicates, level, seed, limit }: ChampionBootstrap,
) {
  const scored = groups
    .map((group) => ({ candidate: group.candidate.result(), champion: group.champion.result() }))
    .filter((group) => metric === "wmape" || group.candidate.mase !== null);
  const errorOf = (scores: ReturnType<PairScores["result"]>) =>
    metric === "wmape" ? scores.absoluteError : (scores.mase ?? 0);
  const champion = scored.map((group) => errorOf(group.champion));
  const weight = scored.map((group) => (metric === "wmape" ? group.candidate.absoluteActual : 1));
  return pairedBootstrap(
    {
      candidate: scored.map((group) => errorOf(group.candidate)),
      champion,
      actual: isRelative ? champion : weight,
    },
    { resamples: replicates, level, seed, limit },
  );
}

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
}

export interface ChampionRequest {
  /** One row a (series, period). */
  readonly candidate: readonly (ForecastRow & { readonly actual: number })[];
  readonly champion: readonly ForecastRow[];
  readonly metric: ChampionMetric;
  /** MASE scale of a series, or null when it has none. Only `mase` asks for it. */
  readonly scale?: (series: string) => number | null;
  readonly bootstrap: ChampionBootstrap;
}

export interface ChampionComparison {
  /** candidate − champion in units of the metric; for bias |candidate| − |champion|. Null where either side is null. */
  readonly observed: number | null;
  readonly candidate: number | null;
  readonly champion: number | null;
  /** Pairs and series on both sides with three finite numbers: what both are scored on. */
  readonly n: number;
  readonly series: number;
  /**
   * Bootstrap interval of `observed` over series. Null where `observed` is, and for bias: its size is no sum over series.
   */
  readonly interval: { readonly lo: number; readonly hi: number } | null;
}

/** Scores two forecasters on exactly the same (series, period) rows. */
export function compareWithChampion(request: ChampionRequest): ChampionComparison {
  const { metric } = request;
  const scaleOf = request.scale ?? (() => null);
  const bySeries = new Map<string, { candidate: PairScores; champion: PairScores }>();
  const champions = new Map(request.champion.map((row) => [keyOf(row), row.forecast]));
  for (const row of request.candidate) {
    const champion = champions.get(keyOf(row)) ?? Number.NaN;
    if (![row.actual, row.forecast, champion].every(Number.isFinite)) continue;
    let scores = bySeries.get(row.series);
    if (scores === undefined) {
      scores = { candidate: new PairScores(), champion: new PairScores() };
      bySeries.set(row.series, scores);
    }
    const scale = metric === "mase" ? scaleOf(row.series) : null;
    scores.candidate.add(row.series, row.actual, row.forecast, scale);
    scores.champion.add(row.series, row.actual, champion, scale);
  }

  const groups = [...bySeries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, scores]) => scores);
  const candidate = pooled(groups.map((group) => group.candidate));
  const champion = pooled(groups.map((group) => group.champion));
  return {
    observed: difference(metric, candidate[metric], champion[metric]),
    candidate: candidate[metric],
    champion: champion[metric],
    n: candidate.n,
    series: groups.length,
    interval: metric === "bias" ? null : interval(metric, groups, request.bootstrap),
  };
}

const keyOf = (row: ForecastRow): string => `${row.period} ${row.series}`;

function pooled(parts: readonly PairScores[]) {
  const all = new PairScores();
  for (const part of parts) all.merge(part);
  return all.result();
}

function difference(
  metric: ChampionMetric,
  candidate: number | null,
  champion: number | null,
): number | null {
  if (candidate === null || champion === null) return null;
  return metric === "bias" ? Math.abs(candidate) - Math.abs(champion) : candidate - champion;
}

/**
 * WMAPE is Σ|y−ŷ| / Σ|y| over series; MASE is the mean of the series' own, which is the same ratio with a weight of 1 a series.
 */
function interval(
  metric: "wmape" | "mase",
  groups: readonly { readonly candidate: PairScores; readonly champion: PairScores }[],
  { replicates, level, seed }: ChampionBootstrap,
): ChampionComparison["interval"] {
  const scored = groups
    .map((group) => ({ candidate: group.candidate.result(), champion: group.champion.result() }))
    .filter((group) => metric === "wmape" || group.candidate.mase !== null);
  const errorOf = (scores: ReturnType<PairScores["result"]>) =>
    metric === "wmape" ? scores.absoluteError : (scores.mase ?? 0);
  const found = pairedBootstrap(
    {
      candidate: scored.map((group) => errorOf(group.candidate)),
      champion: scored.map((group) => errorOf(group.champion)),
      actual: scored.map((group) => (metric === "wmape" ? group.candidate.absoluteActual : 1)),
    },
    { resamples: replicates, level, seed },
  );
  return found === null ? null : { lo: found.lo, hi: found.hi };
}

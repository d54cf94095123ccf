import type { Actuals } from "../forecast/accuracy/actuals.js";
import type { GroupOf } from "../forecast/accuracy/groups.js";
import {
  type DatedForecasts,
  isComplete,
  latestPairs,
  type Pair,
  type PeriodRange,
} from "../forecast/accuracy/pairs.js";
import { UNASSIGNED } from "../forecast/accuracy/report.js";
import type { BacktestCoverage, BacktestScores } from "../kit/backtest.js";
import { PairScores } from "../stats/metrics.js";

/** Forecasts and, on the same pairs, the seasonal naive of the same cutoff. Can be added up over quarters. */
class ScoresBesideNaive {
  readonly #own = new PairScores();
  readonly #naive = new PairScores();

  add(pair: Pair, cutoff: number, actuals: Actuals): void {
    const { series, actual, forecast, period } = pair;
    const scale = actuals.scale(series, cutoff);
    this.#own.add(series, actual, forecast, scale);
    if (isComplete(pair))
      this.#naive.add(series, actual, actuals.seasonalNaive(series, cutoff, period), scale);
  }

  merge(other: ScoresBesideNaive): void {
    this.#own.merge(other.#own);
    this.#naive.merge(other.#naive);
  }

  result(): BacktestScores {
    const { n, excluded, wmape, mase, bias } = this.#own.result();
    const naive = this.#naive.result();
    return { n, excluded, wmape, mase, bias, naive: { wmape: naive.wmape, mase: naive.mase } };
  }
}

interface LevelCount {
  n: number;
  inside: number;
}

/** How outlooks did against what happened after their cutoffs: one, or several together. */
export class OutlookScores {
  readonly #total = new ScoresBesideNaive();
  readonly #leads = new Map<number, ScoresBesideNaive>();
  readonly #segments = new Map<string, ScoresBesideNaive>();
  readonly #levels = new Map<number, LevelCount>();

  /**
   * Scores one outlook. Its last period may lie beyond the actuals: such pairs are excluded.
   * @param segmentOf group of a series; null is `unassigned`
   */
  static of(outlook: DatedForecasts, horizon: number, actuals: Actuals, segmentOf: GroupOf): OutlookScores {
    const scores = new OutlookScores();
    const { cutoff } = outlook;
    for (const pair of latestPairs(actuals, [outlook], ahead(cutoff, horizon))) {
      const groups = [
        scores.#total,
        entryOf(scores.#leads, pair.period - cutoff, newScores),
        entryOf(scores.#segments, segmentOf(pair.series) ?? UNASSIGNED, newScores),
      ];
      for (const group of groups) group.add(pair, cutoff, actuals);
      if (isComplete(pair)) scores.#cover(outlook, pair);
    }
    return scores;
  }

  merge(other: OutlookScores): void {
    this.#total.merge(other.#total);
    for (const [lead, scores] of other.#leads) entryOf(this.#leads, lead, newScores).merge(scores);
    for (const [id, scores] of other.#segments) entryOf(this.#segments, id, newScores).merge(scores);
    for (const [level, { n, inside }] of other.#levels) {
      const count = entryOf(this.#levels, level, newCount);
      count.n += n;
      count.inside += inside;
    }
  }

  get total(): BacktestScores {
    return this.#total.result();
  }

  /** Rising. */
  get byLead(): readonly (BacktestScores & { readonly lead: number })[] {
    const leads = [...this.#leads].sort(([a], [b]) => a - b);
    return leads.map(([lead, scores]) => ({ lead, ...scores.result() }));
  }

  /** By code unit. */
  get bySegment(): readonly (BacktestScores & { readonly segment: string })[] {
    const segments = [...this.#segments].sort(([a], [b]) => (a < b ? -1 : 1));
    return segments.map(([segment, scores]) => ({ segment, ...scores.result() }));
  }

  /** By rising level. */
  get coverage(): readonly BacktestCoverage[] {
    const levels = [...this.#levels].sort(([a], [b]) => a - b);
    return levels.map(([level, { n, inside }]) => ({ level, observed: n === 0 ? null : inside / n, n }));
  }

  #cover({ intervals }: DatedForecasts, { actual, from }: Pair): void {
    const row = from!.row;
    for (const { level, lo, hi } of intervals) {
      const count = entryOf(this.#levels, level, newCount);
      if (Number.isNaN(lo[row]!) || Number.isNaN(hi[row]!)) continue;
      count.n++;
      if (lo[row]! <= actual && actual <= hi[row]!) count.inside++;
    }
  }
}

/** Errors of two forecasts from one cutoff on the pairs that both forecast. */
export interface Duel {
  readonly n: number;
  /** Σ|y−ŷ| of each, and Σ|y|. */
  readonly candidate: number;
  readonly champion: number;
  readonly actual: number;
}

/** @returns null where no pair has both forecasts and an actual */
export function duelOf(
  candidate: DatedForecasts,
  champion: DatedForecasts,
  horizon: number,
  actuals: Actuals,
): Duel | null {
  const range = ahead(candidate.cutoff, horizon);
  const others = new Map(
    latestPairs(actuals, [champion], range).map((pair) => [`${pair.period} ${pair.series}`, pair]),
  );
  const [own, other] = [new PairScores(), new PairScores()];
  for (const pair of latestPairs(actuals, [candidate], range)) {
    const rival = others.get(`${pair.period} ${pair.series}`);
    if (rival === undefined || !isComplete(pair) || !isComplete(rival)) continue;
    own.add(pair.series, pair.actual, pair.forecast, null);
    other.add(pair.series, pair.actual, rival.forecast, null);
  }
  const [mine, theirs] = [own.result(), other.result()];
  if (mine.n === 0) return null;
  return {
    n: mine.n,
    candidate: mine.absoluteError,
    champion: theirs.absoluteError,
    actual: mine.absoluteActual,
  };
}

const ahead = (cutoff: number, horizon: number): PeriodRange => ({
  first: cutoff + 1,
  last: cutoff + horizon,
});

const newScores = (): ScoresBesideNaive => new ScoresBesideNaive();
const newCount = (): LevelCount => ({ n: 0, inside: 0 });

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

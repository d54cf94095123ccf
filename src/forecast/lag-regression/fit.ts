import { seasonalNaiveScale } from "../../stats/metrics.js";
import { meanMagnitude, meanOf } from "../context.js";
import type { LinearExpert, LinearMap } from "../experts/linear/model.js";
import type { TrainingView } from "../training-view.js";
import { chooseFeatureRidge } from "./feature-ridge.js";
import { type PoolFeatures, poolFeatures } from "./features.js";
import { groupSeries } from "./groups.js";
import { centreOnLastSeason, LagMoments } from "./moments.js";
import { type PoolMoments, poolMoments } from "./pool.js";
import { recursiveMap } from "./recursive-map.js";
import { type Ridge, solveRidge } from "./solve.js";

/** How a pooled regression on lags is fitted. */
export interface LinearRecipe {
  readonly id: string;
  /** Numbers of lags, falling: a row takes the first that it is long enough for. */
  readonly lags: readonly number[];
  /** Ridge as a multiple of the mean diagonal of the normal equations. */
  readonly lambda: number;
  /** Rows minus the mean of the season before the target, and an intercept. */
  readonly centred: boolean;
  /** Also a version for every group of series. */
  readonly groups: boolean;
  /** For rows that are too short for any number of lags. */
  readonly fallback: LinearMap;
}

/**
 * A row weighs at most (1 / this)² of a row of a series as volatile as it is large: one flat series must not
 * swamp the pool.
 */
const SCALE_FLOOR = 0.01;

/** A regression on fewer rows is noise. */
const ROWS_PER_LAG = 5;

/** A least-squares autoregression over all series, forecast recursively; see `LinearExpert` for what comes out. */
export function fitLinear(view: TrainingView, recipe: LinearRecipe): LinearExpert {
  const series = view.series.map((history) => scaled(history, view, recipe.centred));
  const features = poolFeatures(view);
  const grouping = recipe.groups
    ? groupSeries(view, (s) => series[s] !== null)
    : { groups: [], ofSeries: view.series.map(() => []) };
  const levels = recipe.lags.flatMap((lags) => {
    const level = fitLevel(view, recipe, lags, features, poolMoments(view, series, features, grouping, lags));
    return level === null ? [] : [level];
  });
  const maps = [...levels.map(({ pooled }) => pooled), recipe.fallback];
  const used = maps.some((map) => map.known !== undefined || map.observed !== undefined);
  return {
    kind: "linear",
    id: recipe.id,
    maps,
    groups: grouping.groups
      .map((group, g) => ({ ...group, maps: [...levels.map(({ groups }) => groups[g]!), null] }))
      .filter((group) => group.maps.some((map) => map !== null)),
    known: used ? [...features.known] : [],
    observed: used ? [...features.observed] : [],
  };
}

interface Level {
  readonly pooled: LinearMap;
  /** Null where a group has too few rows. */
  readonly groups: readonly (LinearMap | null)[];
}

/** Null where the pool has too few rows. */
function fitLevel(
  view: TrainingView,
  recipe: LinearRecipe,
  lags: number,
  features: PoolFeatures,
  moments: PoolMoments,
): Level | null {
  const { centred, lambda } = recipe;
  const prepare = (raw: LagMoments) => (centred ? centreOnLastSeason(raw, view.season) : raw);
  const blocks = moments.blocks.map(prepare);
  const plain: Ridge = { lags: lambda, features: null, intercept: centred };
  const ridge = { ...plain, features: chooseFeatureRidge(blocks, plain) };
  const regress = (own: LagMoments): LinearMap | null => {
    if (own.rows < ROWS_PER_LAG * lags) return null;
    const solution = solveRidge(own, ridge);
    return solution === null ? null : recursiveMap(solution, view, centred, features.known.length);
  };
  const pooled = regress(sumOf(blocks));
  return pooled && { pooled, groups: moments.groups.map((own) => regress(prepare(own))) };
}

function sumOf(parts: readonly LagMoments[]): LagMoments {
  const total = new LagMoments(parts[0]!.lags, parts[0]!.features);
  for (const part of parts) total.add(part);
  return total;
}

/**
 * A series in the unit of its rows; null without a number other than zero: its rows say nothing. Where rows
 * are centred, the mean goes first: it makes no difference but to rounding.
 */
function scaled(
  history: Float64Array,
  { season, context }: TrainingView,
  centred: boolean,
): Float64Array | null {
  const magnitude = meanMagnitude(history);
  if (!(magnitude > 0)) return null;
  const scale = rowScale(history, season, context, magnitude);
  const mean = centred ? meanOf(history) : 0;
  return history.map((value) => (value - mean) / scale);
}

/**
 * The larger of the seasonal naive errors over the whole history and over the context, which is the unit of
 * the forecast: a series that grew does not bring its small old rows at full weight, and one that shrank no
 * old rows that are enormous in its present unit.
 */
function rowScale(history: Float64Array, season: number, context: number, magnitude: number): number {
  const whole = seasonalNaiveScale(history, season) ?? 0;
  const recent = seasonalNaiveScale(history.subarray(-context), season) ?? 0;
  const error = Math.max(whole, recent);
  return error === 0 ? magnitude : Math.max(error, SCALE_FLOOR * magnitude);
}

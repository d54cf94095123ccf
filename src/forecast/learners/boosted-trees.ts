import { fitTrees } from "../boosting/fit.js";
import { featureCount, firstCode, type Layout } from "../experts/trees/features.js";
import type { TreesExpert } from "../experts/trees/model.js";
import { type Sample, sampleRows } from "../experts/trees/sample.js";
import type { Learner } from "../learner.js";
import type { TrainingView } from "../training-view.js";
import { codeNumbers } from "./code-numbers.js";

export interface BoostedTreesOptions {
  /** Lags among the features; default two seasons and one. */
  readonly lags?: number | undefined;
  /** Default 80. */
  readonly trees?: number | undefined;
  /** Learning rate; default 0.15. */
  readonly rate?: number | undefined;
  /** Most leaves of a tree; default 31. */
  readonly leaves?: number | undefined;
  /** Fewest rows of a leaf; default 30. */
  readonly minLeaf?: number | undefined;
  /** Penalty of a leaf's value; default 0. */
  readonly l2?: number | undefined;
  /** Shares of the features and rows that a tree sees; default 1. */
  readonly featureShare?: number | undefined;
  readonly rowShare?: number | undefined;
  /** Most training rows; default 50,000. */
  readonly rows?: number | undefined;
  /** Of every sample; default 1. */
  readonly seed?: number | undefined;
}

const DEFAULTS = {
  trees: 80,
  rate: 0.15,
  leaves: 31,
  minLeaf: 30,
  l2: 0,
  featureShare: 1,
  rowShare: 1,
  rows: 50_000,
  seed: 1,
} as const;

/** Bins a feature: with 255 training takes longer, and forecasts are hardly better (docs/decisions/0011). */
const BINS = 63;

/** Values of the target period's season among the features. */
const SAME_SEASON = 3;

/**
 * Boosted regression trees with absolute errors, over all series, straight from an origin to each lead. Codes of
 * segments and attributes enter as the mean answer of their series, see `codeNumbers`.
 */
export function boostedTrees(options: BoostedTreesOptions = {}): Learner {
  const { rows, seed, ...growth } = settingsOf(options);
  const lagsOf = (season: number): number => options.lags ?? 2 * season + 1;
  const id = idOf(options);
  return {
    id,
    describe: (season) =>
      `boosted trees over all series on ${lagsOf(season)} lags, ${growth.trees} trees of ${growth.leaves} leaves, one forecast a lead`,
    lags: (season) => Math.max(lagsOf(season), season),
    fit: (view) => {
      const layout: Layout = {
        lags: lagsOf(view.season),
        sameSeason: SAME_SEASON,
        codes: hasCodes(view) ? view.levels.length : 0,
        known: view.known.length,
        observed: view.observed.length,
      };
      const sample = sampleRows(view, layout, rows, seed);
      const encodings = encodeCodes(view, layout, sample, seed);
      const columns = featureCount(layout);
      const { codes: _, ...counts } = layout;
      const expert = { kind: "trees", id, ...counts, encodings } as const;
      return {
        ...expert,
        ensemble:
          sample.rows === 0
            ? { features: columns, base: 0, link: "identity", trees: [] }
            : fitTrees({ rows: sample.rows, columns, values: sample.values }, sample.answer, {
                loss: { kind: "l1" },
                ...growth,
                bins: BINS,
                seed,
              }),
      } satisfies TreesExpert;
    },
  };
}

/** Where everything is in one segment and no attribute tells series apart, codes say nothing. */
const hasCodes = (view: TrainingView): boolean => view.levels.some((size) => size > 1);

/** What each column of codes stands for; also writes the columns of the sample. */
function encodeCodes(view: TrainingView, layout: Layout, sample: Sample, seed: number): number[][] {
  const columns = view.levels.length;
  return view.levels.slice(0, layout.codes).map((size, c) => {
    const codes = Int32Array.from(view.series, (_, s) => view.codes[s * columns + c]!);
    const { training, byCode } = codeNumbers(codes, size, sample, seed);
    sample.values.set(training, (firstCode(layout) + c) * sample.rows);
    return byCode;
  });
}

const SETTINGS = [
  "lags",
  "trees",
  "rate",
  "leaves",
  "minLeaf",
  "l2",
  "featureShare",
  "rowShare",
  "rows",
  "seed",
] as const;

function idOf(options: BoostedTreesOptions): string {
  const settings = SETTINGS.flatMap((name) =>
    options[name] === undefined ? [] : [`${name}=${options[name]}`],
  );
  return settings.length === 0 ? "boosted-trees" : `boosted-trees(${settings.join(",")})`;
}

function settingsOf(options: BoostedTreesOptions): { [Name in keyof typeof DEFAULTS]: number } {
  const given = SETTINGS.flatMap((name) =>
    name === "lags" || options[name] === undefined ? [] : [[name, options[name]] as const],
  );
  return { ...DEFAULTS, ...Object.fromEntries(given) };
}

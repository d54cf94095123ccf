import { z } from "zod";

/** The series that a finding is about: all of them, those with one value of an attribute, or a number of them without more in common. */
export const Scope = z.object({
  attribute: z.string().nullable(),
  value: z.string().nullable(),
  /** How many of the `of` series that could be judged. */
  series: z.number().int(),
  of: z.number().int(),
});
export type Scope = z.infer<typeof Scope>;

/** 0..1: how well what was measured fits this cause and no quarter before. */
const score = z.number().min(0).max(1);
const cause = <C extends string, S extends z.ZodRawShape>(name: C, shape: S) =>
  z.object({ cause: z.literal(name), score, ...shape });

const level = {
  scope: Scope,
  /** What the values are multiplied by, beside what the series' own past leads to expect. */
  factor: z.number(),
  /** Labels of the first and last period concerned. */
  first: z.string(),
  last: z.string(),
  /** Mean error in units of the series' level: as delivered, with the fault undone, and in an ordinary quarter. */
  error: z.number(),
  errorUndone: z.number(),
  errorBefore: z.number(),
  /** Whether earlier quarters, as this run sees them, differ by the factor from what the run before saw. */
  history: z.boolean(),
};

/** A likely cause with the figures behind it. Titles and sentences are made of it in `report/`. */
export const Finding = z.discriminatedUnion("cause", [
  cause("ids-changed-form", {
    /** Series that stopped, and that started in the quarter, or since the run of `since`; and pairs of both that nearly agree. */
    lost: z.number().int(),
    new: z.number().int(),
    matched: z.number().int(),
    of: z.number().int(),
    since: z.string().nullable(),
    differences: z.array(z.enum(["blanks", "case", "unicode", "number"])),
    /** Whether all of them are numbers. */
    asNumbers: z.boolean(),
    /** What `data.ids` has to say, e.g. `{ form: number }`. */
    folding: z.string(),
    /** With blanks and what else is not seen made visible. */
    examples: z.array(z.object({ before: z.string(), after: z.string() })),
  }),
  cause("unreadable-numbers", {
    column: z.string(),
    how: z.enum(["comma", "grouped", "percent", "currency", "text"]),
    cells: z.number().int(),
    of: z.number().int(),
    first: z.string(),
    last: z.string(),
    examples: z.array(z.string()),
  }),
  cause("unit-change", {
    ...level,
    /** What was misread, where that is known: `5.595` for 5595. */
    reading: z.enum(["thousands-point"]).optional(),
  }),
  cause("duplicated-rows", {
    ...level,
    /** Share of the values that can be divided by the factor, now and before; null where values are no counts. */
    divisible: z.number().nullable(),
    divisibleBefore: z.number().nullable(),
    /** Rows whose series and period stand in another row too. */
    duplicateRows: z.number().int(),
  }),
  cause("region-missing", {
    attribute: z.string(),
    values: z.array(z.string()),
    series: z.number().int(),
    /** Labels; both null where the series are gone from the whole history. */
    first: z.string().nullable(),
    last: z.string().nullable(),
  }),
  cause("stale-data", {
    how: z.enum(["no-rows", "repeats", "filled-forward"]),
    first: z.string(),
    last: z.string(),
    /** Where repeated values stood before, as labels; null for `no-rows`. */
    sourceFirst: z.string().nullable(),
    sourceLast: z.string().nullable(),
    /** Share of the values (or series without a row), now and the largest of earlier quarters. */
    share: z.number(),
    shareBefore: z.number(),
    n: z.number().int(),
  }),
  cause("season-shifted", {
    /** Positive: values come that many months late. */
    months: z.number().int(),
    /** How much of the neighbouring month's season is in the values: 0 none, 1 all of it; now and the most of ordinary quarters. */
    weight: z.number(),
    weightBefore: z.number(),
    series: z.number().int(),
    /** Whether all of history moved, beside the run before: weights are then shares of months with the very sum of another. */
    history: z.boolean(),
  }),
  cause("features-permuted", {
    /** Each feature, and the one that its values look like. D is the distance of two distributions, 0..1. */
    pairs: z.array(
      z.object({ feature: z.string(), looksLike: z.string(), ownDistance: z.number(), distance: z.number() }),
    ),
  }),
  cause("level-shift", level),
  cause("feature-changed", {
    feature: z.string(),
    distance: z.number(),
    /** Largest D of a quarter before against its own last year. */
    distanceBefore: z.number(),
    /** Median of the values over the median of a year ago, in the scope where it moved most; null around zero. */
    factor: z.number().nullable(),
    scope: Scope,
  }),
  cause("history-rewritten", {
    /** Label of the quarter whose run saw other figures. */
    since: z.string(),
    periods: z.number().int(),
    of: z.number().int(),
    /** Σ|now − then| / Σ|then| over the periods that both saw. */
    change: z.number(),
    /** Rows that changed, what their series have in common, and by how much they changed, where the run before kept its rows. */
    rows: z
      .object({
        changed: z.number().int(),
        of: z.number().int(),
        series: z.number().int(),
        attribute: z.string().nullable(),
        value: z.string().nullable(),
        change: z.number().nullable(),
      })
      .nullable()
      .default(null),
  }),
  cause("series-changed", {
    lost: z.number().int(),
    new: z.number().int(),
    of: z.number().int(),
    examples: z.array(z.string()),
  }),
  cause("one-segment", {
    segment: z.string(),
    excessShare: z.number(),
    volumeShare: z.number(),
    wmape: z.number(),
    expected: z.number(),
  }),
  cause("worse-everywhere", {
    segments: z.number().int(),
    of: z.number().int(),
    wmape: z.number(),
    /** WMAPE in cross-validation. */
    expected: z.number(),
  }),
  cause("too-little-data", {
    rules: z.array(z.object({ id: z.string(), why: z.string(), n: z.number().int().nullable() })),
  }),
]);
export type Finding = z.infer<typeof Finding>;
export type Cause = Finding["cause"];

/** Values of one feature then and now, counted into the same bins. */
export const Distribution = z.object({
  feature: z.string(),
  /** Label of the time that `then` is: e.g. `2024-04 to 2024-06`. */
  reference: z.string(),
  /** One more than there are bins. Values outside are counted in the first and last bin. */
  edges: z.array(z.number()),
  /** Shares of the values, 0..1. */
  before: z.array(z.number()),
  now: z.array(z.number()),
  nBefore: z.number().int(),
  n: z.number().int(),
  medianBefore: z.number(),
  median: z.number(),
});
export type Distribution = z.infer<typeof Distribution>;

export const Diagnosis = z.object({
  /** The likeliest first. */
  findings: z.array(Finding),
  distributions: z.array(Distribution),
});
export type Diagnosis = z.infer<typeof Diagnosis>;

import { ownValue } from "./own-value.js";

/** Metric names where some patterns stand for these names alone: `drift.*.statistic` of `price` is `drift.price.statistic`. */
export const narrowed = (
  patterns: readonly string[],
  names: Readonly<Record<string, readonly string[]>>,
): string[] =>
  patterns.flatMap(
    (pattern) => ownValue(names, pattern)?.map((name) => pattern.replace("*", () => name)) ?? [pattern],
  );

/**
 * RETRAIN_FULL=1, as `scripts/nightly.sh` sets it: every row of a table, every backend and every view. Without it each kind is tried on a sample that the suite
 * chooses, so that all of it fits into what a change may take.
 */
export const FULL = process.env.RETRAIN_FULL === "1";

/** All of them by night, and those that are named for every change. */
export const chosen = <T>(all: readonly T[], isNamed: (one: T) => boolean): readonly T[] =>
  FULL ? all : all.filter(isNamed);

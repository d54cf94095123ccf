import type { LeftOutLevel } from "../../kit/artifacts/training.js";
import { residualsNeeded } from "../../stats/conformal.js";
import type { ForecasterDescriptor } from "./descriptor.js";

export interface LeftOut extends LeftOutLevel {
  /** Whether further origins were asked: they are for the levels that a runbook lists, and for the default ones up to 0.95. */
  readonly furtherTried: boolean;
}

export interface OutlookLevels {
  /** The ones to write, rising. */
  readonly written: readonly number[];
  /** Asked for and not there: the fewest residuals of a lead, and how many a level takes. */
  readonly leftOut: readonly LeftOut[];
  /** What carries the written ones that CV could not; null where it carries all. */
  readonly further: NonNullable<ForecasterDescriptor["further"]> | null;
}

/** A model that was registered is not wasted for an interval: the outlook goes without it, and says so. */
export function outlookLevels(asked: readonly number[], descriptor: ForecasterDescriptor): OutlookLevels {
  const { levels: available, residuals, leftOut = [], further } = descriptor;
  const levels = rising(asked);
  const written = levels.filter((level) => available.includes(level));
  const marked = written.filter((level) => further?.levels.includes(level));
  return {
    written,
    leftOut: levels
      .filter((level) => !available.includes(level))
      .map((level): LeftOut => {
        const tried = leftOut.find((one) => one.level === level);
        if (tried !== undefined) return { ...tried, furtherTried: true };
        return { level, have: Math.min(...residuals), need: residualsNeeded(level), furtherTried: false };
      }),
    further: further === undefined || marked.length === 0 ? null : { ...further, levels: marked },
  };
}

/** Why a level has no interval, and what helps. */
export const leftOutText = ({ level, have, need, furtherTried }: LeftOut): string => {
  const missing = `no ${percentOf(level)} interval: it takes ${need} residuals for every lead, and there are ${have}`;
  return furtherTried
    ? `${missing}; a lower level, a longer history or more series help`
    : `${missing}; list ${level} in \`levels\` of \`train-pooled-cv\`, and further origins are tried`;
};

/** What carries the levels that CV does not. */
export const furtherText = (levels: readonly number[]): string =>
  `${levels.map(percentOf).join(", ")} intervals from further origins`;

export const rising = (levels: readonly number[]): number[] => [...new Set(levels)].sort((a, b) => a - b);

const percentOf = (level: number): string => `${Number((level * 100).toPrecision(10))}%`;

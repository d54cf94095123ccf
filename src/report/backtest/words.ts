import type { BacktestDocument, BacktestQuarter, RuleSweep, SweptLimit } from "../../kit/backtest.js";

/** As the runbook would hold it: 0.2 → `0.2` */
export const limitText = (limit: number): string => String(limit);

/** `2014Q1 to 2016Q4`, or the only one. */
export const spanText = ({ quarters }: BacktestDocument): string =>
  [...new Set([quarters[0]!.quarter, quarters.at(-1)!.quarter])].join(" to ");

/** The rules that were broken, or stopped the promotion because nobody could tell. */
export const firedIn = ({ rules }: BacktestQuarter): BacktestQuarter["rules"] =>
  rules.filter(({ verdict, blocks }) => verdict === "FAIL" || blocks);

export const escalations = ({ quarters }: BacktestDocument): number =>
  quarters.filter(({ verdict }) => verdict === "would-escalate").length;

/** Of WMAPE: less than a hundredth of a point is no reason to change a limit. */
const WORTH_IT = 0.0001;

/** The limit with the lowest error, the one nearest to the runbook's where several have it; null where none is worth it. */
export function betterLimit({ limits }: RuleSweep): SweptLimit | null {
  const own = limits.findIndex(({ isRunbook }) => isRunbook);
  const better = limits
    .map((limit, index) => ({ limit, away: Math.abs(index - own) }))
    .filter(({ limit: { difference } }) => difference !== null && difference <= -WORTH_IT)
    .sort((a, b) => a.limit.difference! - b.limit.difference! || a.away - b.away);
  return better[0]?.limit ?? null;
}

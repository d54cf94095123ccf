import type { BacktestDocument, BacktestQuarter, RuleSweep, SweptLimit } from "../../kit/backtest.js";
import { count, list, plural } from "../format.js";
import { whyWords } from "../rules.js";

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

/** `accuracy failed in 7 and drift could not be measured in 3 of them (too few rows …)`, the most frequent first; empty where no rule says it. */
export function whyEscalated({ quarters }: BacktestDocument): string {
  const reasons = new Map<string, { words: string; quarters: number; why: string | null }>();
  for (const { verdict, rules } of quarters) {
    if (verdict !== "would-escalate") continue;
    for (const { id, verdict, blocks, why } of rules) {
      if (!blocks) continue;
      const words = verdict === "FAIL" ? `${id} failed` : `${id} could not be measured`;
      const reason = reasons.get(words) ?? { words, quarters: 0, why };
      // A reason that is not that of every quarter is none for all.
      reasons.set(words, { words, quarters: reason.quarters + 1, why: reason.why === why ? why : null });
    }
  }
  const sorted = [...reasons.values()].sort(
    (a, b) => b.quarters - a.quarters || (a.words < b.words ? -1 : 1),
  );
  const named = sorted
    .slice(0, NAMED)
    .map(
      ({ words, quarters, why }) =>
        `${words} in ${count(quarters)}${why === null ? "" : ` (${whyWords(why)})`}`,
    );
  const rest = sorted.length - named.length;
  return list(rest > 0 ? [...named, `${plural(rest, "more reason")}`] : named);
}

/** Reasons that a headline has room for. */
const NAMED = 4;

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

import type { DriftTest, RuleResult } from "../kit/artifacts/decision.js";
import { count, DASH, decimal, percent, pValue } from "./format.js";
import { BREAK, toned } from "./page/make.js";
import type { Text } from "./page/model.js";
import { limitWords, ruleFigure } from "./rules.js";
import type { Tone } from "./verdict.js";

/** How a rule's figures stand in tables, alike on every page. */

/** PASS is good; what stops the promotion is bad; the rest only warns. */
export const verdictTone = (verdict: RuleResult["verdict"], blocks: boolean): Tone =>
  verdict === "PASS" ? "good" : blocks ? "bad" : "warn";

/** `−3.1 points to −0.4 points (90%)`; a dash where there is none. */
export const intervalWords = (rule: RuleResult, interval: RuleResult["interval"]): string =>
  interval === null
    ? DASH
    : `${ruleFigure(rule, interval.lo)} to ${ruleFigure(rule, interval.hi)} (${percent(interval.level, 0)})`;

/** The test behind a KS rule's figure, where there is one. */
const testOf = ({ drift, observed }: RuleResult): DriftTest["tests"][number] | undefined =>
  observed === null ? undefined : drift?.tests.find(({ statistic }) => statistic === observed);

/** What was observed; of a KS rule both figures, of which each is marked that reaches its limit. */
export function observedCell(rule: RuleResult): Text {
  const figure = ruleFigure(rule, rule.observed);
  const test = testOf(rule);
  if (test === undefined) return figure;
  const mark = (isReached: boolean, text: string) => (isReached ? toned("bad", text) : text);
  return [
    mark(test.statistic! >= rule.limit!, `D ${figure}`),
    BREAK,
    mark(test.pAdjusted !== null && test.pAdjusted <= rule.drift!.alpha, `p ${pValue(test.pAdjusted)}`),
  ];
}

/** What is allowed; of a KS rule both conditions that have to be met for it to fail. */
export const limitCell = (rule: RuleResult): Text =>
  rule.drift === undefined || rule.limit === null
    ? limitWords(rule)
    : [
        `fails from ${ruleFigure(rule, rule.limit)}`,
        BREAK,
        `with p up to ${decimal(rule.drift.alpha, 4).replace(/0+$/, "")}`,
      ];

/** Where a KS rule's p comes from. */
export function guardWords(
  { guard, tests }: Pick<DriftTest, "guard" | "tests">,
  statistic: number | null,
): string {
  const past = tests.find((test) => test.statistic === statistic)?.past ?? null;
  const quarters =
    past === null ? "" : `: ${count(past.asLarge)} of ${count(past.quarters)} past quarters had a D as large`;
  return `guard ${guard}${quarters}`;
}

export const BOTH_CONDITIONS =
  "A KS test fails only where both hold: the distance D reaches its limit, and the corrected p is at most alpha.";

import type { RuleGroup, RuleResult } from "../../../kit/artifacts/decision.js";
import { count, DASH, pValue } from "../../format.js";
import { bar, numberColumn, PICTURES, pill, range, table, textColumn } from "../../page/make.js";
import type { Cell, RangeScale, Table } from "../../page/model.js";
import { intervalWords, verdictTone } from "../../rule-cells.js";
import { ruleFigure, whyWords } from "../../rules.js";
import type { Tone } from "../../verdict.js";

export const GROUP_WORDS = { segment: "Segment", lead: "Lead time", feature: "Feature" } as const;

/** One row a group of a rule, the worst first. */
export function groupTable(caption: string, rule: RuleResult, groups: readonly RuleGroup[]): Table {
  const hasInterval = groups.some(({ interval }) => interval !== null);
  const hasTest = groups.some(({ pAdjusted }) => pAdjusted !== null);
  const hasReason = groups.some(({ why }) => why !== null);
  const scale = intervalScale(rule, groups);
  return table(
    caption,
    [
      textColumn(rule.by === null ? "Group" : GROUP_WORDS[rule.by]),
      textColumn("Verdict"),
      numberColumn("Observed"),
      ...(hasInterval ? [numberColumn("Interval")] : []),
      PICTURES,
      ...(hasTest ? [numberColumn("p, corrected")] : []),
      numberColumn("n"),
      ...(hasReason ? [textColumn("Why")] : []),
    ],
    groups.map((group) => {
      const tone = verdictTone(group.verdict, rule.blocks || rule.severity === "block");
      return [
        group.key,
        pill(tone, group.verdict),
        ruleFigure(rule, group.observed),
        ...(hasInterval ? [intervalWords(rule, group.interval)] : []),
        picture(rule, group, tone, scale),
        ...(hasTest ? [pValue(group.pAdjusted)] : []),
        count(group.n),
        ...(hasReason ? [group.why === null ? DASH : whyWords(group.why)] : []),
      ];
    }),
  );
}

/** One scale for everything that a rule observed, with some room on both sides. */
export function intervalScale(rule: RuleResult, groups: readonly RuleGroup[]): RangeScale {
  const values = [rule, ...groups].flatMap(({ observed, interval }) => [
    ...(observed === null ? [] : [observed]),
    ...(interval === null ? [] : [interval.lo, interval.hi]),
  ]);
  const all = [0, ...(rule.limit === null ? [] : [rule.limit]), ...values];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = (high - low || 1) * 0.06;
  return { from: low - room, to: high + room, zero: 0, limit: rule.limit };
}

/** The interval on the common scale; a bar from zero where there is none. */
export function picture(
  rule: RuleResult,
  { observed, interval }: Pick<RuleGroup, "observed" | "interval">,
  tone: Tone,
  scale: RangeScale,
): Cell {
  if (observed === null) return DASH;
  if (interval !== null || rule.kind === "champion") {
    const { lo, hi } = interval ?? { lo: observed, hi: observed };
    return range(tone, { lo, hi, value: observed }, scale);
  }
  const { limit } = scale;
  if (observed < 0 || limit === null || limit < 0)
    return range(tone, { lo: observed, hi: observed, value: observed }, scale);
  return bar(tone, observed / scale.to, limit / scale.to);
}

/** Both figures on one scale from zero, which ends a third above the larger. */
export function closeness(observed: number | null, limit: number | null, tone: Tone): Cell {
  if (observed === null || limit === null) return DASH;
  const end = Math.max(observed, limit, 0) * (4 / 3);
  return end > 0 ? bar(tone, observed / end, limit / end) : DASH;
}

/** Groups of a rule that need a look, then the rest. */
export const worstGroups = ({ groups }: RuleResult): readonly RuleGroup[] =>
  groups.filter(({ verdict }) => verdict !== "PASS");

/** `1 of 3 segments hold`; empty for a rule without groups. */
export function groupsNote(rule: RuleResult): string {
  if (rule.groups.length === 0) return "";
  const bad = worstGroups(rule).length;
  const what = rule.by === null ? "groups" : `${GROUP_WORDS[rule.by].toLowerCase()}s`;
  return `${bad === 0 ? "all" : `${count(rule.groups.length - bad)} of`} ${count(rule.groups.length)} ${what} hold`;
}

import type { BacktestRule, RuleFiring, RuleSweep, SweptLimit } from "../kit/backtest.js";
import { limitsBetween } from "./limits.js";
import type { ReplayedQuarter } from "./replayed.js";
import type { Duel } from "./scores.js";

/** How often every rule fired, in the order in which rules first appear. Quarters without a decision do not count. */
export function countFirings(quarters: readonly ReplayedQuarter[]): RuleFiring[] {
  const decided = quarters.filter(({ rules }) => rules.length > 0);
  return rulesOf(decided).map(({ id, severity }) => {
    const results = decided.flatMap(({ rules }) => rules.filter((rule) => rule.id === id));
    const count = (isCounted: (rule: BacktestRule) => boolean) => results.filter(isCounted).length;
    return {
      rule: id,
      severity,
      fired: count(({ verdict }) => verdict === "FAIL"),
      unknown: count(({ verdict }) => verdict === "UNKNOWN"),
      blocked: count(({ blocks }) => blocks),
      quarters: decided.length,
    };
  });
}

/**
 * What other limits of a rule would have done, for every rule whose verdict is a comparison of one figure with one limit. A rule that only
 * warns is swept as if it stopped promotions. One quarter at a time: each has the champion, and the other rules' verdicts, that
 * the replay had, so what another limit would have changed in the quarters after it is not followed up.
 */
export function sweepRules(quarters: readonly ReplayedQuarter[]): RuleSweep[] {
  return rulesOf(quarters).flatMap((rule) => {
    const cases = quarters.flatMap((quarter) => {
      const own = quarter.rules.find(({ id }) => id === rule.id);
      return own === undefined ? [] : [caseOf(quarter, own)];
    });
    const measured = cases.flatMap(({ observed }) => (observed === null ? [] : [observed]));
    const isWhole = SWEPT.has(rule.kind) && rule.by === null;
    if (measured.length === 0 || rule.limit === null || !isWhole) return [];
    if (!cases.every((one) => isByLimit(one, rule))) return [];
    const compared = cases.flatMap(({ duel }) => (duel === null ? [] : [duel]));
    const limits = limitsBetween(measured, rule.limit, rule.direction);
    const swept = limits.map((limit) => sweepLimit(cases, limit, rule));
    const atRunbook = swept.find(({ isRunbook }) => isRunbook)!.wmape;
    return [
      {
        rule: rule.id,
        metric: rule.metric,
        kind: rule.kind,
        severity: rule.severity,
        direction: rule.direction,
        measured: measured.length,
        compared: compared.length,
        n: compared.reduce((sum, { n }) => sum + n, 0),
        limits: swept.map((one) => ({
          ...one,
          difference: one.wmape === null || atRunbook === null ? null : one.wmape - atRunbook,
        })),
      },
    ];
  });
}

/** Of `wmape`, with who is chosen in every quarter that had both. */
export function chosenWmape(
  duels: readonly Duel[],
  choose: (duel: Duel, index: number) => "candidate" | "champion",
): number | null {
  let [error, actual] = [0, 0];
  duels.forEach((duel, index) => {
    error += duel[choose(duel, index)];
    actual += duel.actual;
  });
  return actual > 0 ? error / actual : null;
}

const SWEPT: ReadonlySet<BacktestRule["kind"]> = new Set(["threshold", "champion", "expr"]);

/** One rule in one quarter. */
interface Case {
  /** The figure that is compared with the limit. */
  readonly observed: number | null;
  readonly verdict: BacktestRule["verdict"];
  /** Stops the promotion when it could not be measured. */
  readonly blocksUnmeasured: boolean;
  readonly othersBlock: boolean;
  readonly duel: Duel | null;
}

const caseOf = ({ rules, champion }: ReplayedQuarter, own: BacktestRule): Case => ({
  observed: own.judged,
  verdict: own.verdict,
  blocksUnmeasured: own.judged === null && own.blocks,
  othersBlock: rules.some(({ id, blocks }) => id !== own.id && blocks),
  duel: champion?.duel ?? null,
});

const isWithin = (observed: number, limit: number, direction: BacktestRule["direction"]): boolean =>
  direction === "max" ? observed <= limit : observed >= limit;

/** Where more than a figure and a limit decides (a test, say), another limit's verdict cannot be told from the figure. */
const isByLimit = ({ observed, verdict }: Case, { limit, direction }: BacktestRule): boolean =>
  observed === null
    ? verdict === "UNKNOWN"
    : verdict === (isWithin(observed, limit!, direction) ? "PASS" : "FAIL");

function sweepLimit(
  cases: readonly Case[],
  limit: number,
  { direction, limit: own }: BacktestRule,
): Omit<SweptLimit, "difference"> {
  const fires = ({ observed }: Case) => observed !== null && !isWithin(observed, limit, direction);
  const escalates = (one: Case) => one.othersBlock || one.blocksUnmeasured || fires(one);
  const compared = cases.filter(({ duel }) => duel !== null);
  return {
    limit,
    isRunbook: limit === own,
    fired: cases.filter(fires).length,
    escalated: cases.filter(escalates).length,
    wmape: chosenWmape(
      compared.map(({ duel }) => duel!),
      (_, index) => (escalates(compared[index]!) ? "champion" : "candidate"),
    ),
  };
}

/** The last result of each rule, in the order in which rules first appear. Limits are the runbook's, so they are the same in all. */
function rulesOf(quarters: readonly ReplayedQuarter[]): BacktestRule[] {
  const byId = new Map<string, BacktestRule>();
  for (const { rules } of quarters) for (const rule of rules) byId.set(rule.id, rule);
  return [...byId.values()];
}

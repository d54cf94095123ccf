import { withAhead } from "../drift/ahead.js";
import { dataFreshness, type Freshness } from "../drift/freshness.js";
import { guardedKs } from "../drift/guarded-ks.js";
import { missingIncrease } from "../drift/missing.js";
import { featurePsi } from "../drift/psi.js";
import { AccuracyReport } from "../kit/artifacts/accuracy.js";
import type { RuleResult } from "../kit/artifacts/decision.js";
import { loadPanel } from "../panel/artifact.js";
import type { Panel } from "../panel/panel.js";
import { evaluateDrift, evaluateFreshness, evaluateMissing, evaluatePsi, monthsOf } from "./drift.js";
import type { GateContext } from "./inputs.js";
import { judgeChampion, type Rivals } from "./rivals.js";
import type { DriftRule, Rule } from "./rule-params.js";
import { quarterStart, segmentsOf } from "./scope.js";
import { evaluateExpr, evaluateThreshold, evaluateThresholdGroups } from "./threshold.js";

/** Measures what a rule is about, and judges it. */
export async function evaluate(ctx: GateContext, rule: Rule, rivals: Rivals): Promise<RuleResult> {
  const first = rivals.isFirst;
  if ("compare" in rule) return judgeChampion(ctx, rule, rivals);
  if ("expr" in rule) return evaluateExpr(rule, ctx.metrics, first);
  if ("metric" in rule) {
    if (rule.by === undefined) return evaluateThreshold(rule, ctx.metrics, first);
    const accuracy = await ctx.inputs.accuracy?.readJson("accuracy.json", AccuracyReport);
    return evaluateThresholdGroups(rule, rule.by, accuracy ?? null, first);
  }
  const panel = await loadPanel(ctx);
  const quarterPeriods = { first: quarterStart(ctx), last: panel.lastPeriod };
  if ("ks" in rule) return evaluateDrift(rule, await observeKs(ctx, rule, panel, quarterPeriods), first);
  if ("psi" in rule) {
    const found = withAhead(panel, rule.psi.features, quarterPeriods, (of, periods, features) =>
      featurePsi(of, { ...rule.psi, features: [...features], quarterPeriods: periods }),
    );
    return evaluatePsi(rule, found, first);
  }
  if ("missing" in rule) {
    const found = withAhead(panel, rule.missing.features, quarterPeriods, (of, periods, features) =>
      missingIncrease(of, { ...rule.missing, features: [...features], quarterPeriods: periods }),
    );
    return evaluateMissing(rule, found, first);
  }
  const found: Freshness = dataFreshness(panel, monthsOf(rule.freshness.maxAge));
  return evaluateFreshness(rule, found, first);
}

async function observeKs(
  ctx: GateContext,
  { ks }: DriftRule,
  panel: Panel,
  quarterPeriods: { readonly first: number; readonly last: number },
) {
  const segments = ks.by === undefined ? null : panel.series.map(await segmentsOf(ctx));
  return withAhead(panel, ks.features, quarterPeriods, (of, periods, features) =>
    guardedKs(of, { ...ks, features: [...features], quarterPeriods: periods, segments }),
  );
}

import { z } from "zod";
import { featureDrift } from "../src/drift/feature-drift.js";
import { compareWithChampion } from "../src/forecast/champion/compare.js";
import { championRows, holdoutRows } from "../src/forecast/champion/rows.js";
import {
  type ChampionObservation,
  evaluateChampion,
  evaluateDrift,
  evaluateThreshold,
  firstReleaseEscalates,
  laterChampion,
} from "../src/gate/evaluate.js";
import { unknownMetrics } from "../src/gate/metric-paths.js";
import { type ChampionRule, type Rule, Rules } from "../src/gate/rule-params.js";
import { baselineModel } from "../src/history/champion.js";
import { decisionDigest } from "../src/history/decision.js";
import { RUN_TAGS } from "../src/history/run-tags.js";
import type { Decision, RuleResult } from "../src/kit/artifacts/decision.js";
import { Registered } from "../src/kit/artifacts/registered.js";
import { Segments } from "../src/kit/artifacts/segments.js";
import { fail } from "../src/kit/failure.js";
import { directoryDigest, MANIFEST_FILE } from "../src/kit/model-directory.js";
import type { ModelVersion } from "../src/kit/registry.js";
import { defineStep, type ExternalContext, optional, type StepContext } from "../src/kit/step.js";
import { loadPanel } from "../src/panel/artifact.js";
import { calendarOf, lastPeriodOf } from "../src/panel/calendar.js";

/** Resamples of the interval that is shown beside a champion comparison; the seed makes it the same every time. */
const BOOTSTRAP = { replicates: 1000, level: 0.9, seed: 1 };

const params = z.strictObject({
  rules: Rules.describe("Rules that must hold before the alias moves; each is PASS, FAIL or UNKNOWN"),
});
type Params = z.output<typeof params>;

const inputs = {
  panel: "panel",
  model: "trained-model",
  version: "registered-version",
  forecaster: "forecaster",
  segments: optional("segments"),
} as const;
type Inputs = typeof inputs;
type Context = StepContext<Params, Inputs, { decision: "decision" }>;

export const gate = defineStep({
  type: "gate",
  version: 1,
  summary: "Judges the candidate by rules and writes the decision that promotion obeys",
  params,
  inputs,
  outputs: { decision: "decision" },
  metrics: {
    passed: "Rules that passed",
    failed: "Rules that failed",
    unknown: "Rules whose figure could not be measured",
  },
  effect: "pure",
  readsMetrics: true,
  readsLineage: true,

  check: (given, upstream) => unknownMetrics(given.rules, upstream.metrics),

  async external(ctx) {
    const baseline = await findBaseline(ctx);
    return baseline === null ? { champion: null } : { champion: baseline.version, digest: baseline.digest };
  },

  async run(ctx) {
    const registered = await ctx.inputs.version.readJson("registered.json", Registered);
    const baseline = await findBaseline(ctx);
    const rules: RuleResult[] = [];
    for (const rule of ctx.params.rules) rules.push(await evaluate(ctx, rule, baseline));
    const quarterOfBaseline = baseline?.tags[RUN_TAGS.quarter];
    if (baseline !== null && quarterOfBaseline !== undefined && quarterOfBaseline > ctx.quarter.label) {
      rules.push(laterChampion({ version: baseline.version, quarter: quarterOfBaseline }, ctx.quarter.label));
    }
    if (baseline === null && ctx.model.firstRelease === "escalate") rules.push(firstReleaseEscalates());

    const judged: Omit<Decision, "digest"> = {
      quarter: ctx.quarter.label,
      cutoff: ctx.quarter.cutoff,
      model: ctx.model.name,
      alias: ctx.model.alias,
      candidate: { version: registered.version, digest: candidateDigest(ctx) },
      baseline: baseline === null ? null : { version: baseline.version, digest: baseline.digest },
      firstRelease: baseline === null,
      verdict: rules.some(({ blocks }) => blocks) ? "fail" : "pass",
      rules,
      inputs: {
        panel: ctx.inputs.panel.hash,
        training: ctx.inputs.model.hash,
        runbook: ctx.lineage.runbook,
        retrain: ctx.lineage.code.retrain,
        git: ctx.lineage.code.git,
      },
    };
    await ctx.outputs.decision.writeJson("decision.json", { digest: decisionDigest(judged), ...judged });

    return {
      summary: summaryOf(judged),
      metrics: {
        passed: { value: count(rules, "PASS"), n: rules.length },
        failed: { value: count(rules, "FAIL"), n: rules.length },
        unknown: { value: count(rules, "UNKNOWN"), n: rules.length },
      },
    };
  },
});

async function findBaseline(ctx: ExternalContext<Params, Inputs>): Promise<ModelVersion | null> {
  const { registry } = ctx.services;
  const registered = await ctx.inputs.version.readJson("registered.json", Registered);
  const { name, alias } = ctx.model;
  return baselineModel(registry, { model: name, alias, candidate: registered.version });
}

function candidateDigest(ctx: Context): string {
  const manifest = ctx.inputs.forecaster.files.find(({ path }) => path === MANIFEST_FILE);
  if (manifest === undefined) {
    return fail({
      code: "step.artifact-file-missing",
      retryable: false,
      kind: "forecaster",
      file: MANIFEST_FILE,
    });
  }
  return directoryDigest(manifest.sha256);
}

async function evaluate(ctx: Context, rule: Rule, baseline: ModelVersion | null): Promise<RuleResult> {
  const firstRelease = baseline === null;
  if ("ks" in rule) {
    const panel = await loadPanel(ctx);
    const quarterPeriods = {
      first: lastPeriodOf(ctx.quarter.previous.cutoff, calendarOf(ctx.data, ctx.fiscalYearStart)) + 1,
      last: panel.lastPeriod,
    };
    return evaluateDrift(rule, featureDrift(panel, { ...rule.ks, quarterPeriods }), firstRelease);
  }
  if ("compare" in rule)
    return evaluateChampion(rule, await observeChampion(ctx, rule, baseline), firstRelease);
  return evaluateThreshold(rule, ctx.metrics, firstRelease);
}

const UNMEASURED = {
  observed: null,
  candidate: null,
  champion: null,
  n: 0,
  series: 0,
  interval: null,
} as const;

/**
 * Candidate and champion on this quarter's rows, neither having seen them: the candidate's recipe trained up to last quarter's end, and the
 * champion's own graph called there. A champion of this very quarter was trained on these rows, so its own such forecast is taken instead.
 */
async function observeChampion(
  ctx: Context,
  rule: ChampionRule,
  baseline: ModelVersion | null,
): Promise<ChampionObservation> {
  if (baseline === null) return { ...UNMEASURED, why: "no-champion" };
  const panel = await loadPanel(ctx);
  const candidate = await holdoutRows(ctx.inputs.model.file("holdout.parquet"), panel.calendar);
  if (candidate.length === 0) return { ...UNMEASURED, why: "no-holdout" };
  const origin = lastPeriodOf(ctx.quarter.previous.cutoff, panel.calendar);
  const segments = await ctx.inputs.segments?.readJson("segments.json", Segments);
  const champion = await championRows({
    registry: ctx.services.registry,
    baseline,
    panel,
    origin,
    periods: panel.lastPeriod - origin,
    cutoff: ctx.quarter.cutoff,
    segmentOf: (series) => segments?.assignment[series] ?? null,
  });
  if (!champion.ok) return { ...UNMEASURED, why: champion.error };
  const scales = new Map(candidate.map((row) => [row.series, row.scale]));
  const found = compareWithChampion({
    candidate,
    champion: champion.value,
    metric: rule.metric,
    scale: (series) => scales.get(series) ?? null,
    bootstrap: BOOTSTRAP,
  });
  return { ...found, why: found.observed === null ? "no-common-rows" : null };
}

const count = (rules: readonly RuleResult[], verdict: RuleResult["verdict"]): number =>
  rules.filter((rule) => rule.verdict === verdict).length;

function summaryOf({ verdict, rules }: Omit<Decision, "digest">): string {
  const [failed, unknown] = [count(rules, "FAIL"), count(rules, "UNKNOWN")];
  const counts = [
    `${count(rules, "PASS")} of ${rules.length} rules hold`,
    ...(failed > 0 ? [verdict === "pass" ? `${failed} failed but only warn` : `${failed} failed`] : []),
    ...(unknown > 0 ? [`${unknown} could not be measured`] : []),
  ].join(", ");
  if (verdict === "pass") return `passed: ${counts}`;
  const blocking = rules.filter(({ blocks }) => blocks).map(({ id, verdict: result }) => `${id} ${result}`);
  return `did not pass because of ${blocking.join(", ")}: ${counts}`;
}

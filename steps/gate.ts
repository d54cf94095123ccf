import { z } from "zod";
import { withAhead } from "../src/drift/ahead.js";
import { dataFreshness, type Freshness } from "../src/drift/freshness.js";
import { guardedKs } from "../src/drift/guarded-ks.js";
import { mostObservations } from "../src/drift/measurable.js";
import { missingIncrease } from "../src/drift/missing.js";
import { featurePsi } from "../src/drift/psi.js";
import { compareWithChampion } from "../src/forecast/champion/compare.js";
import { championRows, type HoldoutForecast, holdoutRows } from "../src/forecast/champion/rows.js";
import { championLimit, evaluateChampion, evaluateChampionGroups } from "../src/gate/champion.js";
import {
  evaluateDrift,
  evaluateFreshness,
  evaluateMissing,
  evaluatePsi,
  monthsOf,
} from "../src/gate/drift.js";
import { changedRules, judgeLoosening, type Loosening, type Replayed } from "../src/gate/loosening.js";
import { unknownMetrics } from "../src/gate/metric-paths.js";
import { championDamaged, championMissing, firstReleaseEscalates, laterChampion } from "../src/gate/order.js";
import {
  type ChampionRule,
  type DriftRule,
  type Rule,
  Rules,
  testedFeatures,
} from "../src/gate/rule-params.js";
import { evaluateExpr, evaluateThreshold, evaluateThresholdGroups } from "../src/gate/threshold.js";
import { isExpired, listApprovals, openOverrides } from "../src/history/approvals.js";
import type { Champion } from "../src/history/champion.js";
import { decisionDigest, previousDecision } from "../src/history/decision.js";
import {
  baselineOf,
  championOfRun,
  missingOf,
  recordedBaseline,
  recordedDamage,
} from "../src/history/judged-champion.js";
import { knownVersion, movesOf } from "../src/history/model-moves.js";
import { RUN_TAGS } from "../src/history/run-tags.js";
import { AccuracyReport } from "../src/kit/artifacts/accuracy.js";
import type { Decision, RuleResult } from "../src/kit/artifacts/decision.js";
import { Registered } from "../src/kit/artifacts/registered.js";
import { Segments } from "../src/kit/artifacts/segments.js";
import { listed, unknownFeatures } from "../src/kit/column-names.js";
import { fail } from "../src/kit/failure.js";
import { directoryDigest, MANIFEST_FILE } from "../src/kit/model-directory.js";
import type { ChampionObservation } from "../src/kit/observations.js";
import { ownValue } from "../src/kit/own-value.js";
import type { ModelVersion } from "../src/kit/registry.js";
import { damageLine } from "../src/kit/soundness.js";
import { defineStep, type ExternalContext, optional, type StepContext } from "../src/kit/step.js";
import { loadPanel } from "../src/panel/artifact.js";
import { readingArtifact } from "../src/panel/artifact-table.js";
import { calendarOf, lastPeriodOf } from "../src/panel/calendar.js";
import type { Panel } from "../src/panel/panel.js";

/** Resamples of a champion comparison; the seed makes them the same every time. */
const BOOTSTRAP = { replicates: 1999, seed: 1 };

/** Group of a series that the segments do not know. */
const UNASSIGNED = "unassigned";

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
  accuracy: optional("accuracy-report"),
} as const;
type Inputs = typeof inputs;
type Context = StepContext<Params, Inputs, { decision: "decision" }>;

export const gate = defineStep({
  type: "gate",
  version: 5,
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

  check: ({ rules }, { metrics, columns }) => [
    ...unknownMetrics(rules, metrics),
    ...unknownFeatures(
      rules.flatMap((rule, index) => {
        const { kind, names } = testedFeatures(rule);
        return kind === null ? [] : listed(names, ["rules", index, kind, "features"]);
      }),
      columns,
    ),
  ],

  async external(ctx) {
    const champion = await championOfRun(ctx);
    const baseline = baselineOf(champion);
    const previous = await findPrevious(ctx);
    const overrides = await findOverrides(ctx, baseline);
    const missing = missingOf(champion);
    return {
      ...(baseline === null ? { champion: null } : { champion: baseline.version, digest: baseline.digest }),
      ...(missing.length === 0 ? {} : { missing: missing.map(({ detail }) => detail) }),
      ...(champion.kind === "damaged" ? { damaged: damageLine(champion.damage) } : {}),
      ...(champion.kind === "none" && champion.leftBehind !== null
        ? { leftBehind: champion.leftBehind }
        : {}),
      previousDecision: previous?.digest ?? null,
      overrides: overrides.map(({ id }) => id),
    };
  },

  async run(ctx) {
    const registered = await ctx.inputs.version.readJson("registered.json", Registered);
    const champion = await championOfRun(ctx);
    const baseline = baselineOf(champion);
    const missing = missingOf(champion);
    const rivals = rivalsOf(ctx, champion);
    const rules: RuleResult[] = missing.length === 0 ? [] : [championMissing(missing)];
    for (const rule of ctx.params.rules) rules.push(await evaluate(ctx, rule, rivals));
    const { loosened, result } = await compareWithEarlierRules(ctx, rules, rivals);
    if (result !== null) rules.push(result);
    const quarterOfBaseline = baseline?.tags[RUN_TAGS.quarter];
    if (baseline !== null && quarterOfBaseline !== undefined && quarterOfBaseline > ctx.quarter.label) {
      rules.push(laterChampion({ version: baseline.version, quarter: quarterOfBaseline }, ctx.quarter.label));
    }
    if (rivals.isFirst && ctx.model.firstRelease === "escalate") rules.push(firstReleaseEscalates());
    if (champion.kind === "damaged") rules.push(championDamaged(damageLine(champion.damage)));

    const judged: Omit<Decision, "digest"> = {
      quarter: ctx.quarter.label,
      cutoff: ctx.quarter.cutoff,
      model: ctx.model.name,
      alias: ctx.model.alias,
      candidate: { version: registered.version, digest: candidateDigest(ctx) },
      baseline: recordedBaseline(champion),
      firstRelease: rivals.isFirst,
      ...(missing.length === 0 ? {} : { missing: [...missing] }),
      ...(champion.kind === "damaged" ? { damaged: recordedDamage(champion) } : {}),
      ...(champion.kind === "none" && champion.leftBehind !== null
        ? { leftBehind: champion.leftBehind }
        : {}),
      // Nothing judged is nothing passed.
      verdict: rules.length === 0 || rules.some(({ blocks }) => blocks) ? "fail" : "pass",
      rules,
      loosened: [...loosened],
      policy: { firstRelease: ctx.model.firstRelease, rules: [...ctx.params.rules] },
      overrides: await findOverrides(ctx, baseline),
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

const findPrevious = ({ services, model, quarter }: ExternalContext<Params, Inputs>) =>
  previousDecision(services.registry, { model: model.name, quarter: quarter.label });

/** Approvals by which the live model got where it is although rules had failed. */
async function findOverrides(
  { services: { registry }, model, quarter }: ExternalContext<Params, Inputs>,
  baseline: ModelVersion | null,
): Promise<Decision["overrides"]> {
  if (baseline === null) return [];
  const open = openOverrides(await listApprovals(registry, model.name), await movesOf(registry, model.name), {
    alias: model.alias,
    version: knownVersion(baseline),
  });
  return open.map((record) => ({
    id: record.id,
    quarter: record.quarter,
    rules: record.overrides,
    by: record.by,
    expires: record.expires,
    expired: isExpired(record, quarter.cutoff),
  }));
}

/** Rules that were stricter in the decision of the quarter before are judged once more as they were. */
async function compareWithEarlierRules(
  ctx: Context,
  results: readonly RuleResult[],
  rivals: Rivals,
): Promise<Loosening> {
  const previous = await findPrevious(ctx);
  if (previous === null || previous.policy === null) return { loosened: [], result: null };
  const earlier = { quarter: previous.quarter, digest: previous.digest, ...previous.policy };
  const replayed: Replayed[] = [];
  for (const changed of changedRules(earlier, ctx.params.rules)) {
    const { before } = changed;
    const now = results.find(({ id }) => id === changed.id) ?? null;
    const isJudgeable = before !== null && (await namesOfPanel(ctx, before));
    replayed.push({
      changed,
      before: isJudgeable ? await evaluate(ctx, before, rivals) : null,
      now,
      reach: isJudgeable ? await reachOf(ctx, before) : null,
    });
  }
  return judgeLoosening(earlier, replayed, rivals.isFirst && ctx.model.firstRelease === "promote");
}

/** Whether the panel still has the features that a rule of another quarter names. */
async function namesOfPanel(ctx: Context, rule: Rule): Promise<boolean> {
  const panel = await loadPanel(ctx);
  const names = ["target", panel.targetName, ...Object.keys(panel.known), ...Object.keys(panel.observed)];
  return testedFeatures(rule).names.every((name) => names.includes(name));
}

/** What a rule ever had to go by on this panel. */
async function reachOf(ctx: Context, rule: Rule) {
  const panel = await loadPanel(ctx);
  const bySegment = ("ks" in rule && rule.ks.by !== undefined) || ("by" in rule && rule.by === "segment");
  return mostObservations(
    panel,
    rule,
    {
      quarterPeriods: { first: quarterStart(ctx), last: panel.lastPeriod },
      segments: bySegment ? panel.series.map(await segmentsOf(ctx)) : null,
      leadIsPeriod: false,
    },
    // `by` is for scores of the accuracy report, whose segments are those of last quarter.
    () => "by" in rule && rule.by === "lead",
  );
}

async function evaluate(ctx: Context, rule: Rule, rivals: Rivals): Promise<RuleResult> {
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

const quarterStart = (ctx: Context): number =>
  lastPeriodOf(ctx.quarter.previous.cutoff, calendarOf(ctx.data, ctx.fiscalYearStart)) + 1;

async function observeKs(
  ctx: Context,
  { ks }: DriftRule,
  panel: Panel,
  quarterPeriods: { readonly first: number; readonly last: number },
) {
  const segments = ks.by === undefined ? null : panel.series.map(await segmentsOf(ctx));
  return withAhead(panel, ks.features, quarterPeriods, (of, periods, features) =>
    guardedKs(of, { ...ks, features: [...features], quarterPeriods: periods, segments }),
  );
}

/** Segment of a series as of now. */
async function segmentsOf(ctx: Context): Promise<(series: string) => string> {
  const segments = await ctx.inputs.segments?.readJson("segments.json", Segments);
  return (series) => (segments && ownValue(segments.assignment, series)) ?? UNASSIGNED;
}

const UNMEASURED = {
  observed: null,
  candidate: null,
  champion: null,
  n: 0,
  series: 0,
  interval: null,
  pAbove: null,
  pBelow: null,
} as const;

async function judgeChampion(ctx: Context, rule: ChampionRule, rivals: Rivals): Promise<RuleResult> {
  const rows = await rivals.rows();
  const first = rivals.isFirst;
  if (rule.by === undefined) {
    const found = "why" in rows ? { ...UNMEASURED, why: rows.why } : compare(rule, rows, rows.candidate);
    return evaluateChampion(rule, found, first);
  }
  if ("why" in rows) return evaluateChampionGroups(rule, rule.by, [], first, rows.why);
  const segmentOf = await segmentsOf(ctx);
  const keyOf = (row: HoldoutForecast): string =>
    rule.by === "segment" ? segmentOf(row.series) : String(row.period - quarterStart(ctx) + 1);
  const groups = new Map<string, HoldoutForecast[]>();
  for (const row of rows.candidate) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  const found = [...groups].map(([key, candidate]) => ({ key, observation: compare(rule, rows, candidate) }));
  return evaluateChampionGroups(rule, rule.by, found, first, null);
}

interface BothRows {
  readonly candidate: readonly HoldoutForecast[];
  readonly champion: readonly { series: string; period: number; forecast: number }[];
}

/** What every champion rule of a run compares. */
interface Rivals {
  /** Nothing was ever live. */
  readonly isFirst: boolean;
  rows(): Promise<BothRows | { readonly why: string }>;
}

/** The champion's graph is opened for the first rule that asks, and never again. */
function rivalsOf(ctx: Context, champion: Champion): Rivals {
  let rows: ReturnType<Rivals["rows"]> | undefined;
  return {
    isFirst: champion.kind === "none",
    rows() {
      rows ??= rowsOfBoth(ctx, champion);
      return rows;
    },
  };
}

/**
 * Candidate and champion on this quarter's rows, neither having seen them: the candidate's recipe trained up to last quarter's end, and the
 * champion's own graph called there. A champion of this very quarter was trained on these rows, so its own such forecast is taken instead.
 */
async function rowsOfBoth(ctx: Context, found: Champion): Promise<BothRows | { readonly why: string }> {
  const baseline = baselineOf(found);
  if (found.kind === "damaged") return { why: "champion-damaged" };
  if (baseline === null) return { why: found.kind === "none" ? "no-champion" : "champion-missing" };
  if (baseline.digest === null) return { why: "champion-has-no-model" };
  const panel = await loadPanel(ctx);
  const { model } = ctx.inputs;
  const holdout = model.file("holdout.parquet");
  const read = () => holdoutRows(holdout, panel.calendar);
  const candidate = await readingArtifact(model, "holdout.parquet", read);
  if (candidate.length === 0) return { why: "no-holdout" };
  const origin = quarterStart(ctx) - 1;
  const segments = await ctx.inputs.segments?.readJson("segments.json", Segments);
  const champion = await championRows({
    registry: ctx.services.registry,
    baseline,
    panel,
    origin,
    periods: panel.lastPeriod - origin,
    cutoff: ctx.quarter.cutoff,
    segmentOf: (series) => (segments && ownValue(segments.assignment, series)) ?? null,
  });
  return champion.ok ? { candidate, champion: champion.value } : { why: champion.error };
}

function compare(
  rule: ChampionRule,
  { champion }: BothRows,
  candidate: readonly HoldoutForecast[],
): ChampionObservation {
  const scales = new Map(candidate.map((row) => [row.series, row.scale]));
  return compareWithChampion({
    candidate,
    champion,
    metric: rule.metric,
    isRelative: rule.maxIncrease === undefined,
    scale: (series) => scales.get(series) ?? null,
    bootstrap: { ...BOOTSTRAP, level: rule.confidence, limit: championLimit(rule) },
  });
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

import { mostObservations } from "../src/drift/measurable.js";
import { evaluate } from "../src/gate/evaluate.js";
import { type GateContext, type Inputs, inputs, type Params, params } from "../src/gate/inputs.js";
import { changedRules, judgeLoosening, type Loosening, type Replayed } from "../src/gate/loosening.js";
import { unknownMetrics } from "../src/gate/metric-paths.js";
import { championDamaged, championMissing, firstReleaseEscalates, laterChampion } from "../src/gate/order.js";
import { type Rivals, rivalsOf } from "../src/gate/rivals.js";
import { type Rule, testedFeatures } from "../src/gate/rule-params.js";
import { quarterStart, segmentsOf } from "../src/gate/scope.js";
import { isExpired, listApprovals, openOverrides } from "../src/history/approvals.js";
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
import type { Decision, RuleResult } from "../src/kit/artifacts/decision.js";
import { Registered } from "../src/kit/artifacts/registered.js";
import { listed, unknownFeatures } from "../src/kit/column-names.js";
import { fail } from "../src/kit/failure.js";
import { directoryDigest, MANIFEST_FILE } from "../src/kit/model-directory.js";
import type { ModelVersion } from "../src/kit/registry.js";
import { damageLine } from "../src/kit/soundness.js";
import { defineStep, type ExternalContext } from "../src/kit/step.js";
import { loadPanel } from "../src/panel/artifact.js";

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

function candidateDigest(ctx: GateContext): string {
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
  ctx: GateContext,
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
async function namesOfPanel(ctx: GateContext, rule: Rule): Promise<boolean> {
  const panel = await loadPanel(ctx);
  const names = ["target", panel.targetName, ...Object.keys(panel.known), ...Object.keys(panel.observed)];
  return testedFeatures(rule).names.every((name) => names.includes(name));
}

/** What a rule ever had to go by on this panel. */
async function reachOf(ctx: GateContext, rule: Rule) {
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

import { z } from "zod";
import { readForecasts } from "../../backtest/forecasts.js";
import type { ReplayedQuarter } from "../../backtest/replayed.js";
import { duelOf, OutlookScores } from "../../backtest/scores.js";
import type { Engine, RunRequest } from "../../engine/engine.js";
import type { DatedForecasts } from "../../forecast/accuracy/pairs.js";
import type { ArtifactReader } from "../../kit/artifact.js";
import { Decision, type RuleResult } from "../../kit/artifacts/decision.js";
import { Promotion } from "../../kit/artifacts/promotion.js";
import { Registered } from "../../kit/artifacts/registered.js";
import { Segments } from "../../kit/artifacts/segments.js";
import { SnapshotMeta } from "../../kit/artifacts/snapshot.js";
import type { BacktestRule } from "../../kit/backtest.js";
import { ownValue } from "../../kit/own-value.js";
import { lastPeriodOf } from "../../panel/calendar.js";
import type { Graph } from "../../plan/graph.js";
import { explainFailure } from "../../report/failures/explain.js";
import type { Outcomes } from "./actuals.js";
import { artifactOf, verdictOf } from "./artifacts.js";
import type { QuarterRun } from "./replay-quarter.js";

/** What a quarter's run decided, and what its forecasts came to. */
export async function scoreQuarter(
  { objects }: Engine,
  { quarter, scope, graph }: RunRequest,
  { steps, seconds, failure }: QuarterRun,
  { actuals, calendar }: Outcomes,
): Promise<ReplayedQuarter> {
  const artifact = (kind: Parameters<typeof artifactOf>[2]) => artifactOf(objects, steps, kind);
  const decision = await artifact("decision")?.readJson("decision.json", Decision);
  const promotion = await artifact("promotion")?.readJson("promotion.json", Promotion);
  const registered = await artifact("registered-version")?.readJson("registered.json", Registered);
  const segments = await artifact("segments")?.readJson("segments.json", Segments);
  const byUpperEnd = rulesByUpperEnd(graph);
  const cutoff = lastPeriodOf(quarter.cutoff, calendar);
  const read = (reader: ArtifactReader | null) => readSnapshot(reader, cutoff, calendar);
  const outlook = await read(artifact("snapshot"));
  const rival = await read(artifact("champion-snapshot"));
  const horizon = outlook?.meta.horizon ?? scope.model.horizon;
  const duel =
    outlook === null || rival === null ? null : duelOf(outlook.forecasts, rival.forecasts, horizon, actuals);
  return {
    quarter: quarter.label,
    cutoff: quarter.cutoff,
    horizon,
    verdict: failure !== null ? "failed" : verdictOf(promotion),
    rules: decision?.rules.map((rule) => ruleOf(rule, byUpperEnd)) ?? [],
    seconds,
    candidate: registered?.version ?? null,
    live: promotion === undefined ? null : liveOf(promotion),
    snapshot: outlook?.meta.sha256 ?? null,
    failure:
      failure === null
        ? null
        : {
            code: failure.failure.code,
            step: failure.step,
            title: explainFailure(failure.failure).title,
          },
    scores:
      outlook === null
        ? null
        : OutlookScores.of(
            outlook.forecasts,
            horizon,
            actuals,
            (id) => (segments && ownValue(segments.assignment, id)) ?? null,
          ),
    champion: duel === null ? null : { version: rival!.meta.version, duel },
  };
}

async function readSnapshot(
  reader: ArtifactReader | null,
  cutoff: number,
  calendar: Outcomes["calendar"],
): Promise<{ readonly meta: SnapshotMeta; readonly forecasts: DatedForecasts } | null> {
  if (reader === null || !reader.files.some(({ path }) => path === META)) return null;
  const meta = await reader.readJson(META, SnapshotMeta);
  const forecasts = await readForecasts(reader, meta.levels, cutoff, calendar);
  return { meta, forecasts };
}

const META = "snapshot.json";

function liveOf({ outcome, after }: Promotion): ReplayedQuarter["live"] {
  if (outcome === "promoted") return "candidate";
  return after === null ? null : "champion";
}

/** Ids of the rules that compare the upper end of an interval with the limit. */
const rulesByUpperEnd = ({ nodes }: Graph): ReadonlySet<string> =>
  new Set(
    nodes.flatMap(({ step }) => {
      const params = WithRules.safeParse(step.params);
      return params.success
        ? params.data.rules.filter(({ test }) => test === "upper").map(({ id }) => id)
        : [];
    }),
  );

const WithRules = z.object({ rules: z.array(z.object({ id: z.string(), test: z.string().optional() })) });

const ruleOf = (
  { detail: _detail, groups: _groups, ...rule }: RuleResult,
  byUpperEnd: ReadonlySet<string>,
): BacktestRule => ({
  ...rule,
  judged: byUpperEnd.has(rule.id) ? (rule.interval?.hi ?? null) : rule.observed,
});

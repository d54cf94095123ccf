import { compareWithChampion } from "../forecast/champion/compare.js";
import { championRows, type HoldoutForecast, holdoutRows } from "../forecast/champion/rows.js";
import type { Champion } from "../history/champion.js";
import { baselineOf } from "../history/judged-champion.js";
import type { RuleResult } from "../kit/artifacts/decision.js";
import { Segments } from "../kit/artifacts/segments.js";
import type { ChampionObservation } from "../kit/observations.js";
import { ownValue } from "../kit/own-value.js";
import { loadPanel } from "../panel/artifact.js";
import { readingArtifact } from "../panel/artifact-table.js";
import { championLimit, evaluateChampion, evaluateChampionGroups } from "./champion.js";
import type { GateContext } from "./inputs.js";
import type { ChampionRule } from "./rule-params.js";
import { quarterStart, segmentsOf } from "./scope.js";

/** Resamples of a champion comparison; the seed makes them the same every time. */
const BOOTSTRAP = { replicates: 1999, seed: 1 };

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

/** A rule that compares candidate and champion. */
export async function judgeChampion(
  ctx: GateContext,
  rule: ChampionRule,
  rivals: Rivals,
): Promise<RuleResult> {
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
export interface Rivals {
  /** Nothing was ever live. */
  readonly isFirst: boolean;
  rows(): Promise<BothRows | { readonly why: string }>;
}

/** The champion's graph is opened for the first rule that asks, and never again. */
export function rivalsOf(ctx: GateContext, champion: Champion): Rivals {
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
async function rowsOfBoth(ctx: GateContext, found: Champion): Promise<BothRows | { readonly why: string }> {
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

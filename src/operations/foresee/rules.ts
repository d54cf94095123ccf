import { periodLabel, periodsPerQuarter } from "../../calendar/period.js";
import { guardedKs } from "../../drift/guarded-ks.js";
import { mostObservations } from "../../drift/measurable.js";
import type { PeriodRange } from "../../drift/reference.js";
import { groupByAttributes } from "../../forecast/segmentation/attributes.js";
import { minNOf, minNPath } from "../../gate/min-n.js";
import { type Rule, testedFeatures } from "../../gate/rule-params.js";
import type { Panel } from "../../panel/panel.js";
import type { LegibleRunbook } from "../../runbook/runbook.js";
import { type Foresight, type PlacedStep, placeOfParameter, stepsOf } from "./finding.js";

interface Scope {
  readonly runbook: LegibleRunbook;
  readonly panel: Panel;
  readonly quarterPeriods: PeriodRange;
}

/** Rules that will be UNKNOWN because the panel has not as many observations as they ask for. */
export function lookAtRules(runbook: LegibleRunbook, panel: Panel): Foresight[] {
  const last = panel.lastPeriod;
  const first = last - periodsPerQuarter(panel.calendar.frequency) + 1;
  const scope: Scope = { runbook, panel, quarterPeriods: { first, last } };
  return stepsOf(runbook, "gate").flatMap((gate) => {
    const { rules } = gate.step.params as { readonly rules: readonly Rule[] };
    return rules.flatMap((rule, index) =>
      isExcused(rule) || !hasFeatures(rule, panel) ? [] : aboutRule(rule, index, gate, scope),
    );
  });
}

/** Somebody decided already that the rule may be UNKNOWN. */
const isExcused = ({ whenUnknown }: Rule): boolean => whenUnknown === "pass";

/** Names that the panel has not were told where they stand. */
const hasFeatures = (rule: Rule, { targetName = "target", known, observed }: Panel): boolean =>
  testedFeatures(rule).names.every(
    (name) =>
      name === "target" || name === targetName || Object.hasOwn(known, name) || Object.hasOwn(observed, name),
  );

function aboutRule(rule: Rule, index: number, gate: PlacedStep, scope: Scope): Foresight[] {
  const { runbook, panel, quarterPeriods } = scope;
  const need = minNOf(rule);
  const segments = segmentsOf(runbook, gate, panel);
  const bySegment = ("ks" in rule && rule.ks.by !== undefined) || ("by" in rule && rule.by === "segment");
  if (need === null || (bySegment && segments === null)) return [];
  const scores = stepsOf(runbook, "accuracy-report");
  const leadIsPeriod = scores.every(({ step }) => importsOf(step.params).length === 0);
  const reach = mostObservations(panel, rule, { quarterPeriods, segments, leadIsPeriod }, (metric) =>
    scores.some(({ step }) => ["wmape", "mase", "bias"].some((name) => metric === `${step.id}.${name}`)),
  );
  const short = (reach ?? []).filter(({ n }) => n < need);
  const isByGroup = bySegment || ("by" in rule && rule.by !== undefined);
  const about = { severity: "warning", step: gate.step.id } as const;
  const path = ["rules", index];
  const excuse = "`whenUnknown: pass` lets a release go without it";
  // Of groups the rule judges those that it can.
  if (reach !== null && short.length > 0 && (!isByGroup || short.length === reach.length)) {
    const most = Math.max(...short.map(({ n }) => n));
    const fewest = Math.min(...short.map(({ n }) => n));
    const enough = isByGroup ? most : fewest;
    const values =
      "ks" in rule || "psi" in rule ? "values a side" : "missing" in rule ? "cells a side" : "pairs";
    const which = short.map(({ key, n }) => `${key === null ? "it" : key} has ${n}`).slice(0, 3);
    const keys = minNPath(rule);
    const hint = enough > 0 ? `\`${keys.at(-1)}: ${enough}\` lets it be measured; ${excuse}` : excuse;
    return [
      {
        ...about,
        code: "rule-unmeasurable",
        message: `rule ${rule.id} can never be measured on this panel: it asks for ${need} ${values} in a quarter, and ${which.join(", ")} at most${short.length > 3 ? ", and others too few" : ""}`,
        ...placeOfParameter(runbook, gate, [...path, ...keys]),
        suggestion: hint,
      },
    ];
  }
  return "ks" in rule ? fewQuarters(rule, path, gate, scope, segments, excuse) : [];
}

/** The panel is long enough to count in, and not to compare quarters. */
function fewQuarters(
  rule: Extract<Rule, { ks: unknown }>,
  path: readonly (string | number)[],
  gate: PlacedStep,
  { runbook, panel, quarterPeriods }: Scope,
  segments: readonly string[] | null,
  excuse: string,
): Foresight[] {
  const { ks } = rule;
  const tests = guardedKs(panel, {
    ...ks,
    quarterPeriods,
    segments: ks.by === undefined ? null : (segments ?? []),
  });
  const unknown = tests.filter(({ why }) => why === "too-few-quarters");
  if (unknown.length === 0 || (ks.by !== undefined && unknown.length < tests.length)) return [];
  const until = periodLabel(panel.lastPeriod, panel.calendar);
  return [
    {
      severity: "warning",
      step: gate.step.id,
      code: "rule-unmeasurable",
      message: `rule ${rule.id} cannot be measured yet: up to ${until} there are too few past quarters to compare with`,
      ...placeOfParameter(runbook, gate, [...path, "ks", "guard"]),
      suggestion: `\`guard: series\` needs none; ${excuse}; or load more history`,
    },
  ];
}

const importsOf = (params: unknown): readonly string[] =>
  [(params as { readonly importSnapshots: string | readonly string[] }).importSnapshots].flat();

/** Segment of each series, where attributes alone make it; null where the history of segments does. */
function segmentsOf(runbook: LegibleRunbook, gate: PlacedStep, panel: Panel): readonly string[] | null {
  const [refresh] = stepsOf(runbook, "refresh-segments").filter(({ index }) => index < gate.index);
  if (refresh === undefined) return panel.series.map(() => "unassigned");
  const { by, minSeries } = refresh.step.params as {
    readonly by?: readonly string[];
    readonly minSeries: number;
  };
  const names = new Set(panel.attributes.map(({ name }) => name));
  if (by === undefined || minSeries > 1 || !by.every((name) => names.has(name))) return null;
  return groupByAttributes(panel, by).assignment;
}

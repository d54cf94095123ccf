import type { RuleResult } from "../../../kit/artifacts/decision.js";
import type { ValidationReport } from "../../../kit/artifacts/validation.js";
import { capital, compact, decimal, plural } from "../../format.js";
import { fold } from "../../page/make.js";
import type { Block, Multiple } from "../../page/model.js";
import { distributionDrawing } from "../drawings/distribution.js";

type Distribution = ValidationReport["distributions"][number];

/** Kinds of rules that compare the distribution of a feature. */
const DRIFT_RULES: ReadonlySet<RuleResult["kind"]> = new Set(["ks", "psi", "missing"]);

/** The target and what drifted, then and now; the other features on demand. */
export function driftPlots(validation: ValidationReport, rules: readonly RuleResult[]): Block[] {
  const { distributions } = validation;
  if (distributions.length === 0) return [];
  const drifted = driftedFeatures(validation, rules);
  // The first one is the target, whatever it is called.
  const first = distributions.filter(({ feature }, index) => index === 0 || drifted.has(feature));
  const rest = distributions.filter((distribution) => !first.includes(distribution));
  const grid = (which: string, shown: readonly Distribution[]): Block => ({
    kind: "multiples",
    caption: `Share of values up to each size, then and now: ${which}`,
    keys: [
      { label: "This quarter", color: "--c1", shape: "line" },
      { label: capital(distributions[0]!.reference.replace(/-/g, " ")), color: "--then", shape: "line" },
    ],
    items: shown.map((distribution) => plot(distribution, validation)),
  });
  return [
    grid(drifted.size === 0 ? "the target" : "the target and what drifted", first),
    ...(rest.length === 0
      ? []
      : [
          fold(
            plural(rest.length, "feature that did not drift", "features that did not drift"),
            grid("the other features", rest),
          ),
        ]),
  ];
}

/** What validation or a rule of the gate found to have moved. */
function driftedFeatures({ drift }: ValidationReport, rules: readonly RuleResult[]): ReadonlySet<string> {
  const watched = drift.filter(({ verdict }) => verdict === "FAIL" || verdict === "WARN");
  const failed = rules.filter(({ kind, verdict }) => DRIFT_RULES.has(kind) && verdict === "FAIL");
  return new Set([
    ...watched.map(({ feature }) => feature),
    ...failed.map(({ metric }) => metric.slice(metric.indexOf(".") + 1)),
    ...failed
      .filter(({ by }) => by === "feature")
      .flatMap(({ groups }) => groups.filter(({ verdict }) => verdict === "FAIL").map(({ key }) => key)),
  ]);
}

function plot({ feature, now, before }: Distribution, { drift }: ValidationReport): Multiple {
  const tested = drift.find((row) => row.feature === feature)?.statistic ?? null;
  const middle = (values: readonly number[]) => values[(values.length - 1) / 2];
  const medians = `median ${compact(middle(before))} → ${compact(middle(now))}`;
  return {
    title: feature,
    note: tested === null ? medians : `${medians}, distance ${decimal(tested, 3)}`,
    drawing: distributionDrawing(`Distribution of ${feature}: ${medians.replace("→", "then,")} now.`, {
      now,
      before,
    }),
  };
}

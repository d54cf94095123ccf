import type { ParameterProblem } from "../kit/step.js";
import { nearest } from "../kit/suggest.js";
import type { Rule } from "./rule-params.js";

/** A rule whose metric no earlier step reports would be UNKNOWN for ever: a typo, found before anything runs. */
export function unknownMetrics(rules: readonly Rule[], known: readonly string[]): ParameterProblem[] {
  return rules.flatMap((rule, index) => {
    if (!("metric" in rule) || "compare" in rule || known.some((pattern) => matches(rule.metric, pattern)))
      return [];
    const near = nearest(rule.metric, known);
    return [
      {
        path: ["rules", index, "metric"],
        message: `no earlier step reports the metric "${rule.metric}"`,
        suggestion: near === null ? `metrics: ${known.join(", ") || "none"}` : `did you mean "${near}"?`,
      },
    ];
  });
}

/** A `*` in the pattern stands for one or more characters of one path segment. */
function matches(path: string, pattern: string): boolean {
  const source = pattern
    .split("*")
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("[^.]+");
  return new RegExp(`^${source}$`).test(path);
}

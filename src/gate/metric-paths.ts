import type { ParameterProblem } from "../kit/step.js";
import { nearest } from "../kit/suggest.js";
import { metricsIn, parseExpression } from "./expression/parse.js";
import type { Rule } from "./rule-params.js";

/** A rule whose metric no earlier step reports would be UNKNOWN for ever: a typo, found before anything runs. */
export function unknownMetrics(rules: readonly Rule[], known: readonly string[]): ParameterProblem[] {
  return rules.flatMap((rule, index) =>
    pathsOf(rule)
      .filter(({ path }) => !known.some((pattern) => matches(path, pattern)))
      .map(({ path, field, where }) => {
        const near = nearest(path, known);
        const there = `metrics: ${known.join(", ") || "none"}`;
        return {
          path: ["rules", index, field],
          message: `${where}no earlier step reports the metric "${path}"`,
          suggestion: near === null ? there : `did you mean "${near}"? ${there}`,
        };
      }),
  );
}

interface UsedPath {
  readonly path: string;
  readonly field: string;
  /** Place inside an expression, empty for a plain path. */
  readonly where: string;
}

function pathsOf(rule: Rule): UsedPath[] {
  if ("expr" in rule) {
    return metricsIn(parseExpression(rule.expr)).map((path) => ({
      path,
      field: "expr",
      where: `column ${rule.expr.indexOf(path) + 1}: `,
    }));
  }
  if ("metric" in rule && !("compare" in rule)) return [{ path: rule.metric, field: "metric", where: "" }];
  return [];
}

/** A `*` in the pattern stands for a name, which may have dots: that of a column, for instance. */
function matches(path: string, pattern: string): boolean {
  const source = pattern
    .split("*")
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join(".+");
  return new RegExp(`^${source}$`).test(path);
}

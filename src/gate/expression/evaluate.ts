import type { MetricMap } from "../../kit/step.js";
import { type Expression, metricsIn, type Operator } from "./parse.js";

export interface ExpressionValue {
  readonly value: number | null;
  /** Smallest n of the metrics that it uses; null where none has one. */
  readonly n: number | null;
  /** Machine word for a null value. */
  readonly why: string | null;
  /** Each metric with its value, e.g. `accuracy.wmape 0.11`. */
  readonly used: readonly { readonly path: string; readonly value: number | null }[];
}

/** Carries the reason out of the recursion. */
class Unmeasured extends Error {
  constructor(readonly why: string) {
    super(why);
  }
}

/** A missing metric, a division by zero, or a figure that is not finite makes the whole expression null. */
export function evaluateExpression(expression: Expression, metrics: MetricMap): ExpressionValue {
  const paths = metricsIn(expression);
  const ns = paths.flatMap((path) => metrics[path]?.n ?? []);
  const rest = {
    n: ns.length === 0 ? null : Math.min(...ns),
    used: paths.map((path) => ({ path, value: metrics[path]?.value ?? null })),
  };
  try {
    return { value: figureOf(expression, metrics), why: null, ...rest };
  } catch (error) {
    if (error instanceof Unmeasured) return { value: null, why: error.why, ...rest };
    throw error;
  }
}

function figureOf(node: Expression, metrics: MetricMap): number {
  switch (node.kind) {
    case "number":
      return node.value;
    case "metric": {
      const metric = metrics[node.path];
      if (metric === undefined || metric.value === null) throw new Unmeasured(metric?.why ?? "not-measured");
      return finite(metric.value);
    }
    case "negate":
      return -figureOf(node.of, metrics);
    case "binary":
      return finite(apply(node.operator, figureOf(node.left, metrics), figureOf(node.right, metrics)));
    case "call": {
      const given = node.given.map((argument) => figureOf(argument, metrics));
      return node.name === "abs" ? Math.abs(given[0]!) : Math[node.name](...given);
    }
  }
}

function apply(operator: Operator, left: number, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      if (right === 0) throw new Unmeasured("division-by-zero");
      return left / right;
  }
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new Unmeasured("not-a-number");
  return value;
}

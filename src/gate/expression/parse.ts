import jsep from "jsep";

/** Arithmetic on metrics, as a tree. */
export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "metric"; readonly path: string }
  | { readonly kind: "negate"; readonly of: Expression }
  | {
      readonly kind: "binary";
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "call"; readonly name: FunctionName; readonly given: readonly Expression[] };

const OPERATORS = ["+", "-", "*", "/"] as const;
export type Operator = (typeof OPERATORS)[number];
const FUNCTIONS = ["min", "max", "abs"] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** What is wrong with an expression's text, and where. */
export class ExpressionError extends Error {
  /** @param column 1-based place in the text */
  constructor(
    readonly column: number,
    readonly problem: string,
  ) {
    super(`column ${column}: ${problem}`);
  }
}

const ALLOWED = "numbers, metric paths, + - * /, parentheses, min(), max() and abs()";

/**
 * Reads numbers, metric paths (`accuracy.wmape`, or in quotes where a part is no plain name: `"accuracy.coverage.80"`), + - * /, parentheses,
 * `min(a, b, …)`, `max(a, b, …)` and `abs(a)`. Nothing is evaluated: the parser gives a tree, and only what is listed here leaves it.
 * @throws ExpressionError for everything else
 */
export function parseExpression(text: string): Expression {
  return new Reader(text).read();
}

class Reader {
  constructor(private readonly text: string) {}

  read(): Expression {
    return this.node(this.parsed());
  }

  private parsed(): jsep.Expression {
    try {
      return jsep(this.text);
    } catch (error) {
      if (error instanceof Error && "index" in error && "description" in error) {
        throw new ExpressionError(Number(error.index) + 1, String(error.description));
      }
      throw error;
    }
  }

  private node(given: jsep.Expression): Expression {
    const node = given as jsep.CoreExpression;
    switch (node.type) {
      case "Literal":
        return this.literal(node);
      case "Identifier":
        return this.refuse(node.name, `"${node.name}" is no metric path: write STEP.NAME`);
      case "MemberExpression":
        return { kind: "metric", path: this.path(node) };
      case "UnaryExpression":
        if (node.operator !== "-") this.refuse(node.operator, `no operator ${node.operator} here`);
        return { kind: "negate", of: this.node(node.argument) };
      case "BinaryExpression":
        return {
          kind: "binary",
          operator:
            OPERATORS.find((operator) => operator === node.operator) ??
            this.refuse(node.operator, `no operator ${node.operator} here`),
          left: this.node(node.left),
          right: this.node(node.right),
        };
      case "CallExpression":
        return this.call(node);
      case "Compound":
        return this.refuse(
          "",
          node.body.length === 0 ? "it is empty" : "two expressions without an operator",
        );
      default:
        return this.refuse("", `allowed are ${ALLOWED}`);
    }
  }

  private literal({ value, raw }: jsep.Literal): Expression {
    if (typeof value === "number" && Number.isFinite(value)) return { kind: "number", value };
    if (typeof value === "string" && /^[^.\s]+\..*[^.\s]$/su.test(value))
      return { kind: "metric", path: value };
    return this.refuse(raw, `${raw} is neither a number nor a metric path`);
  }

  private path({ object, property, computed }: jsep.MemberExpression): string {
    if (computed) return this.refuse("[", "write the whole path in quotes instead of [ ]");
    const name = (property as jsep.Identifier).name;
    if (object.type === "Identifier") return `${(object as jsep.Identifier).name}.${name}`;
    if (object.type === "MemberExpression") return `${this.path(object as jsep.MemberExpression)}.${name}`;
    return this.refuse(`.${name}`, `.${name} does not follow a name`);
  }

  private call({ callee, arguments: given }: jsep.CallExpression): Expression {
    const written = callee.type === "Identifier" ? (callee as jsep.Identifier).name : "";
    const name = FUNCTIONS.find((known) => known === written);
    if (name === undefined)
      return this.refuse(written, `no function ${written || "here"}; there are min, max, abs`);
    if (given.length === 0 || (name === "abs" && given.length !== 1)) {
      return this.refuse(
        written,
        `${name} takes ${name === "abs" ? "one figure" : "one figure or more"}, got ${given.length}`,
      );
    }
    return { kind: "call", name, given: given.map((argument) => this.node(argument)) };
  }

  private refuse(fragment: string, problem: string): never {
    throw new ExpressionError(Math.max(0, this.text.indexOf(fragment)) + 1, problem);
  }
}

/** Metric paths in the order of first use, each once. */
export function metricsIn(expression: Expression): string[] {
  const found = new Set<string>();
  const visit = (node: Expression): void => {
    switch (node.kind) {
      case "number":
        return;
      case "metric":
        found.add(node.path);
        return;
      case "negate":
        visit(node.of);
        return;
      case "binary":
        visit(node.left);
        visit(node.right);
        return;
      case "call":
        for (const argument of node.given) visit(argument);
        return;
    }
  };
  visit(expression);
  return [...found];
}

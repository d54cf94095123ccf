import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluateExpression } from "../../../src/gate/expression/evaluate.js";
import { ExpressionError, metricsIn, parseExpression } from "../../../src/gate/expression/parse.js";
import type { MetricMap } from "../../../src/kit/step.js";

const metrics: MetricMap = {
  "a.x": { value: 6, n: 20 },
  "a.y": { value: 4, n: 8 },
  "a.zero": { value: 0 },
  "a.none": { value: null, n: 0, why: "no-pairs" },
  "a.nan": { value: Number.NaN, n: 3 },
  "a.coverage.80": { value: 0.8 },
  "my-step.x": { value: 2 },
};
const of = (text: string) => evaluateExpression(parseExpression(text), metrics);

test.each<[string, number]>([
  ["1 + 2 * 3", 7],
  ["(1 + 2) * 3", 9],
  ["10 - 4 - 3", 3],
  ["24 / 4 / 3", 2],
  ["-a.x + 1", -5],
  ["2 - -3", 5],
  ["-(1 + 2) * 2", -6],
  ["a.x / a.y", 1.5],
  ["min(a.x, a.y, 5)", 4],
  ["max(a.x, 2 * a.y)", 8],
  ["abs(a.y - a.x)", 2],
  ["max(3)", 3],
  [".5 + 1e2", 100.5],
  ['"a.coverage.80" * 100', 80],
  ["'my-step.x' - 1", 1],
])("%s is %f", (text, value) => {
  expect(of(text)).toMatchObject({ value, why: null });
});

test.each<[string, string]>([
  ["a.x / a.zero", "division-by-zero"],
  ["a.x / (a.y - 4)", "division-by-zero"],
  ["0 / 0", "division-by-zero"],
  ["a.none + 1", "no-pairs"],
  ["a.missing", "not-measured"],
  ["0 * a.nan", "not-a-number"],
  ["1e308 * 10", "not-a-number"],
  ["min(1, a.none)", "no-pairs"],
])("%s is unknown: %s", (text, why) => {
  expect(of(text)).toMatchObject({ value: null, why });
});

test("n is the smallest of the metrics that have one, and every metric is listed", () => {
  expect(of("a.x / a.y + a.zero")).toMatchObject({
    n: 8,
    used: [
      { path: "a.x", value: 6 },
      { path: "a.y", value: 4 },
      { path: "a.zero", value: 0 },
    ],
  });
  expect(of("a.zero + 1").n).toBeNull();
  expect(metricsIn(parseExpression("a.x + max(a.y, a.x) - 'a.coverage.80'"))).toEqual([
    "a.x",
    "a.y",
    "a.coverage.80",
  ]);
});

test.each<[string, number]>([
  ["", 1],
  ["a.x +", 6],
  ["a.x a.y", 1],
  ["(a.x", 5],
  ["a", 1],
  ["1 + wmape", 5],
  ["a.x ** 2", 5],
  ["a.x % 2", 5],
  ["a.x > 2", 5],
  ["a.x && 1", 5],
  ["a.x ? 1 : 2", 1],
  ["!a.x", 1],
  ["+a.x", 1],
  ["round(a.x)", 1],
  ["1 + a.x(2)", 1],
  ["a['x']", 2],
  ["abs(1, 2)", 1],
  ["min()", 1],
  ["'hello'", 1],
  ["true", 1],
  ["[1, 2]", 1],
  ["this.x", 5],
  ["a.x; a.y", 1],
  ["a.coverage.80", 12],
  ["constructor('return 1')()", 1],
])("%s is refused at column %i", (text, column) => {
  let error: unknown;
  try {
    parseExpression(text);
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(ExpressionError);
  expect((error as ExpressionError).column).toBe(column);
});

describe("properties", () => {
  test("arithmetic is that of the language, whatever the nesting", () => {
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        fc.integer({ min: 0, max: 9 }).map(String),
        fc
          .tuple(tie("tree"), fc.constantFrom("+", "-", "*", "/"), tie("tree"))
          .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
        tie("tree").map((inner) => `-(${inner})`),
      ),
    }));
    fc.assert(
      fc.property(tree, (text) => {
        const expected = new Function(`return ${text}`)() as number;
        const found = of(text);
        if (found.value === null) expect(text).toMatch(/\//);
        else expect(found.value).toBeCloseTo(expected, 9);
      }),
    );
  });

  test("any text is read or refused, never anything else", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), (text) => {
        try {
          parseExpression(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

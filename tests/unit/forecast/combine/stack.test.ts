import { describe, expect, test } from "vitest";
import { fitStack, type StackRows } from "../../../../src/forecast/combine/stack.js";
import { uniform } from "../learners/support.js";
import golden from "./stack.golden.json" with { type: "json" };

const rowsFrom = (x: readonly (readonly number[])[], y: readonly number[]): StackRows => ({
  columns: x[0]!.length,
  x: Float64Array.from(x.flat()),
  y: Float64Array.from(y),
});

describe("fitStack", () => {
  test.each(golden.cases)("agrees with numpy: $name", ({ x, y, ridge, steps, coefficients }) => {
    const fitted = fitStack(rowsFrom(x, y), { ridge, steps });
    coefficients.forEach((value, k) => {
      expect(fitted[k]!).toBeCloseTo(value, 9);
    });
  });

  test("comes close to the least absolute error of a grid, far from the least squares of an outlier", () => {
    const random = uniform(3);
    const x = Array.from({ length: 201 }, () => [random() - 0.5]);
    const y = x.map(([value], r) => 0.7 * value! + 0.02 * (random() - 0.5) + (r % 20 === 0 ? 3 * value! : 0));
    const error = (c: number) => x.reduce((sum, [value], r) => sum + Math.abs(y[r]! - c * value!), 0);
    const grid = Array.from({ length: 1001 }, (_, i) => i / 500);
    const best = grid.reduce((a, b) => (error(b) < error(a) ? b : a));
    const rows = rowsFrom(x, y);
    expect(Math.abs(fitStack(rows, { ridge: 1e-9, steps: 8 })[0]! - best)).toBeLessThan(0.01);
    expect(Math.abs(fitStack(rows, { ridge: 1e-9, steps: 0 })[0]! - best)).toBeGreaterThan(0.05);
  });

  test("says nothing where all experts agree", () => {
    expect([...fitStack(rowsFrom([[0, 0]], [5]), { ridge: 1e-2, steps: 8 })]).toEqual([0, 0]);
  });
});

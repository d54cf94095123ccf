import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limitsBetween, shortestDecimal } from "../../../src/backtest/limits.js";
import "../../support/fast-check.js";

const passing = (observed: readonly number[], limit: number, direction: "max" | "min"): number =>
  observed.filter((value) => (direction === "max" ? value <= limit : value >= limit)).length;

describe("limitsBetween", () => {
  test("one decimal for each stretch, and the runbook's own in its stretch", () => {
    expect(limitsBetween([0.1034, 0.1121, 0.19], 0.2, "max")).toEqual([0.1, 0.11, 0.12, 0.2]);
    expect(limitsBetween([0.1034, 0.1121, 0.19], 0.12, "max")).toEqual([0.1, 0.11, 0.12, 0.19]);
  });

  test("a lower bound is the mirror image, tightest first", () => {
    expect(limitsBetween([0.78, 0.85, 0.91], 0.8, "min")).toEqual([0.92, 0.9, 0.8, 0.78]);
  });

  test("figures that differ by nothing worth a limit are one", () => {
    const limits = limitsBetween([-2e-9, 1e-9, 3e-10], 0.01, "max");
    expect(limits).toHaveLength(2);
    expect(limits.at(-1)).toBe(0.01);
    expect(passing([-2e-9, 1e-9], limits[0]!, "max")).toBe(0);
  });

  test("a runbook's limit amid such figures is still there", () => {
    expect(limitsBetween([0.5, 0.5001, 0.5002], 0.50015, "max")).toContain(0.50015);
  });

  test("nothing but zeros", () => {
    const limits = limitsBetween([0, 0], 0, "max");
    expect(limits.map((limit) => passing([0, 0], limit, "max"))).toEqual([0, 2]);
  });

  test("from every quarter to none, each limit letting at least as much through as the one before", () => {
    const figures = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(
        figures,
        fc.double({ min: -10, max: 10, noNaN: true }),
        fc.constantFrom("max" as const, "min" as const),
        (observed, own, direction) => {
          const limits = limitsBetween(observed, own, direction);
          const counts = limits.map((limit) => passing(observed, limit, direction));
          expect(counts).toEqual([...counts].sort((a, b) => a - b));
          expect(counts[0]).toBe(0);
          expect(counts.at(-1)).toBe(observed.length);
          expect(limits.some((limit) => limit === own)).toBe(true);
        },
      ),
    );
  });
});

test.each([
  [0.1034, 0.1121, 0.11],
  [0.11, 0.12, 0.11],
  [2.2, 7, 3],
  [-0.0004, 0.3, 0],
  [-0.35, -0.29, -0.3],
])("the shortest decimal in [%d, %d)", (from, to, expected) => {
  const limit = shortestDecimal(from, to);
  expect(limit).toBe(expected);
});

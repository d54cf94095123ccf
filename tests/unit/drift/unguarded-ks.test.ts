import { describe, expect, test } from "vitest";
import { periodOf } from "../../../src/calendar/period.js";
import { type GuardedKsOptions, guardedKs } from "../../../src/drift/guarded-ks.js";
import { FailureError } from "../../../src/kit/failure.js";
import type { Panel } from "../../../src/panel/panel.js";
import { createRandom } from "../../../src/stats/random.js";
import { MONTHS, panelOf } from "../../support/panels.js";

const april = periodOf(2025, 4, MONTHS);
const quarterPeriods = { first: april, last: april + 2 };

/** 40 series of 36 months that end with the quarter; `values` says the feature of a row. */
function panelWith(values: Record<string, (series: number, period: number) => number>, series = 40): Panel {
  const panel = panelOf(
    Array.from({ length: series }, (_, s) => ({
      id: `s${String(s).padStart(3, "0")}`,
      start: april - 33,
      values: Array.from({ length: 36 }, (_, t) => s + t),
    })),
  );
  const column = (of: (series: number, period: number) => number) =>
    Float64Array.from(panel.period, (period, row) => of(Math.floor(row / 36), period));
  const observed = Object.fromEntries(Object.entries(values).map(([name, of]) => [name, column(of)]));
  return { ...panel, observed, known: { holidays: column((_, period) => period % 3) } };
}

const options = (more: Partial<GuardedKsOptions>): GuardedKsOptions => ({
  features: ["price"],
  statistic: 0.2,
  alpha: 0.05,
  correction: "bh",
  reference: "same-quarter-last-year",
  values: "raw",
  guard: "none",
  quarters: 24,
  minN: 30,
  segments: null,
  quarterPeriods,
  ...more,
});

const noise = (seed: number) => {
  const random = createRandom(seed);
  return () => random.uniform();
};

describe("verdict", () => {
  const shifted = (by: number) => {
    const draw = noise(1);
    return panelWith({ price: (_, period) => draw() + (period >= april ? by : 0) });
  };

  test("FAIL needs D at the limit and a small corrected p", () => {
    const [row] = guardedKs(shifted(0.5), options({}));
    expect(row).toMatchObject({ feature: "price", verdict: "FAIL", n: 120, nReference: 120 });
    expect(row!.statistic).toBeGreaterThan(0.4);
    expect(row!.pAdjusted).toBeLessThan(1e-6);
  });

  test("a small shift passes, whatever its p", () => {
    const [row] = guardedKs(shifted(0.18), options({ statistic: 0.35 }));
    expect(row!.pAdjusted).toBeLessThan(0.05);
    expect(row!.verdict).toBe("PASS");
  });

  test("D exactly at the limit counts as reached", () => {
    // 30 of 120 values exceed every reference value.
    const panel = panelWith({ price: (s, period) => (period >= april && s < 10 ? 9 : s % 4) });
    const [row] = guardedKs(panel, options({ statistic: 0.25 }));
    expect(row!.statistic).toBe(0.25);
    expect(row!.verdict).toBe("FAIL");
    expect(guardedKs(panel, options({ statistic: 0.2500001 }))[0]!.verdict).toBe("PASS");
  });

  test("D alone warns: a few values differ a lot by chance", () => {
    const draw = noise(4);
    const panel = panelWith({ price: draw }, 4);
    const [row] = guardedKs(panel, options({ minN: 10, statistic: 0.15 }));
    expect(row!.statistic).toBeGreaterThanOrEqual(0.15);
    expect(row!.pAdjusted).toBeGreaterThan(0.05);
    expect(row!.verdict).toBe("WARN");
  });

  test("too few values on either side are UNKNOWN, with the figures that there are", () => {
    const gone = panelWith({ price: (s, period) => (period < april && s > 5 ? Number.NaN : s) });
    expect(guardedKs(gone, options({}))[0]).toMatchObject({
      verdict: "UNKNOWN",
      n: 120,
      nReference: 18,
      pAdjusted: null,
    });
    expect(guardedKs(gone, options({}))[0]!.statistic).not.toBeNull();
    expect(guardedKs(gone, options({ minN: 18 }))[0]!.verdict).not.toBe("UNKNOWN");
    const empty = panelWith({ price: (_, period) => (period < april ? 1 : Number.NaN) });
    expect(guardedKs(empty, options({}))[0]).toMatchObject({
      verdict: "UNKNOWN",
      statistic: null,
      n: 0,
    });
  });
});

describe("reference", () => {
  // Values say when they were: 12 months apart they are equal, 3 months apart they are not.
  const seasonal = panelWith({ price: (s, period) => (period % 12) + s / 100 });

  test("the same quarter of last year does not see the season", () => {
    expect(guardedKs(seasonal, options({}))[0]).toMatchObject({
      verdict: "PASS",
      statistic: 0,
      nReference: 120,
    });
  });

  test("the previous quarter does", () => {
    const [row] = guardedKs(seasonal, options({ reference: "previous-quarter" }));
    expect(row).toMatchObject({
      verdict: "FAIL",
      statistic: 1,
      nReference: 120,
    });
  });

  test("the training window is everything before the quarter", () => {
    const [row] = guardedKs(seasonal, options({ reference: "training-window" }));
    expect(row!.nReference).toBe(40 * 33);
  });

  test("rows after the quarter belong to no side", () => {
    const earlier = options({
      quarterPeriods: { first: april - 3, last: april - 1 },
      reference: "training-window",
    });
    expect(guardedKs(seasonal, earlier)[0]).toMatchObject({ n: 120, nReference: 40 * 30 });
  });
});

describe("correction", () => {
  const draw = noise(9);
  // One feature shifts a little; 19 do not. Its plain p is below 5%, which among 20 tests is no news.
  const names = Array.from({ length: 20 }, (_, i) => `f${String(i).padStart(2, "0")}`);
  const panel = panelWith(
    Object.fromEntries(
      names.map((name, i) => [name, (_, period) => draw() + (i === 3 && period >= april ? 0.15 : 0)]),
    ),
  );
  const of = (correction: GuardedKsOptions["correction"]) =>
    guardedKs(panel, options({ features: names, correction, statistic: 0.1 }));

  test("Bonferroni multiplies by the number of tests, none leaves p alone", () => {
    const plain = of("none").map(({ pAdjusted }) => pAdjusted!);
    for (const [i, row] of of("bonferroni").entries()) {
      expect(row.feature).toBe(names[i]);
      expect(row.pAdjusted).toBeCloseTo(Math.min(1, plain[i]! * 20), 12);
    }
    expect(plain.some((p) => p > 0.06 && p < 1)).toBe(true);
    expect(plain.some((p) => p < 0.05)).toBe(true);
  });

  test("the shift fails without a correction and warns with one", () => {
    const plain = of("none")[3]!;
    expect(plain.pAdjusted).toBeLessThan(0.05);
    expect(plain.verdict).toBe("FAIL");
    expect(of("bonferroni")[3]!.verdict).toBe("WARN");
    expect(of("bh")[3]!.pAdjusted).toBeGreaterThan(plain.pAdjusted!);
  });

  test("a test without enough values is not in the family", () => {
    const sparse = panelWith({
      price: (s, period) => s + (period >= april ? 10 : 0),
      rare: (s) => (s === 0 ? 1 : Number.NaN),
    });
    const [price, rare] = guardedKs(
      sparse,
      options({ features: ["price", "rare"], correction: "bonferroni" }),
    );
    const [alone] = guardedKs(sparse, options({ correction: "none" }));
    expect(price!.pAdjusted).toBe(alone!.pAdjusted);
    expect(rare!.verdict).toBe("UNKNOWN");
  });
});

describe("features", () => {
  test("may be known features and the target", () => {
    const rows = guardedKs(panelWith({}), options({ features: ["holidays", "target"] }));
    expect(rows.map(({ feature, verdict }) => [feature, verdict])).toEqual([
      ["holidays", "PASS"],
      ["target", "FAIL"],
    ]);
  });

  test("an unknown name is refused with what there is", () => {
    const panel = panelWith({ price_index: () => 1 });
    try {
      guardedKs(panel, options({ features: ["price_idnex"] }));
      expect.unreachable();
    } catch (error) {
      expect((error as FailureError).failure).toEqual({
        code: "data.name-unknown",
        retryable: false,
        role: "feature",
        name: "price_idnex",
        known: ["price_index", "holidays", "target"],
        suggestion: "price_index",
      });
      expect(error).toBeInstanceOf(FailureError);
    }
  });

  test("a name that every object has is not a feature", () => {
    expect(() => guardedKs(panelWith({}), options({ features: ["toString"] }))).toThrow(FailureError);
  });
});

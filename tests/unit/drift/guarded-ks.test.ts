import { describe, expect, test } from "vitest";
import { type GuardedKsOptions, guardedKs } from "../../../src/drift/guarded-ks.js";
import { FailureError } from "../../../src/kit/failure.js";
import type { Panel } from "../../../src/panel/panel.js";
import { createRandom } from "../../../src/stats/random.js";
import { panelOf } from "../../support/panels.js";

/** Series of ten years; the quarter is periods 117 to 119. */
function decade(value: (s: number, t: number) => number, series = 40): Panel {
  return panelOf(
    Array.from({ length: series }, (_, s) => ({
      id: `s${String(s).padStart(3, "0")}`,
      start: 0,
      values: Array.from({ length: 120 }, (_, t) => value(s, t)),
    })),
  );
}

const options = (more: Partial<GuardedKsOptions> = {}): GuardedKsOptions => ({
  features: ["target"],
  statistic: 0.1,
  alpha: 0.05,
  correction: "bh",
  reference: "same-quarter-last-year",
  values: "relative",
  guard: "auto",
  quarters: 24,
  minN: 30,
  quarterPeriods: { first: 117, last: 119 },
  segments: null,
  ...more,
});

const noise = (seed: number) => {
  const random = createRandom(seed);
  return () => random.uniform();
};

test("what all series share in a quarter is no drift while past quarters shared as much, and the p of independent values says it is", () => {
  let [alarms, naive] = [0, 0];
  for (let seed = 0; seed < 60; seed++) {
    const draw = noise(seed);
    const shocks = Array.from({ length: 40 }, () => 0.7 + 0.6 * draw());
    const panel = decade((s, t) => (10 + s) * shocks[Math.floor(t / 3)]! * (0.95 + 0.1 * draw()));
    if (guardedKs(panel, options())[0]!.verdict === "FAIL") alarms++;
    if (guardedKs(panel, options({ guard: "none" }))[0]!.verdict === "FAIL") naive++;
  }
  expect(alarms).toBeLessThanOrEqual(6);
  expect(naive).toBeGreaterThan(40);
});

test("p is the rank of D among the past quarters", () => {
  const draw = noise(3);
  const shift = (t: number) => (t >= 117 ? 1.2 : t === 60 || t === 61 || t === 62 ? 3 : 1);
  const panel = decade((s, t) => (10 + s) * shift(t) * (0.9 + 0.2 * draw()));
  const [found] = guardedKs(panel, options());
  expect(found!.past!.quarters).toBe(24);
  // The quarter of the outlier, and the one that is compared with it a year later.
  expect(found!.past!.asLarge).toBe(2);
  expect(found).toMatchObject({ pAdjusted: 3 / 25, verdict: "WARN" });
  expect(guardedKs(panel, options({ alpha: 0.12 }))[0]!.verdict).toBe("FAIL");
});

test("with several tests each past quarter counts with its largest D", () => {
  const draw = noise(4);
  const target = decade((s) => 10 + s);
  const [a, b] = [0, 0].map(() => target.target.map(() => 10 + draw()));
  const wild = a!.map((value, row) => value * (row % 120 >= 100 && row % 120 < 103 ? 2 : 1));
  const drifted = b!.map((value, row) => value * (row % 120 >= 117 ? 1.04 : 1));
  const panel = { ...target, observed: { wild, drifted } };
  const of = (correction: "bh" | "none") =>
    guardedKs(panel, options({ features: ["wild", "drifted"], correction }));
  expect(of("none")[1]).toMatchObject({ pAdjusted: 1 / 25, verdict: "FAIL" });
  expect(of("bh")[1]!.pAdjusted).toBeGreaterThan(1 / 25);
});

test("a short history counts each series once, and no drift is larger than one before", () => {
  const draw = noise(5);
  const shifted = (from: number) => decade((s, t) => (10 + s) * (t >= from ? 1.1 : 1) * (0.9 + 0.2 * draw()));
  const [found] = guardedKs(shifted(117), options({ quarters: 5 }));
  expect(found).toMatchObject({ past: null, verdict: "FAIL" });
  expect(found!.pAdjusted).toBeGreaterThan(
    guardedKs(shifted(117), options({ guard: "none" }))[0]!.pAdjusted!,
  );
  // The same change a quarter earlier: this quarter's D is nothing new.
  const outlier = decade((s, t) => (10 + s) * (t >= 114 ? (t < 117 ? 2 : 1.1) : 1) * (0.9 + 0.2 * draw()));
  expect(guardedKs(outlier, options({ quarters: 5 }))[0]).toMatchObject({ pAdjusted: 1, verdict: "WARN" });
});

describe("relative values", () => {
  test("a change of small series shows as much as one of large ones, and a new series does not", () => {
    const draw = noise(6);
    const size = (s: number) => 10 ** (s % 5);
    const panel = decade((s, t) => size(s) * (s % 5 < 4 && t >= 117 ? 1.4 : 1) * (0.9 + 0.2 * draw()));
    const [relative] = guardedKs(panel, options());
    const [raw] = guardedKs(panel, options({ values: "raw" }));
    expect(relative!.statistic).toBeGreaterThan(0.5);
    expect(raw!.statistic).toBeLessThan(0.3);
    const newcomer = panelOf([
      ...panel.series.map((id, s) => ({
        id,
        start: 0,
        values: [...panel.target.slice(s * 120, s * 120 + 120)],
      })),
      { id: "zzz", start: 117, values: [1e9, 1e9, 1e9] },
    ]);
    expect(guardedKs(newcomer, options())[0]).toMatchObject({
      n: relative!.n,
      statistic: relative!.statistic,
    });
  });
});

test("by segment: each is judged on its own, a small one is unknown", () => {
  const draw = noise(7);
  const segments = Array.from({ length: 40 }, (_, s) => (s < 18 ? "a" : s < 36 ? "b" : "c"));
  const panel = decade((s, t) => (s < 18 && t >= 117 ? 2 : 1) * (0.9 + 0.2 * draw()));
  expect(
    guardedKs(panel, options({ segments, statistic: 0.3 })).map(
      ({ segment, verdict }) => `${segment} ${verdict}`,
    ),
  ).toEqual(["a FAIL", "b PASS", "c UNKNOWN"]);
});

test("a feature that the panel does not have is a failure", () => {
  expect(() =>
    guardedKs(
      decade(() => 1),
      options({ features: ["tagret"] }),
    ),
  ).toThrow(FailureError);
});

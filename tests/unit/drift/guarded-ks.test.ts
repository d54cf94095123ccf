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

describe("a history too short for ranks", () => {
  const shocked = (seed: number) => {
    const draw = noise(seed);
    const shocks = Array.from({ length: 40 }, () => 0.8 + 0.4 * draw());
    return decade((s, t) => (10 + s) * shocks[Math.floor(t / 3)]! * (0.5 + draw()));
  };
  const alarms = (quarters: number, guard: GuardedKsOptions["guard"]) =>
    Array.from(
      { length: 60 },
      (_, seed) => guardedKs(shocked(seed), options({ quarters, guard }))[0]!,
    ).filter(({ verdict }) => verdict === "FAIL").length;

  test("what the past quarters shared is no drift, where counting each series once says it is", () => {
    expect(alarms(7, "auto")).toBeLessThanOrEqual(3);
    expect(alarms(7, "series")).toBeGreaterThan(3);
  });

  test("a change beyond what they shared is found", () => {
    const draw = noise(5);
    const panel = decade((s, t) => (10 + s) * (t >= 117 ? 1.3 : 1) * (0.9 + 0.2 * draw()));
    const [found] = guardedKs(panel, options({ quarters: 7 }));
    expect(found).toMatchObject({ past: { quarters: 7, asLarge: 0 }, verdict: "FAIL" });
  });

  test("fewer than five past quarters say nothing, unless series are counted by name", () => {
    const draw = noise(5);
    const panel = decade((s, t) => (10 + s) * (t >= 117 ? 1.3 : 1) * (0.9 + 0.2 * draw()));
    expect(guardedKs(panel, options({ quarters: 4 }))[0]).toMatchObject({
      pAdjusted: null,
      verdict: "UNKNOWN",
      why: "too-few-quarters",
    });
    const [counted] = guardedKs(panel, options({ quarters: 4, guard: "series" }));
    expect(counted).toMatchObject({ past: null, verdict: "FAIL" });
  });

  test("a feature that never moved and moves now has drifted, one that does not has not", () => {
    const draw = noise(5);
    const still = decade((s, t) => (t >= 117 ? 2 + draw() : 1) * (10 + s));
    expect(guardedKs(still, options({ quarters: 7, values: "raw" }))[0]!.verdict).toBe("FAIL");
    expect(
      guardedKs(
        decade((s) => 10 + s),
        options({ quarters: 7 }),
      )[0]!.verdict,
    ).toBe("PASS");
  });

  test("counting each series once is larger than the p of independent values, and no drift is larger than one before", () => {
    const draw = noise(5);
    const shifted = decade((s, t) => (10 + s) * (t >= 117 ? 1.1 : 1) * (0.9 + 0.2 * draw()));
    const [once, independent] = (["series", "none"] as const).map(
      (guard) => guardedKs(shifted, options({ quarters: 5, guard }))[0]!.pAdjusted!,
    );
    expect(once).toBeGreaterThan(independent!);
    // The same change a quarter earlier: this quarter's D is nothing new.
    const outlier = decade((s, t) => (10 + s) * (t >= 114 ? (t < 117 ? 2 : 1.1) : 1) * (0.9 + 0.2 * draw()));
    expect(guardedKs(outlier, options({ quarters: 5, guard: "series" }))[0]).toMatchObject({
      pAdjusted: 1,
      verdict: "WARN",
    });
  });
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

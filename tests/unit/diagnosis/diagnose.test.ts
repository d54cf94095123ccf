import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Diagnosis } from "../../../src/diagnosis/finding.js";
import { periodProfile } from "../../../src/panel/checks/coverage.js";
import type { Panel } from "../../../src/panel/panel.js";
import { diagnosePanel, FAULTS, healthyPanel, keepRows, retarget, type World } from "./faults.js";

const worlds: fc.Arbitrary<World> = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  series: fc.integer({ min: 20, max: 60 }),
  years: fc.integer({ min: 3, max: 6 }),
  regions: fc.integer({ min: 2, max: 5 }),
  noise: fc.double({ min: 0.03, max: 0.1, noNaN: true }),
  season: fc.double({ min: 0.25, max: 0.5, noNaN: true }),
});
/** A month's shift of a flat season in one phase is no more than noise or a level: these have more to go by. */
const seasonalWorlds = worlds.map(
  (made): World => ({
    ...made,
    regions: Math.max(3, made.regions),
    noise: made.noise / 2,
    season: made.season + 0.1,
  }),
);
const world: World = { seed: 7, series: 40, years: 5, regions: 4, noise: 0.06, season: 0.3 };
const healthy = healthyPanel(world);

const first = (panel: Panel, more: Parameters<typeof diagnosePanel>[1] = {}) =>
  diagnosePanel(panel, more).findings[0];

describe("the seven kinds of fault, in panels of any size, noise and season", () => {
  test.each(Object.keys(FAULTS))("%s is ranked first", (name) => {
    fc.assert(
      fc.property(name === "season-shifted" ? seasonalWorlds : worlds, (made) => {
        expect(first(FAULTS[name]!(healthyPanel(made)))?.cause).toBe(name);
      }),
      { numRuns: 12 },
    );
  });

  test("a quarter without a fault has no cause with a score of a half", () => {
    fc.assert(
      fc.property(worlds, (made) => {
        const { findings } = diagnosePanel(healthyPanel(made));
        expect(findings.filter(({ score }) => score >= 0.5)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  test("what comes out is what its schema says, and the same every time", () => {
    for (const fault of Object.values(FAULTS)) {
      const panel = fault(healthy);
      const drifted = [{ feature: "price", reference: "same-quarter-last-year" }];
      const made = diagnosePanel(panel, { drifted });
      expect(Diagnosis.parse(JSON.parse(JSON.stringify(made)))).toEqual(made);
      expect(diagnosePanel(panel, { drifted })).toEqual(made);
    }
  });
});

describe("in series whose own noise hides what they have in common", () => {
  const noisy = fc.integer({ min: 1, max: 1e6 }).map((seed): Panel => {
    const panel = healthyPanel({ seed, series: 240, years: 6, regions: 3, noise: 0.45, season: 0.3 });
    // Decimal numbers, as of a survey.
    return { ...panel, target: panel.target.map((value) => (value * 1234567) / 1e7) };
  });

  test.each(["unit-change", "level-shift", "duplicated-rows"])("%s is ranked first", (name) => {
    const fault =
      name === "level-shift" ? (panel: Panel) => retarget(panel, (value) => value * 1.45) : FAULTS[name]!;
    fc.assert(
      fc.property(noisy, (panel) => {
        expect(first(fault(panel))?.cause).toBe(name);
        expect(diagnosePanel(panel).findings.filter(({ score }) => score >= 0.4)).toEqual([]);
      }),
      { numRuns: 6 },
    );
  });
});

test("a feature that walks changes places as visibly as one that does not", () => {
  const walking: Panel = {
    ...healthy,
    observed: {
      price: healthy.observed.price!.map(
        (value, row) => value + 2 * (healthy.period[row]! - healthy.lastPeriod),
      ),
    },
  };
  expect(first(FAULTS["features-permuted"]!(walking))?.cause).toBe("features-permuted");
  expect(first(walking)?.cause).not.toBe("features-permuted");
});

describe("what a finding says", () => {
  const inRegion = (s: number, region: number) => healthy.attributes[0]!.codes[s] === region;

  test.each([1000, 100, 12, 1 / 1000])("a unit's factor %d, and its scope", (factor) => {
    const all = first(retarget(healthy, (value) => value * factor));
    expect(all).toMatchObject({ cause: "unit-change", factor, scope: { attribute: null } });
    const part = first(retarget(healthy, (value, s) => (inRegion(s, 2) ? value * factor : value)));
    expect(part).toMatchObject({
      cause: "unit-change",
      factor,
      scope: { attribute: "region", value: "north" },
    });
  });

  test("a factor that only the last month has", () => {
    const last = first(
      retarget(healthy, (value, _, period) => (period === healthy.lastPeriod ? value * 1000 : value)),
    );
    expect(last).toMatchObject({ cause: "unit-change", first: "2022-12", last: "2022-12" });
  });

  test("twice the level is a double only where the values are even, or are no counts", () => {
    const odd = retarget(
      healthy,
      (value) => Math.round(1.97 * value) + (Math.round(1.97 * value) % 2 === 0 ? 1 : 0),
    );
    expect(first(odd)?.cause).toBe("level-shift");
    const fractions: Panel = { ...healthy, target: healthy.target.map((value) => value * Math.SQRT1_2) };
    expect(first(retarget(fractions, (value) => 2 * value))).toMatchObject({
      cause: "duplicated-rows",
      divisible: null,
    });
  });

  test("copies among series that no attribute tells apart", () => {
    const some = retarget(healthy, (value, s) => (s % 10 < 3 ? 2 * value : value));
    expect(first(some)).toMatchObject({ cause: "duplicated-rows", scope: { attribute: null, series: 12 } });
  });

  test("a season that comes early has negative months", () => {
    const values = new Map<string, number>();
    for (let s = 0; s < healthy.series.length; s++) {
      for (let row = healthy.offsets[s]!; row < healthy.offsets[s + 1]!; row++) {
        values.set(`${s} ${healthy.period[row]}`, healthy.target[row]!);
      }
    }
    // The month after the last is a year ago's.
    const early = retarget(
      healthy,
      (_, s, period) => values.get(`${s} ${period + 1}`) ?? values.get(`${s} ${period + 1 - 12}`)!,
    );
    expect(first(early)).toMatchObject({ cause: "season-shifted", months: -1 });
  });

  test("a last month without rows is stale, a region without rows is missing, a pause of the season is neither", () => {
    const short = keepRows(healthy, (_, period) => period < healthy.lastPeriod);
    expect(first(short)).toMatchObject({ cause: "stale-data", how: "no-rows", first: "2022-12" });
    const paused = keepRows(healthy, (s, period) => !inRegion(s, 1) || period % 12 < 9);
    expect(diagnosePanel(paused).findings.filter(({ score }) => score >= 0.5)).toEqual([]);
  });

  test("a quarter filled forward", () => {
    const values = new Map<number, number>();
    for (let s = 0; s < healthy.series.length; s++) {
      for (let row = healthy.offsets[s]!; row < healthy.offsets[s + 1]!; row++) {
        if (healthy.period[row] === healthy.lastPeriod - 3) values.set(s, healthy.target[row]!);
      }
    }
    expect(first(retarget(healthy, (_, s) => values.get(s)!))).toMatchObject({
      cause: "stale-data",
      how: "filled-forward",
      sourceFirst: "2022-09",
    });
  });
});

describe("beside the run of the quarter before", () => {
  const profile = periodProfile(keepRows(healthy, (_, period) => period <= healthy.lastPeriod - 3));
  const previous = { quarter: "2022Q3", profile, assignment: null };
  const scaled = (factor: number): Panel => ({
    ...healthy,
    target: healthy.target.map((value) => value * factor),
  });

  test("the same history is no finding", () => {
    expect(first(healthy, { previous })).toBeUndefined();
  });

  test("a whole history in another unit, or counted twice", () => {
    expect(first(scaled(1000), { previous })).toMatchObject({ cause: "unit-change", history: true });
    expect(first(scaled(2), { previous })).toMatchObject({ cause: "duplicated-rows", history: true });
  });

  test("a whole history that is a month late", () => {
    const late: Panel = { ...healthy, period: healthy.period.map((period) => period + 1) };
    const cut = keepRows(
      { ...late, lastPeriod: healthy.lastPeriod },
      (_, period) => period <= healthy.lastPeriod,
    );
    expect(first(cut, { previous })).toMatchObject({ cause: "season-shifted", months: 1, history: true });
  });

  test("a few rewritten periods are weaker than a fault of the quarter", () => {
    const rewritten = {
      ...previous,
      profile: profile.map((row, i) => (i % 5 === 0 ? { ...row, total: row.total * 1.03 } : row)),
    };
    expect(first(healthy, { previous: rewritten })).toMatchObject({
      cause: "history-rewritten",
      periods: 12,
      of: 57,
    });
    expect(first(FAULTS["level-shift"]!(healthy), { previous: rewritten })?.cause).toBe("level-shift");
  });

  test("a segment whose series the source has no more", () => {
    const assignment = Object.fromEntries([
      ...healthy.series.map((id) => [id, "north"]),
      ["gone-1", "coast"],
      ["gone-2", "coast"],
    ]);
    expect(first(healthy, { previous: { ...previous, assignment } })).toMatchObject({
      cause: "region-missing",
      attribute: "segment",
      values: ["coast"],
    });
  });
});

test("rules that could not be measured are too little data", () => {
  const unknown = {
    id: "accuracy",
    kind: "threshold" as const,
    verdict: "UNKNOWN" as const,
    severity: "block" as const,
    blocks: true,
    metric: "accuracy.wmape",
    observed: null,
    limit: 0.2,
    direction: "max" as const,
    n: 2,
    why: "too-few-rows",
    detail: "",
    interval: null,
    by: null,
    groups: [],
  };
  expect(first(healthy, { rules: [unknown] })).toEqual({
    cause: "too-little-data",
    score: 0.6,
    rules: [{ id: "accuracy", why: "too-few-rows", n: 2 }],
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Actuals } from "../../../../src/forecast/accuracy/actuals.js";
import { panelOf, type Row } from "./small-panel.js";

const JAN_2024 = 2024 * 12;

const months = (series: string, values: readonly number[], first = JAN_2024): Row[] =>
  values.map((y, at) => ({ series, period: first + at, y }));

describe("values", () => {
  const actuals = new Actuals(
    panelOf([...months("a", [1, 2, Number.NaN]), { series: "b", period: JAN_2024 + 5, y: 9 }], JAN_2024 + 5),
  );

  test("are read by series and period", () => {
    expect(actuals.at("a", JAN_2024 + 1)).toBe(2);
    expect(actuals.at("b", JAN_2024 + 5)).toBe(9);
  });

  test("are NaN for a gap, an empty cell and an unknown series", () => {
    expect(actuals.at("a", JAN_2024 + 3)).toBeNaN();
    expect(actuals.at("a", JAN_2024 + 2)).toBeNaN();
    expect(actuals.at("b", JAN_2024)).toBeNaN();
    expect(actuals.at("constructor", JAN_2024)).toBeNaN();
  });
});

describe("the seasonal naive forecast", () => {
  const values = Array.from({ length: 24 }, (_, at) => at + 1);
  const actuals = new Actuals(panelOf(months("a", values), JAN_2024 + 23));
  const cutoff = JAN_2024 + 17;

  test("repeats the last season before the cutoff", () => {
    expect([1, 2, 12, 13].map((lead) => actuals.seasonalNaive("a", cutoff, cutoff + lead))).toEqual([
      7, 8, 18, 7,
    ]);
  });

  test("goes back one season more where the value is missing", () => {
    const gap = new Actuals(
      panelOf([...months("a", [5, 6]), ...months("a", [1], JAN_2024 + 20)], JAN_2024 + 23),
    );
    expect(gap.seasonalNaive("a", JAN_2024 + 23, JAN_2024 + 24)).toBe(5);
    expect(gap.seasonalNaive("a", JAN_2024 + 23, JAN_2024 + 32)).toBe(1);
  });

  test("is the mean up to the cutoff where no season is known, and never looks past it", () => {
    const short = new Actuals(panelOf(months("a", [2, 4, 100]), JAN_2024 + 2));
    expect(short.seasonalNaive("a", JAN_2024 + 1, JAN_2024 + 2)).toBe(3);
    expect(short.seasonalNaive("a", JAN_2024 - 1, JAN_2024)).toBeNaN();
    expect(short.seasonalNaive("z", JAN_2024 + 1, JAN_2024 + 2)).toBeNaN();
  });
});

describe("the MASE scale", () => {
  test("agrees with a brute-force mean of seasonal differences up to the cutoff", () => {
    const cell = fc.record({
      series: fc.constantFrom("a", "b"),
      period: fc.integer({ min: JAN_2024, max: JAN_2024 + 40 }),
      y: fc.oneof(fc.integer({ min: -5, max: 50 }), fc.constant(Number.NaN)),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(cell, { selector: (row) => `${row.series} ${row.period}`, maxLength: 70 }),
        fc.integer({ min: JAN_2024 - 1, max: JAN_2024 + 41 }),
        (rows, cutoff) => {
          const actuals = new Actuals(panelOf(rows, JAN_2024 + 40));
          for (const id of ["a", "b"]) {
            const y = new Map(rows.filter((row) => row.series === id).map((row) => [row.period, row.y]));
            const errors = [...y]
              .filter(([period]) => period <= cutoff)
              .map(([period, value]) => Math.abs(value - (y.get(period - 12) ?? Number.NaN)))
              .filter((error) => !Number.isNaN(error));
            const expected = errors.reduce((sum, error) => sum + error, 0) / errors.length;
            if (errors.length === 0) expect(actuals.scale(id, cutoff)).toBeNaN();
            else expect(actuals.scale(id, cutoff)).toBeCloseTo(expected, 9);
          }
        },
      ),
    );
  });

  test("has m = 4 for quarters", () => {
    const rows = [1, 2, 3, 4, 11, 2, 3, 4].map((y, at) => ({ series: "a", period: 8000 + at, y }));
    const panel = { ...panelOf(rows, 8007), calendar: { frequency: "quarter", fiscalYearStart: 1 } as const };
    expect(new Actuals(panel).scale("a", 8007)).toBe(2.5);
  });
});

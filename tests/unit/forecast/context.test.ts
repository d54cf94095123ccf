import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  contextLength,
  contextPeak,
  contextScale,
  contextWindow,
  fillContext,
} from "../../../src/forecast/context.js";
import { panelOf } from "../../support/panels.js";

const NA = Number.NaN;
const row = (...values: number[]) => Float32Array.from(values);

const rowOf = (season: number) =>
  fc
    .integer({ min: 1, max: 5 })
    .chain((seasons) =>
      fc.array(fc.oneof(fc.constant(NA), fc.integer({ min: -50, max: 50 })), {
        minLength: seasons * season,
        maxLength: seasons * season,
      }),
    )
    .map((values) => Float32Array.from(values));

describe("contextLength", () => {
  test("counts from the first number, gaps included", () => {
    expect(contextLength(row(NA, NA, 1, NA, 2))).toBe(3);
    expect(contextLength(row(1, NA))).toBe(2);
    expect(contextLength(row(NA, NA))).toBe(0);
  });
});

describe("contextScale", () => {
  test("is the seasonal naive error over the pairs where both are numbers", () => {
    expect(contextScale(row(1, 2, 4, NA, 9, 0), 2)).toBe((3 + 5) / 2);
  });
  test("falls back to the mean magnitude, then to 1", () => {
    expect(contextScale(row(-3, 5, -3, 5), 2)).toBe(4);
    expect(contextScale(row(NA, NA, NA, -7), 2)).toBe(7);
    expect(contextScale(row(0, 0, 0, 0), 2)).toBe(1);
  });
  test("is NaN without a number", () => expect(contextScale(row(NA, NA), 2)).toBeNaN());
});

describe("contextPeak", () => {
  test("skips what is missing, wherever it is", () => {
    expect(contextPeak(row(NA, -3, -1, NA, -2))).toBe(-1);
    expect(contextPeak(row(NA))).toBeNaN();
  });
});

describe("fillContext", () => {
  test("takes the season before, chained, then the mean of the original numbers", () => {
    expect([...fillContext(row(NA, 1, NA, NA, 4, NA), 2)]).toEqual([2.5, 1, 2.5, 1, 4, 1]);
  });

  // The rule read the other way round: walk back in whole seasons from each hole to the first number.
  test("equals walking back in whole seasons", () => {
    fc.assert(
      fc.property(rowOf(3), (values) => {
        const numbers = [...values].filter((value) => !Number.isNaN(value));
        const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
        const expected = [...values].map((_, t) => {
          for (let back = t; back >= 0; back -= 3) if (!Number.isNaN(values[back]!)) return values[back]!;
          return mean;
        });
        expect([...fillContext(values, 3)]).toEqual(expected);
      }),
    );
  });

  test("leaves the row as it was", () => {
    const values = row(1, NA, NA, NA);
    fillContext(values, 2);
    expect([...values]).toEqual([1, NA, NA, NA]);
  });
});

describe("contextWindow", () => {
  test("rounds to float32 and never looks past `last`", () => {
    const panel = panelOf([
      { id: "a", start: 100, values: [0.1, 2, 3, 99] },
      { id: "b", start: 102, values: [5] },
    ]);
    expect([...contextWindow(panel, 102, 4)]).toEqual([NA, Math.fround(0.1), 2, 3, NA, NA, NA, 5]);
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as format from "../../../src/report/format.js";

describe("numbers for people", () => {
  test.each([
    [format.percent(0.1124), "11.2%"],
    [format.percent(-0.0001), "0.0%"],
    [format.percent(12.5), "1,250.0%"],
    [format.percent(null), "–"],
    [format.percent(Number.NaN), "–"],
    [format.signedPercent(0.04), "+4.0%"],
    [format.signedPercent(-0.031), "−3.1%"],
    [format.signedPercent(0.0001), "0.0%"],
    [format.points(0.018), "+1.8 points"],
    [format.count(0), "0"],
    [format.count(999), "999"],
    [format.count(1000), "1,000"],
    [format.count(-1234567), "−1,234,567"],
    [format.decimal(12345.678, 2), "12,345.68"],
    [format.seconds(0.42), "0.4 s"],
    [format.seconds(59.94), "59.9 s"],
    [format.seconds(59.96), "1 m 00 s"],
    [format.seconds(125), "2 m 05 s"],
    [format.seconds(3720), "1 h 02 m"],
    [format.seconds(undefined), "–"],
    [format.compact(0), "0"],
    [format.compact(999), "999"],
    [format.compact(999.9), "1.00k"],
    [format.compact(12345), "12.3k"],
    [format.compact(12000), "12.0k"],
    [format.compact(999950), "1.00M"],
    [format.compact(-4560000), "−4.56M"],
    [format.compact(12.345), "12.3"],
    [format.figure(0.123456), "0.1235"],
    [format.figure(0.5), "0.5"],
    [format.figure(1234.5), "1,235"],
    [format.figure(0.00001), "1.00e−5"],
    [format.pValue(2e-9), "< 0.0001"],
    [format.pValue(0.0312), "0.0312"],
    [format.pValue(null), "–"],
    [format.plural(1, "series", "series"), "1 series"],
    [format.plural(2, "rule"), "2 rules"],
    [format.list(["a", "b", "c"]), "a, b and c"],
    [format.shortHash(`sha256:${"ab".repeat(32)}`), "abababababab"],
  ])("%s", (actual, expected) => {
    expect(actual).toBe(expected);
  });

  test("grouping keeps the digits of any integer", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        const text = format.count(value);
        expect(Number(text.replace(/,/g, "").replace("−", "-"))).toBe(value);
        expect(text).toMatch(/^−?\d{1,3}(,\d{3})*$/);
      }),
    );
  });

  test("compact is right to three figures, whatever the size", () => {
    const factor: Record<string, number> = { k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15 };
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e17, noNaN: true }), (value) => {
        const [, digits, suffix] = /^([\d.,]+)([kMGTP]?)$/.exec(format.compact(value))!;
        const shown = Number(digits!.replace(/,/g, "")) * (factor[suffix!] ?? 1);
        expect(Math.abs(shown - value)).toBeLessThanOrEqual(value * 0.0051);
      }),
    );
  });

  test("no number prints NaN, Infinity or a machine's notation of them", () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        for (const show of [format.percent, format.compact, format.count, format.figure, format.seconds]) {
          expect(show(value)).not.toMatch(/NaN|Infinity|undefined|null/);
        }
      }),
    );
  });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { type Drawing, type Mark, NARROW, SMALL, WIDE } from "../../../../src/report/page/drawing/drawing.js";
import {
  shareLabels,
  tickLabels,
  ticksOf,
  verticalScale,
} from "../../../../src/report/page/drawing/scale.js";
import { svg } from "../../../../src/report/page/drawing/svg.js";

const finite = fc.double({ min: -1e12, max: 1e12, noNaN: true, noDefaultInfinity: true });
const values = fc.array(fc.option(finite), { minLength: 1, maxLength: 30 });

const drawing = (
  labels: readonly string[],
  marks: readonly Mark[],
  change: Partial<Drawing> = {},
): Drawing => ({
  label: "x",
  axis: { kind: "points", labels, named: [] },
  unit: "number",
  hasZero: false,
  marks,
  ...change,
});
const names = (count: number) => Array.from({ length: count }, (_, i) => `20${10 + i}-01`);

test("ticks are round, rising, few, and span the values", () => {
  fc.assert(
    fc.property(fc.array(finite, { maxLength: 20 }), (values) => {
      const ticks = ticksOf(values);
      expect(ticks.length).toBeGreaterThan(1);
      expect(ticks.length).toBeLessThan(8);
      for (let i = 1; i < ticks.length; i++) expect(ticks[i]!).toBeGreaterThan(ticks[i - 1]!);
      const slack = 1e-9 * Math.max(...ticks.map(Math.abs));
      for (const value of values) {
        expect(value).toBeGreaterThanOrEqual(ticks[0]! - slack);
        expect(value).toBeLessThanOrEqual(ticks.at(-1)! + slack);
      }
    }),
  );
  expect(ticksOf([12, 95])).toEqual([0, 50, 100]);
  expect(ticksOf([3, 3.5])).toEqual([3, 3.2, 3.4, 3.6]);
});

test("labels are short, and never equal for different ticks", () => {
  expect(tickLabels([0, 5500, 11000])).toEqual(["0", "5.5k", "11k"]);
  expect(tickLabels([100_000, 100_050, 100_100])).toEqual(["100,000", "100,050", "100,100"]);
  expect(tickLabels([10, 20, 100])).toEqual(["10", "20", "100"]);
  expect(shareLabels([0, 0.05, 0.1])).toEqual(["0%", "5%", "10%"]);
  expect(shareLabels([0.32, 0.325, 0.33])).toEqual(["32.0%", "32.5%", "33.0%"]);
  expect(shareLabels([0, 0.00005, 0.0001])).toEqual(["0.000%", "0.005%", "0.010%"]);
});

test("what is drawn lies inside the drawing", () => {
  fc.assert(
    fc.property(values, fc.constantFrom(SMALL, NARROW, WIDE), (values, size) => {
      const { source } = svg(
        drawing(names(values.length), [{ kind: "line", values, color: "--fg", width: 1, hasDots: true }]),
        size,
      );
      expect(source).not.toContain("NaN");
      for (const [, x, y] of source.matchAll(/cx="([\d.-]+)" cy="([\d.-]+)"/g)) {
        expect(Number(x)).toBeGreaterThanOrEqual(0);
        expect(Number(x)).toBeLessThanOrEqual(size.width);
        expect(Number(y)).toBeGreaterThanOrEqual(7.9);
        expect(Number(y)).toBeLessThanOrEqual(size.height - size.font);
      }
      expect(source.match(/<circle/g) ?? []).toHaveLength(values.filter((value) => value !== null).length);
    }),
  );
});

test("bars stand on zero inside the drawing, and nothing of a gap is drawn", () => {
  fc.assert(
    fc.property(values, (values) => {
      const { source } = svg(
        drawing([], [{ kind: "bars", of: [{ values, color: "--c1" }], notes: null }], {
          axis: { kind: "slots", labels: names(values.length) },
        }),
        SMALL,
      );
      const rects = [
        ...source.matchAll(/<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.-]+)" height="([\d.-]+)"/g),
      ];
      expect(rects).toHaveLength(values.filter((value) => value !== null).length);
      for (const [, x, y, width, height] of rects) {
        expect(Number(x) + Number(width)).toBeLessThanOrEqual(320);
        expect(Number(y)).toBeGreaterThanOrEqual(7.9);
        expect(Number(y) + Number(height)).toBeLessThanOrEqual(150);
      }
    }),
  );
});

test("levels are strokes of their own: nothing joins one fold to the next", () => {
  const { source } = svg(
    drawing([], [{ kind: "levels", values: [0.08, null, 0.07], color: "--naive" }], {
      axis: { kind: "slots", labels: names(3) },
    }),
    WIDE,
  );
  const strokes = [...source.matchAll(/d="M([\d.]+) ([\d.]+)H([\d.]+)" stroke="var\(--naive\)"/g)];
  expect(strokes).toHaveLength(2);
  expect(Number(strokes[0]![3])).toBeLessThan(Number(strokes[1]![1]));
});

test("labels of an axis never touch, and its ends have one", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.constantFrom(SMALL, NARROW, WIDE), (count, size) => {
      const labels = names(count);
      const { source } = svg(
        drawing(labels, [{ kind: "line", values: labels.map((_, i) => i), color: "--fg", width: 1 }]),
        size,
      );
      const shown = [
        ...source.matchAll(/<text x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)">(20\d+-01)</g),
      ].map(([, x, , anchor, text]) => {
        const width = text!.length * size.font * 0.58;
        const from = Number(x) - (anchor === "start" ? 0 : anchor === "end" ? width : width / 2);
        return { from, to: from + width, text };
      });
      const sorted = shown.sort((a, b) => a.from - b.from);
      for (let i = 1; i < sorted.length; i++) expect(sorted[i]!.from).toBeGreaterThan(sorted[i - 1]!.to);
      expect(sorted[0]!.text).toBe(labels[0]);
      if (count > 1) expect(sorted.at(-1)!.text).toBe(labels.at(-1));
    }),
  );
});

test("a larger value is higher up", () => {
  const { at } = verticalScale([1, 2, 3], { top: 8, bottom: 126, unit: "number" });
  expect(at(3)).toBeLessThan(at(2));
  expect(at(2)).toBeLessThan(at(1));
});

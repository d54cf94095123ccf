import { describe, expect, test } from "vitest";
import { type IntervalOptions, intervalReport } from "../../../../src/forecast/intervals/report.js";
import { type FoldCells, foldOf } from "./support.js";

type Cells = FoldCells & { readonly nonNegative?: boolean };

const OPTIONS: IntervalOptions = {
  isScored: [true, true, true],
  groups: 0,
  horizon: 1,
  levels: [0.5, 0.8],
};
const judgedOf = ({ nonNegative = false, ...cells }: Cells) => ({
  ...foldOf(cells),
  clip: { nonNegative, clip: 3 },
});
const report = (cells: readonly Cells[], options: Partial<IntervalOptions> = {}) => {
  const folds = cells.map(judgedOf);
  const naive = cells.map(({ residuals, ...rest }) =>
    judgedOf({ ...rest, residuals: residuals.map((row) => row.map((residual) => 3 * residual)) }),
  );
  return intervalReport(folds, naive, { ...OPTIONS, isScored: folds.map(() => true), ...options });
};
const column = (values: readonly number[]) => values.map((value) => [value]);

describe("intervalReport", () => {
  const first = { origin: 0, residuals: column([1, 2, 3, 4]) };

  test("judges a fold with the widths of the folds before it, and the first not at all", () => {
    // Four residuals: half-widths 3 at 0.5 and 4 at 0.8.
    const second = { origin: 1, residuals: column([-3, 3.5, -4, 4.5, Number.NaN]) };
    const { levels, wql, naiveWql, n } = report([first, second]);
    expect(levels).toEqual([
      { level: 0.5, coverage: 1 / 4, n: 4, meanWidth: 6 },
      { level: 0.8, coverage: 3 / 4, n: 4, meanWidth: 8 },
    ]);
    expect(n).toBe(4);
    // By hand, with actuals 94, 107, 92, 109 and bounds 92, 94, 106, 108.
    const actuals = [94, 107, 92, 109];
    const loss = (p: number, q: number) =>
      actuals.reduce((sum, y) => sum + (y > q ? p * (y - q) : (1 - p) * (q - y)), 0);
    const total = loss(0.1, 92) + loss(0.25, 94) + loss(0.75, 106) + loss(0.9, 108);
    expect(wql).toBeCloseTo((2 * total) / (94 + 107 + 92 + 109) / 4, 12);
    expect(naiveWql!).toBeGreaterThan(2 * wql!);
  });

  test("a later residual moves no earlier verdict", () => {
    const folds = (last: number) => [
      first,
      { origin: 1, residuals: column([3, 3, 3, 4]) },
      { origin: 2, residuals: column([last, last, last, last]) },
    ];
    const options = { isScored: [true, true, false] };
    expect(report(folds(1), options)).toEqual(report(folds(1000), options));
    expect(report(folds(1))).not.toEqual(report(folds(1000)));
  });

  test("folds that overlap the judged one, or whose actuals it did not know yet, do not calibrate it", () => {
    const overlapping = report(
      [
        { origin: 0, residuals: [[1, 1]] },
        { origin: 1, residuals: [[1, 1]] },
      ],
      { horizon: 2, levels: [0.4] },
    );
    expect(overlapping.n).toBe(0);
    expect(report([first, { ...first, origin: 2 }]).n).toBe(4);
    expect(report([first, { ...first, origin: 2, gap: 2 }]).n).toBe(0);
  });

  test("with one fold everything is unknown", () => {
    expect(report([first])).toEqual({
      levels: [0.5, 0.8].map((level) => ({ level, coverage: null, n: 0, meanWidth: null })),
      wql: null,
      naiveWql: null,
      n: 0,
    });
  });

  test("a level that the folds before cannot support is judged where they can", () => {
    // 0.9 needs nine residuals: the four of the first fold are too few for the second, 4 · ½ + 8 are enough for the third.
    const eight = column([1, 1, 1, 1, 1, 1, 1, 1]);
    const { levels, n } = report([first, { origin: 1, residuals: eight }, { origin: 2, residuals: eight }], {
      levels: [0.5, 0.9],
    });
    expect(levels.map(({ n }) => n)).toEqual([16, 8]);
    expect(n).toBe(16);
  });

  test("takes the widths of the row's segment", () => {
    const segments = [0, 0, 1, 1];
    const folds = [0, 1].map((origin) => ({ origin, segments, residuals: column([1, 1, 5, 5]) }));
    const own = report(folds, { groups: 2, levels: [0.5] });
    expect(own.levels).toEqual([{ level: 0.5, coverage: 1, n: 4, meanWidth: 6 }]);
    expect(report(folds, { levels: [0.5] }).levels[0]!.meanWidth).toBe(10);
  });

  test("bounds end at zero as long as no target was negative", () => {
    const wide = column([-60, -60, -60, -60]);
    const fold = (origin: number, nonNegative: boolean) => ({ origin, residuals: wide, nonNegative });
    const width = (...folds: Cells[]) => report(folds, { levels: [0.5] }).levels[0]!.meanWidth;
    // 100 ± 120 with a scale of 2: from 0 to 220, or from −20.
    expect(width(fold(0, true), fold(1, true))).toBe(110);
    expect(width(fold(0, true), fold(1, false))).toBe(120);
    expect(width(fold(0, true), fold(1, true), fold(2, false))).toBe(115);
  });
});

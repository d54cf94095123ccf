import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { outlookTotals } from "../../../../src/cli/conclude/outlook-totals.js";
import type { ArtifactReader } from "../../../../src/kit/artifact.js";
import type { SumIntervals } from "../../../../src/kit/artifacts/training.js";
import { writeParquet } from "../../../../src/panel/table.js";

let folder: string;
const reader = (levels: readonly number[]): ArtifactReader =>
  ({
    file: (path: string) => join(folder, path),
    readJson: async (_: string, schema: { parse(value: unknown): unknown }) => schema.parse({ levels }),
  }) as unknown as ArtifactReader;

const scope = { data: { frequency: "month", columns: { target: "rooms" } }, fiscalYearStart: 1 } as never;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "retrain-totals-"));
  const text = (name: string, values: string[]) => ({ name, type: "VARCHAR" as const, values });
  const number = (name: string, ...values: number[]) => ({
    name,
    type: "DOUBLE" as const,
    values: Float64Array.from(values),
  });
  const days = (...values: string[]) => ({ name: "period", type: "DATE" as const, values });
  await writeParquet(join(folder, "panel.parquet"), [
    text("series", ["a", "a", "b", "b", "constructor"]),
    days("2025-05-01", "2025-06-01", "2025-05-01", "2025-06-01", "2025-06-01"),
    number("target", 1, 2, 10, Number.NaN, 100),
  ]);
  await writeParquet(join(folder, "outlook.parquet"), [
    text("series", ["a", "b", "constructor"]),
    days("2025-07-01", "2025-07-01", "2025-07-01"),
    number("forecast", 3, 30, 300),
    number("lo80", 2, 20, 200),
    number("hi80", 4, 40, 400),
    number("lo95", 1, 10, 100),
    number("hi95", 5, 50, 500),
  ]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const totalsOf = (
  levels: readonly number[],
  segmentOf: ReadonlyMap<string, string> = new Map(),
  sums: SumIntervals | null = null,
) => outlookTotals({ panel: reader([]), outlook: reader(levels), segmentOf, sums }, scope);

const SEGMENTS = new Map([
  ["a", "small"],
  ["b", "large"],
  ["constructor", "large"],
]);

test("adds up history and forecast, of all series and of each segment", async () => {
  const totals = await totalsOf([0.8, 0.95], SEGMENTS);
  expect(totals.total.history).toEqual([
    { period: "2025-05", total: 11 },
    { period: "2025-06", total: 102 },
  ]);
  expect(totals.total.forecast.map(({ period, forecast }) => [period, forecast])).toEqual([["2025-07", 333]]);
  expect(totals.segments.map(({ segment, forecast }) => [segment, forecast[0]!.forecast])).toEqual([
    ["large", 330],
    ["small", 3],
  ]);
  expect(totals.segments[0]!.history.map(({ total }) => total)).toEqual([10, 100]);
});

describe("intervals of a sum", () => {
  const sums: SumIntervals = {
    nonNegative: true,
    groups: [
      { segment: null, levels: [0.8], halfWidths: [[40]] },
      { segment: "large", levels: [0.8, 0.95], halfWidths: [[30], [400]] },
    ],
    leftOut: [
      { level: 0.95, have: 10, need: 19 },
      { level: 0.99, have: 10, need: 99 },
    ],
  };

  test("are by its own errors, of the levels that these carry, and never below zero where nothing is", async () => {
    const { total, segments, leftOut } = await totalsOf([0.8, 0.95], SEGMENTS, sums);
    expect([total.basis, total.levels, total.forecast[0]!.bands]).toEqual([
      "sums",
      [0.8],
      [{ lo: 293, hi: 373 }],
    ]);
    expect(leftOut).toEqual([{ level: 0.95, have: 10, need: 19 }]);
    const large = segments.find(({ segment }) => segment === "large")!;
    expect(large.forecast[0]!.bands).toEqual([
      { lo: 300, hi: 360 },
      { lo: 0, hi: 730 },
    ]);
  });

  test("are the series' own where there is only one, and none where nobody calibrated any", async () => {
    const { total, segments } = await totalsOf([0.8, 0.95], SEGMENTS);
    const small = segments.find(({ segment }) => segment === "small")!;
    expect([small.basis, small.levels, small.forecast[0]!.bands]).toEqual([
      "series",
      [0.8, 0.95],
      [
        { lo: 2, hi: 4 },
        { lo: 1, hi: 5 },
      ],
    ]);
    expect([total.basis, total.levels, total.forecast[0]!.bands]).toEqual(["unknown", [], []]);
  });

  test("are none where the outlook has none", async () => {
    const { total, segments } = await totalsOf([]);
    expect([total.basis, total.levels, segments, total.forecast[0]!.bands]).toEqual(["none", [], [], []]);
  });
});

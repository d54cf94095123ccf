import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { outlookTotals } from "../../../../src/cli/conclude/outlook-totals.js";
import type { ArtifactReader } from "../../../../src/kit/artifact.js";
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

test("adds up history, forecast and bounds, of all series and of each segment", async () => {
  const segments = new Map([
    ["a", "small"],
    ["b", "large"],
  ]);
  const totals = await outlookTotals(reader([]), reader([0.8, 0.95]), segments, scope);
  expect(totals.total.history).toEqual([
    { period: "2025-05", total: 11 },
    { period: "2025-06", total: 102 },
  ]);
  expect(totals.total.forecast).toEqual([
    {
      period: "2025-07",
      forecast: 333,
      bands: [
        { lo: 222, hi: 444 },
        { lo: 111, hi: 555 },
      ],
    },
  ]);
  expect(totals.segments.map(({ segment, forecast }) => [segment, forecast[0]!.forecast])).toEqual([
    ["large", 30],
    ["small", 3],
  ]);
  expect(totals.segments[0]!.history.map(({ total }) => total)).toEqual([10, 0]);
});

test("without segments there is the total alone, without levels no band", async () => {
  const totals = await outlookTotals(reader([]), reader([]), new Map(), scope);
  expect([totals.levels, totals.segments, totals.total.forecast[0]!.bands]).toEqual([[], [], []]);
});

import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeAttribute, PANEL_FILE, writePanelArtifact } from "../../../src/panel/artifact.js";
import { comparePanels } from "../../../src/panel/compare.js";
import type { Panel } from "../../../src/panel/panel.js";
import { scratchFolder, writerInto } from "./scratch.js";

const folder = scratchFolder();
const START = 2024 * 12;

interface Row {
  readonly series: string;
  /** Months after January 2024. */
  readonly month: number;
  readonly target: number;
  readonly price: number;
}

/** Writes a panel of these rows; `region` is one label a series. */
async function write(
  rows: readonly Row[],
  region: Record<string, string> = {},
  observed = "price",
): Promise<string> {
  const series = [...new Set(rows.map((row) => row.series))].sort();
  const sorted = series.flatMap((id) =>
    rows.filter((row) => row.series === id).sort((a, b) => a.month - b.month),
  );
  const offsets = Int32Array.from([
    0,
    ...series.map((id) => sorted.findLastIndex((row) => row.series === id) + 1),
  ]);
  const panel: Panel = {
    calendar: { frequency: "month", fiscalYearStart: 1 },
    series,
    offsets,
    period: Int32Array.from(sorted, (row) => START + row.month),
    target: Float64Array.from(sorted, (row) => row.target),
    attributes: [
      encodeAttribute(
        "region",
        series.map((id) => region[id] ?? "north"),
      ),
    ],
    known: {},
    observed: { [observed]: Float64Array.from(sorted, (row) => row.price) },
    lastPeriod: START + 100,
  };
  const own = mkdtempSync(join(folder, "panel-"));
  await writePanelArtifact(panel, writerInto(own));
  return join(own, PANEL_FILE);
}

const row = (series: string, month: number, target = 1, price = 2): Row => ({ series, month, target, price });
const BASE = [row("a", 0), row("a", 1), row("b", 0), row("b", 1, 5, Number.NaN)];

test("the same rows: nothing differs, missing values included", async () => {
  expect(await comparePanels(await write(BASE), await write([...BASE].reverse()))).toEqual({
    rows: { before: 4, after: 4 },
    added: 0,
    removed: 0,
    changed: 0,
    columns: { added: [], removed: [] },
    cells: [],
    periods: null,
    examples: [],
  });
});

test("added, removed and changed rows, by column and period, with examples", async () => {
  const after = [row("a", 1, 9), row("b", 0), row("b", 1, 5, 7), row("c", 2, 3, Number.NaN)];
  expect(await comparePanels(await write(BASE), await write(after))).toEqual({
    rows: { before: 4, after: 4 },
    added: 1,
    removed: 1,
    changed: 2,
    columns: { added: [], removed: [] },
    cells: [
      { column: "target", rows: 1 },
      { column: "price", rows: 1 },
    ],
    periods: { first: "2024-01-01", last: "2024-03-01" },
    examples: [
      {
        series: "a",
        period: "2024-01-01",
        change: "removed",
        values: [
          { column: "target", before: 1, after: null },
          { column: "region", before: "north", after: null },
          { column: "price", before: 2, after: null },
        ],
      },
      {
        series: "a",
        period: "2024-02-01",
        change: "changed",
        values: [{ column: "target", before: 1, after: 9 }],
      },
      {
        series: "b",
        period: "2024-02-01",
        change: "changed",
        values: [{ column: "price", before: null, after: 7 }],
      },
      {
        series: "c",
        period: "2024-03-01",
        change: "added",
        values: [
          { column: "target", before: null, after: 3 },
          { column: "region", before: null, after: "north" },
        ],
      },
    ],
  });
});

test("an attribute changes every row of its series; a column of another name is gone and new", async () => {
  const before = await write(BASE);
  expect(await comparePanels(before, await write(BASE, { b: 'O\'Hare "x"' }))).toMatchObject({
    changed: 2,
    cells: [{ column: "region", rows: 2 }],
    examples: [{ values: [{ before: "north", after: 'O\'Hare "x"' }] }, {}],
  });
  expect(await comparePanels(before, await write(BASE, {}, 'co"st'))).toMatchObject({
    changed: 0,
    columns: { added: ['co"st'], removed: ["price"] },
  });
});

test("five examples, however many rows differ", async () => {
  const many = (target: number) => Array.from({ length: 40 }, (_, month) => row("a", month, target));
  const difference = await comparePanels(await write(many(1)), await write(many(2)));
  expect(difference.changed).toBe(40);
  expect(difference.examples.map(({ period }) => period)).toEqual([
    "2024-01-01",
    "2024-02-01",
    "2024-03-01",
    "2024-04-01",
    "2024-05-01",
  ]);
});

describe("counts", () => {
  const value = fc.constantFrom(1, 2, Number.NaN);
  const rows = fc.uniqueArray(
    fc.record({
      series: fc.constantFrom("a", "b", "ä", "'"),
      month: fc.nat({ max: 3 }),
      target: value,
      price: value,
    }),
    { selector: ({ series, month }) => `${series} ${month}`, minLength: 1, maxLength: 12 },
  );

  test("are those of a comparison key by key", async () => {
    await fc.assert(
      fc.asyncProperty(rows, rows, async (before, after) => {
        const keyed = (all: readonly Row[]) =>
          new Map(all.map(({ series, month, target, price }) => [`${series} ${month}`, [target, price]]));
        const [a, b] = [keyed(before), keyed(after)];
        const both = [...a.keys()].filter((key) => b.has(key));
        const differ = (i: number) => both.filter((key) => !Object.is(a.get(key)![i], b.get(key)![i]));
        const { added, removed, changed, cells } = await comparePanels(
          await write(before),
          await write(after),
        );
        expect({ added, removed, changed }).toEqual({
          added: b.size - both.length,
          removed: a.size - both.length,
          changed: new Set([...differ(0), ...differ(1)]).size,
        });
        expect(cells).toEqual(
          ["target", "price"]
            .map((column, i) => ({ column, rows: differ(i).length }))
            .filter((cell) => cell.rows > 0),
        );
      }),
      { numRuns: 40 },
    );
  });
});

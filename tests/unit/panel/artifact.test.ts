import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Calendar, periodEnd } from "../../../src/calendar/period.js";
import {
  encodeAttribute,
  PANEL_FILE,
  readPanelFile,
  readSeriesNames,
  writePanelArtifact,
} from "../../../src/panel/artifact.js";
import { KNOWN_AHEAD_FILE } from "../../../src/panel/known-ahead.js";
import { type Panel, seriesWords } from "../../../src/panel/panel.js";
import { readParquet } from "../../support/parquet.js";
import { scratchFolder, writerInto } from "./scratch.js";

const folder = scratchFolder();

const calendars = fc.record({
  frequency: fc.constantFrom("month" as const, "quarter" as const),
  fiscalYearStart: fc.integer({ min: 1, max: 12 }),
});

const number = fc.oneof(fc.double({ noDefaultInfinity: true }), fc.integer()).map((x) => x + 0);

/** Panels with gaps between periods, empty cells, labels with blanks, and column names that collide with ours. */
const panels = fc
  .record({
    calendar: calendars,
    ids: fc.uniqueArray(fc.string({ unit: fc.constantFrom(..."abÅ東🏨Ａ 0"), minLength: 1 }), {
      minLength: 1,
      maxLength: 8,
    }),
    seed: fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), number, number), { minLength: 8, maxLength: 60 }),
    labels: fc.array(fc.constantFrom("", "north", "a,b", "NA", '"'), { minLength: 8, maxLength: 8 }),
  })
  .map(({ calendar, ids, seed, labels }): Panel => {
    const series = [...ids].sort();
    const offsets = new Int32Array(series.length + 1);
    const period: number[] = [];
    const [target, feature]: number[][] = [[], []];
    for (const [s] of series.entries()) {
      const own = seed.filter((_, index) => index % series.length === s);
      let at = 8000;
      for (const [step, y, x] of own) {
        at += step;
        period.push(at);
        target!.push(y);
        feature!.push(x);
      }
      offsets[s + 1] = period.length;
    }
    return {
      calendar,
      series,
      offsets,
      period: Int32Array.from(period),
      target: Float64Array.from(target!),
      attributes: [
        encodeAttribute("Series", labels.slice(0, series.length)),
        encodeAttribute("region", labels.slice(-series.length)),
      ],
      known: { target: Float64Array.from(feature!), REGION: Float64Array.from(target!) },
      observed: { "price index": Float64Array.from(feature!) },
      lastPeriod: Math.max(...period),
      ...aheadOf(
        series.length,
        seed.map(([, x]) => x),
      ),
    };
  });

/** For an even number of values: two periods ahead of the last one, of two features, with holes. */
function aheadOf(series: number, values: readonly number[]): Pick<Panel, "ahead"> {
  if (values.length % 2 === 1) return {};
  const grid = (shift: number) =>
    Float64Array.from({ length: 2 * series }, (_, cell) =>
      cell % 2 === 1 && cell > 1 ? Number.NaN : values[(cell + shift) % values.length]!,
    );
  // A second period with a number in it, so that the grid ends where it says.
  const first = grid(1);
  first[1] = 7;
  return { ahead: { periods: 2, known: { target: first, REGION: grid(2) } } };
}

const read = (panel: Panel) =>
  readPanelFile(join(folder, PANEL_FILE), {
    columns: {
      attributes: panel.attributes.map(({ name }) => name),
      known: Object.keys(panel.known),
      observed: Object.keys(panel.observed),
    },
    calendar: panel.calendar,
    cutoff: periodEnd(panel.lastPeriod, panel.calendar),
    ahead: panel.ahead === undefined ? null : join(folder, KNOWN_AHEAD_FILE),
  });

describe("panel.parquet", () => {
  test("gives back the panel", async () => {
    await fc.assert(
      fc.asyncProperty(panels, async (panel) => {
        await writePanelArtifact(panel, writerInto(folder));
        expect(await read(panel)).toEqual(panel);
      }),
      { numRuns: 20 },
    );
  });

  test("has plain columns that other tools can read", async () => {
    const calendar: Calendar = { frequency: "quarter", fiscalYearStart: 2 };
    const panel: Panel = {
      calendar,
      series: ["a", "b"],
      offsets: Int32Array.of(0, 1, 2),
      period: Int32Array.of(8098, 8099),
      target: Float64Array.of(1, Number.NaN),
      attributes: [encodeAttribute("period", ["x", null])],
      known: { holidays: Float64Array.of(2, 3) },
      observed: {},
      lastPeriod: 8099,
    };
    await writePanelArtifact(panel, writerInto(folder));
    expect(await readParquet(join(folder, PANEL_FILE))).toEqual([
      { name: "series", type: "VARCHAR", values: ["a", "b"] },
      { name: "period", type: "DATE", values: ["2024-08-01", "2024-11-01"] },
      { name: "target", type: "DOUBLE", values: Float64Array.of(1, Number.NaN) },
      { name: "attribute.period", type: "VARCHAR", values: ["x", ""] },
      { name: "holidays", type: "DOUBLE", values: Float64Array.of(2, 3) },
    ]);
    expect(await read(panel)).toEqual(panel);
  });

  test("has what people call the series as its last column, whatever the source calls it", async () => {
    const panel: Panel = {
      calendar: { frequency: "month", fiscalYearStart: 1 },
      series: ["a", "b"],
      offsets: Int32Array.of(0, 1, 2),
      period: Int32Array.of(24300, 24300),
      target: Float64Array.of(1, 2),
      attributes: [encodeAttribute("label", ["x", "y"])],
      known: {},
      observed: {},
      names: ["Hotel Aurora", ""],
      lastPeriod: 24300,
    };
    await writePanelArtifact(panel, writerInto(folder));
    const columns = await readParquet(join(folder, PANEL_FILE));
    expect(columns.at(-1)).toEqual({ name: "series.label", type: "VARCHAR", values: ["Hotel Aurora", ""] });
    const roles = { attributes: ["label"], known: [], observed: [], label: "hotel" };
    const file = join(folder, PANEL_FILE);
    const spec = { columns: roles, calendar: panel.calendar, cutoff: "2025-01-31", ahead: null };
    expect(await readPanelFile(file, spec)).toEqual(panel);
    const names = await readSeriesNames(file, { ...roles, series: "id", time: "t", target: "y" });
    expect(names).toEqual(new Map([["a", "Hotel Aurora"]]));
    expect(seriesWords(panel)("a")).toBe("Hotel Aurora (a)");
    expect(seriesWords(panel)("b")).toBe("b");
  });

  test("known features ahead are rows of a file of their own, under the names of the first", async () => {
    const panel: Panel = {
      calendar: { frequency: "month", fiscalYearStart: 1 },
      series: ["a", "b"],
      offsets: Int32Array.of(0, 1, 2),
      period: Int32Array.of(24299, 24299),
      target: Float64Array.of(1, 2),
      attributes: [],
      known: { Target: Float64Array.of(3, 4), holidays: Float64Array.of(5, 6) },
      observed: { price: Float64Array.of(7, 8) },
      ahead: {
        periods: 3,
        known: {
          Target: Float64Array.of(1, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 2),
          holidays: Float64Array.of(3, Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN),
        },
      },
      lastPeriod: 24299,
    };
    await writePanelArtifact(panel, writerInto(folder));
    expect(await readParquet(join(folder, KNOWN_AHEAD_FILE))).toEqual([
      { name: "series", type: "VARCHAR", values: ["a", "b"] },
      { name: "period", type: "DATE", values: ["2025-01-01", "2025-03-01"] },
      { name: "known.Target", type: "DOUBLE", values: Float64Array.of(1, 2) },
      { name: "holidays", type: "DOUBLE", values: Float64Array.of(3, Number.NaN) },
    ]);
    expect(await read(panel)).toEqual(panel);
  });
});

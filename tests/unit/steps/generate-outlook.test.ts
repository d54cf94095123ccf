import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { contextWindow } from "../../../src/forecast/context.js";
import { forecastQuantiles, forecastRows } from "../../../src/forecast/interpret.js";
import { SnapshotMeta } from "../../../src/kit/artifacts/snapshot.js";
import { generateOutlook } from "../../../steps/generate-outlook.js";
import { readParquet } from "../../support/parquet.js";
import {
  hashOf,
  naiveExpert,
  readerAt,
  smallBatch,
  smallModel,
  smallPanel,
} from "../forecast/forecaster/support.js";
import type { Bench } from "./forecaster-context.js";
import { csvOf, openBuilt, outlook } from "./outlook-bench.js";

describe("generate-outlook", () => {
  test("forecasts every living series after the cutoff, sorted, with the levels that were asked for", async () => {
    const bench = await openBuilt();
    const result = await outlook(bench);
    const [head, ...rows] = csvOf(bench);
    expect(head).toEqual(["series", "period", "lead", "forecast", "lo80", "hi80", "lo95", "hi95", "segment"]);
    expect(rows.map(([series]) => series)).toEqual(
      ["a-whole", "b-short", "c-gaps", "d-ended-in-may", "f-zero"].flatMap((id) => [id, id, id]),
    );
    expect(rows.slice(0, 3).map(([, period, lead]) => [period, lead])).toEqual([
      ["2022-01-01", "1"],
      ["2022-02-01", "2"],
      ["2022-03-01", "3"],
    ]);
    expect(rows.filter((_, i) => i % 3 === 0).map((row) => row.at(-1))).toEqual([
      "north",
      "south",
      "south",
      "north",
      "",
    ]);
    expect(result.metrics).toMatchObject({
      rows: { value: 15 },
      series: { value: 5 },
      inactive: { value: 1, n: 6 },
    });
    const total = rows.reduce((sum, row) => sum + Number(row[3]), 0);
    expect(result.metrics?.total?.value).toBeCloseTo(total, 9);
  });

  test("prints what the trainer forecasts, in the fewest digits of a float32", async () => {
    const bench = await openBuilt();
    await outlook(bench);
    const panel = smallPanel();
    const codes = Int32Array.of(0, 1, 1, 0, 0, -1);
    const history = contextWindow(panel, panel.lastPeriod, 24);
    const trainer = await forecastRows(smallModel, smallBatch(history, codes));
    const bounds = forecastQuantiles(smallModel, trainer, codes);
    // Probabilities .025 .1 .25 .75 .9 .975: lo80 and hi80 are the second and the fifth.
    const columnOf = [1, 4, 0, 5];
    for (const [series, , lead, forecast, ...cells] of csvOf(bench).slice(1)) {
      const cell = panel.series.indexOf(series!) * 3 + Number(lead) - 1;
      const numbers = [trainer.forecast[cell]!, ...columnOf.map((q) => bounds[cell * 6 + q]!)];
      const printed = [forecast!, ...cells.slice(0, 4)];
      expect(printed.map((text) => Math.fround(Number(text)))).toEqual(numbers.map(Math.fround));
      for (const text of printed) expect(text.replace(/e.*|^[-0.]+|[-.]/g, "").length).toBeLessThanOrEqual(9);
    }
  });

  test("fills the end of a series that stopped within a season from the year before", async () => {
    const bench = await openBuilt();
    await outlook(bench);
    // `naive` repeats January to March 2021, which d-ended-in-may has.
    const panel = smallPanel();
    const at = panel.offsets[panel.series.indexOf("d-ended-in-may")]!;
    const forecasts = csvOf(bench).filter(([series]) => series === "d-ended-in-may");
    expect(forecasts.map((row) => Math.fround(Number(row[3])))).toEqual(
      [12, 13, 14].map((month) => Math.fround(panel.target[at + month]!)),
    );
  });

  test("lists and warns of series that have ended", async () => {
    const bench = await openBuilt();
    await outlook(bench);
    const report = JSON.parse(readFileSync(join(bench.folder("outlook"), "outlook.json"), "utf8"));
    expect(report.inactive).toEqual([{ series: "e-ended-last-year", lastPeriod: "2020-12-01" }]);
    expect(bench.warnings).toEqual([
      "no forecast for series without a value in the last 12 periods: e-ended-last-year",
    ]);
  });

  describe("with a known feature", () => {
    /** 3 periods ahead of 6 series; the forecast is the seasonal naive and the feature, in units of the scale. */
    const known = (values: (s: number, lead: number) => number) => ({
      panel: {
        ...smallPanel(),
        known: { holidays: new Float64Array(smallPanel().period.length) },
        ahead: {
          periods: 3,
          known: {
            holidays: Float64Array.from({ length: 18 }, (_, cell) => values(Math.floor(cell / 3), cell % 3)),
          },
        },
      },
      columns: { attributes: [], known: ["holidays"], observed: [] },
      model: {
        ...smallModel,
        known: ["holidays"],
        experts: [
          {
            ...naiveExpert(3),
            maps: naiveExpert(3).maps.map((map) => ({ ...map, known: [[1, 0, 0]] })),
            known: [{ column: 0, centre: 1, spread: 1 }],
          },
          smallModel.experts[1]!,
        ],
      },
    });
    const forecasts = async (bench: Bench) => {
      await outlook(bench);
      const rows = csvOf(bench).slice(1);
      return (id: string) => rows.filter(([series]) => series === id).map((row) => Number(row[3]));
    };

    test("takes its values after the cutoff, and says nothing where it has them all", async () => {
      const bench = await openBuilt(known((_, lead) => 1 + lead));
      const average = await openBuilt(known(() => 1));
      const [moved, plain] = [await forecasts(bench), await forecasts(average)];
      const scale = moved("a-whole")[1]! - plain("a-whole")[1]!;
      expect(scale).toBeGreaterThan(0);
      expect(moved("a-whole")[0]).toBe(plain("a-whole")[0]);
      expect(moved("a-whole")[2]! - plain("a-whole")[2]!).toBeCloseTo(2 * scale, 4);
      expect(bench.warnings.filter((text) => text.includes("holidays"))).toEqual([]);
    });

    test("warns once of what is missing, of the series that are forecast, and assumes the average", async () => {
      const bench = await openBuilt(known((s, lead) => (s === 4 || lead > 0 ? Number.NaN : 5)));
      const average = await openBuilt(known((_, lead) => (lead > 0 ? 1 : 5)));
      const [missing, plain] = [await forecasts(bench), await forecasts(average)];
      expect(missing("a-whole")).toEqual(plain("a-whole"));
      expect(bench.warnings.filter((text) => text.includes("holidays"))).toEqual([
        "known feature holidays has no value in 2 of the 3 periods ahead: its average effect is assumed there",
      ]);
      const one = await openBuilt(known((s, lead) => (s === 2 && lead === 1 ? Number.NaN : 1)));
      await outlook(one);
      expect(one.warnings.filter((text) => text.includes("holidays"))).toEqual([
        "known feature holidays has no value in 1 of the 3 periods ahead for 1 of 5 series: its average effect is assumed there",
      ]);
    });
  });

  test("takes another number of periods after which a series has ended", async () => {
    const bench = await openBuilt();
    const result = await outlook(bench, { inactiveAfter: 7 });
    const report = JSON.parse(readFileSync(join(bench.folder("outlook"), "outlook.json"), "utf8"));
    expect(report.inactive).toEqual([
      { series: "d-ended-in-may", lastPeriod: "2021-05-01" },
      { series: "e-ended-last-year", lastPeriod: "2020-12-01" },
    ]);
    expect(result.metrics?.inactive).toEqual({ value: 2, n: 6 });
    expect(bench.warnings).toEqual([
      "no forecast for series without a value in the last 7 periods: d-ended-in-may, e-ended-last-year",
    ]);
    // May is the eighth period from the end.
    expect((await outlook(bench, { inactiveAfter: 8 })).metrics?.inactive).toEqual({ value: 1, n: 6 });
    expect((await outlook(bench, { inactiveAfter: 100 })).metrics?.inactive).toEqual({ value: 0, n: 6 });
  });

  test("leaves a snapshot of the same rows", async () => {
    const bench = await openBuilt();
    await outlook(bench);
    const snapshot = readerAt("snapshot", bench.folder("snapshot"));
    expect(await snapshot.readJson("snapshot.json", SnapshotMeta)).toEqual({
      quarter: "2021Q4",
      cutoff: "2021-12-31",
      model: "room-demand",
      version: "1",
      horizon: 3,
      levels: [0.8, 0.95],
      rows: 15,
      series: 5,
      sha256: hashOf(snapshot.file("snapshot.parquet")),
    });
    const table = await readParquet(snapshot.file("snapshot.parquet"));
    expect(table.map(({ name, type }) => `${name} ${type}`)).toEqual([
      "series VARCHAR",
      "period DATE",
      "lead INTEGER",
      "forecast DOUBLE",
      "lo80 DOUBLE",
      "hi80 DOUBLE",
      "lo95 DOUBLE",
      "hi95 DOUBLE",
      "segment VARCHAR",
    ]);
    const [, ...rows] = csvOf(bench);
    rows.forEach((row, index) => {
      expect(table.map(({ values }) => String(values[index] ?? ""))).toEqual(row);
    });
    expect(await readParquet(join(bench.folder("outlook"), "outlook.parquet"))).toEqual(table);
  });

  test("gives the same bytes twice", async () => {
    const [one, two] = [await openBuilt(), await openBuilt()];
    await outlook(one);
    await outlook(two);
    const files = (bench: Bench) =>
      ["outlook.csv", "outlook.parquet", "outlook.json"]
        .map((file) => hashOf(join(bench.folder("outlook"), file)))
        .concat(hashOf(join(bench.folder("snapshot"), "snapshot.parquet")));
    expect(files(two)).toEqual(files(one));
  });

  test("leaves out a level that there are too few residuals for, and says what it would take", async () => {
    const bench = await openBuilt();
    const result = await outlook(bench, { levels: [0.8, 0.99] });
    const [head] = csvOf(bench);
    expect(head).toEqual(["series", "period", "lead", "forecast", "lo80", "hi80", "segment"]);
    expect(bench.warnings).toContain(
      "no 99% interval: it takes 99 residuals for every lead, and there are 36; list 0.99 in `levels` of `train-pooled-cv`, and further origins are tried",
    );
    expect(result.metrics).toMatchObject({ levelsLeftOut: { value: 1 }, levelsFurther: { value: 0 } });
    const json = JSON.parse(readFileSync(join(bench.folder("outlook"), "outlook.json"), "utf8"));
    expect(json).toMatchObject({
      levels: [0.8],
      leftOut: [{ level: 0.99, have: 36, need: 99, furtherTried: false }],
    });
  });

  test("refuses at the parse a level that the training before it does not calibrate", () => {
    const steps = [{ id: "train", type: "train-pooled-cv", params: { levels: [0.8, 0.95] } }];
    const check = (levels: number[]) =>
      generateOutlook.check!({ levels }, { metrics: [], alias: "best", steps });
    expect(check([0.8, 0.95])).toEqual([]);
    expect(check([0.8, 0.85])).toEqual([
      {
        path: ["levels", 1],
        message: "train does not calibrate the level 0.85: its levels are 0.8, 0.95",
        suggestion: "add 0.85 to `levels` of `train`, or take one of these",
      },
    ]);
    expect(generateOutlook.check!({ levels: [0.85] }, { metrics: [], alias: "best", steps: [] })).toEqual([]);
  });

  test("takes 0.8 and 0.95 by default, only levels between 0 and 1, and only whole numbers of periods", () => {
    expect(generateOutlook.params.parse({})).toEqual({ levels: [0.8, 0.95] });
    for (const inactiveAfter of [0, 1.5, -1]) {
      expect(generateOutlook.params.safeParse({ inactiveAfter }).success).toBe(false);
    }
    expect(generateOutlook.params.safeParse({ levels: [1] }).success).toBe(false);
    expect(generateOutlook.params.safeParse({ levels: [] }).success).toBe(false);
  });
});

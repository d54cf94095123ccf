import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { AccuracyReport } from "../../../src/kit/artifacts/accuracy.js";
import type { Panel } from "../../../src/panel/panel.js";
import { accuracyReport } from "../../../steps/accuracy-report.js";
import { panelOf, type Row } from "../forecast/accuracy/small-panel.js";
import { type HistoryBench, openHistory, type SnapshotRow } from "./history-bench.js";

const APRIL = 2025 * 12 + 3;
const [MAY, JUNE] = [APRIL + 1, APRIL + 2] as const;

/** 24 months up to June 2025 at a level, 10 more in the second year. */
const history = (series: string, level: number): Row[] =>
  Array.from({ length: 24 }, (_, at) => ({ series, period: JUNE - 23 + at, y: level + (at < 12 ? 0 : 10) }));

const attributes = { region: { a: "north", b: "south" }, tier: { a: "gold", b: "gold" } };
const panel: Panel = panelOf([...history("a", 100), ...history("b", 40)], JUNE, attributes);

const flat = (series: string, first: number, last: number, forecast: number): SnapshotRow[] =>
  Array.from({ length: last - first + 1 }, (_, at) => ({ series, period: first + at, forecast }));

async function score(bench: HistoryBench, params: Record<string, unknown> = {}) {
  const ctx = bench.context(accuracyReport.params.parse(params), {}, ["accuracy"]);
  const identity = await accuracyReport.external!(ctx);
  const result = await accuracyReport.run(ctx);
  const file = join(bench.folder("accuracy"), "accuracy.json");
  const report = AccuracyReport.parse(JSON.parse(readFileSync(file, "utf8")));
  return { report, identity, summary: result.summary, metrics: result.metrics ?? {} };
}

/** Last quarter's snapshot: a is 11 too low in each month, b exact; the one before is far off. */
async function twoQuarters(): Promise<HistoryBench> {
  const bench = await openHistory(panel, "2025Q2");
  await bench.addQuarter("2024Q4", [...flat("a", APRIL - 3, JUNE, 10), ...flat("b", APRIL - 3, JUNE, 10)]);
  await bench.addQuarter("2025Q1", [
    ...flat("a", APRIL, JUNE + 3, 99).map((row) => ({ ...row, lo: 90, hi: 110 })),
    ...flat("b", APRIL, JUNE + 3, 50).map((row) => ({ ...row, lo: 51, hi: 60 })),
  ]);
  return bench;
}

describe("the accuracy report", () => {
  test("scores last quarter's live snapshot", async () => {
    const { report, metrics, summary } = await score(await twoQuarters());
    expect(report.total).toMatchObject({ n: 6, excluded: 0, absoluteError: 33, absoluteActual: 480 });
    expect(metrics.wmape).toEqual({ value: 33 / 480, n: 6 });
    expect(metrics.bias).toEqual({ value: -33 / 480, n: 6 });
    // Both have a scale of 10 up to March: MASE is the mean of 1.1 and 0.
    expect(metrics.mase?.value).toBeCloseTo(0.55, 12);
    expect(metrics.pairs).toEqual({ value: 6 });
    expect(summary).toBe("6 pairs from 2025Q1's snapshot of version 2: WMAPE 6.9%, bias -6.9%");
  });

  test("pools both snapshots by lead, and only there", async () => {
    const { report, metrics } = await score(await twoQuarters());
    expect(report.snapshots).toEqual([
      { source: "2025Q1", cutoff: "2025-03-31", version: "2", pairs: 6, why: "promoted" },
      { source: "2024Q4", cutoff: "2024-12-31", version: "1", pairs: 6, why: "promoted" },
    ]);
    expect(report.byLead.map(({ key, n, absoluteError }) => [key, n, absoluteError])).toEqual([
      ["1", 2, 11],
      ["2", 2, 11],
      ["3", 2, 11],
      ["4", 2, 140],
      ["5", 2, 140],
      ["6", 2, 140],
    ]);
    expect(metrics["allLeads.wmape"]?.value).toBeCloseTo((33 + 420) / 960, 12);
  });

  test("has the naive forecast and the coverage beside it", async () => {
    const { metrics } = await score(await twoQuarters());
    // April to June of 2024 were 10 lower each.
    expect(metrics["naive.wmape"]).toEqual({ value: 60 / 480, n: 6 });
    expect(metrics["naive.mase"]?.value).toBeCloseTo(1, 12);
    expect(metrics["coverage.80"]).toEqual({ value: 0.5, n: 6 });
  });

  test("groups by all attributes, or by those that are named, or by the segments of last quarter", async () => {
    const bench = await twoQuarters();
    const keys = ({ report }: { report: AccuracyReport }) => report.bySegment.map(({ key }) => key);
    expect(keys(await score(bench))).toEqual(["north|gold", "south|gold"]);
    expect(keys(await score(bench, { by: ["tier"] }))).toEqual(["gold"]);
    await expect(score(bench, { by: ["teir"] })).rejects.toMatchObject({
      failure: { code: "data.name-unknown", suggestion: "tier" },
    });

    const segmented = await openHistory(panel, "2025Q2");
    const segments = {
      method: "attributes",
      segments: [],
      assignment: { a: "s1" },
      moved: [],
      newSeries: [],
      lostSeries: [],
      previous: null,
    };
    await segmented.addQuarter("2025Q1", flat("a", APRIL, JUNE, 1), {
      files: { "segments/segments.json": segments },
    });
    const found = await score(segmented);
    expect(keys(found)).toEqual(["s1", "unassigned"]);
    expect(keys(await score(segmented, { by: ["region"] }))).toEqual(["north", "south"]);
  });

  test("does not score the snapshot of a model that was never live", async () => {
    const bench = await openHistory(panel, "2025Q2");
    await bench.addQuarter("2025Q1", flat("a", APRIL, JUNE, 99), { promoted: false });
    const { metrics, summary } = await score(bench);
    expect(metrics.wmape).toEqual({ value: null, n: 0, why: "no-live-snapshot" });
    expect(summary).toBe("no forecast was live for this quarter: nothing to score");
  });

  test("scores what the champion forecast at the cutoff of a quarter that escalated", async () => {
    const bench = await openHistory(panel, "2025Q2");
    await bench.addQuarter("2024Q4", [...flat("a", APRIL - 3, JUNE, 10), ...flat("b", APRIL - 3, JUNE, 10)]);
    const before = await score(bench);
    await bench.addQuarter("2025Q1", flat("a", APRIL, JUNE + 3, 500), {
      promoted: false,
      champion: {
        version: "1",
        rows: [...flat("a", APRIL, JUNE + 3, 99), ...flat("b", APRIL, JUNE + 3, 50)],
      },
    });
    const { report, metrics, summary, identity } = await score(bench);
    expect(metrics.wmape).toEqual({ value: 33 / 480, n: 6 });
    expect(report.snapshots).toEqual([
      { source: "2025Q1", cutoff: "2025-03-31", version: "1", pairs: 6, why: "stayed" },
      { source: "2024Q4", cutoff: "2024-12-31", version: "1", pairs: 6, why: "promoted" },
    ]);
    expect(report.byLead.map(({ key }) => key)).toEqual(["1", "2", "3", "4", "5", "6"]);
    expect(summary).toBe("6 pairs from 2025Q1's snapshot of version 1: WMAPE 6.9%, bias -6.9%");
    expect(identity).not.toEqual(before.identity);
  });

  test("is unknown, never zero, without a snapshot", async () => {
    const { report, metrics } = await score(await openHistory(panel, "2025Q2"));
    expect(report.total).toMatchObject({ n: 0, excluded: 6, wmape: null, mase: null, bias: null });
    expect(report.snapshots).toEqual([]);
    const unknown = { value: null, n: 0, why: "no-live-snapshot" };
    expect(metrics).toEqual({
      wmape: unknown,
      bias: unknown,
      mase: unknown,
      pairs: { value: 0 },
      "naive.wmape": unknown,
      "naive.mase": unknown,
      "allLeads.wmape": unknown,
    });
  });

  test("knows no snapshot that ended before the quarter, and none of this or a later quarter", async () => {
    const bench = await openHistory(panel, "2025Q2");
    await bench.addQuarter("2024Q2", flat("a", APRIL - 9, APRIL - 4, 99));
    await bench.addQuarter("2025Q2", flat("a", JUNE + 1, JUNE + 6, 99));
    await bench.addQuarter("2025Q3", flat("a", JUNE + 4, JUNE + 9, 99));
    const { metrics } = await score(bench);
    expect(metrics.wmape).toEqual({ value: null, n: 0, why: "no-live-snapshot" });
  });

  test("says so when forecasts meet no actual", async () => {
    const bench = await openHistory(panel, "2025Q2");
    await bench.addQuarter("2025Q1", flat("other", APRIL, JUNE, 99));
    const { metrics } = await score(bench);
    expect(metrics.wmape).toEqual({ value: null, n: 0, why: "no-pairs" });
  });

  test("leaves only accuracy.json behind", async () => {
    const bench = await twoQuarters();
    await score(bench);
    expect(readdirSync(bench.folder("accuracy"))).toEqual(["accuracy.json"]);
  });
});

describe("imported forecasts", () => {
  const csv = (rows: readonly (readonly [string, string, number, string])[]) =>
    `series,period,forecast,cutoff\n${rows.map((row) => row.join(",")).join("\n")}\n`;

  test("count as live", async () => {
    const bench = await openHistory(panel, "2025Q2");
    const file = join(bench.root, "old-process.csv");
    writeFileSync(
      file,
      csv([
        ["a", "2025-04-01", 100, "2025-03-31"],
        ["b", "2025-04-01", 50, "2025-03-31"],
        ["a", "2025-05-01", 115, "2025-04-30"],
      ]),
    );
    const { report, summary } = await score(bench, { importSnapshots: join(bench.root, "*.csv") });
    expect(report.total).toMatchObject({ n: 3, excluded: 3, absoluteError: 15 });
    expect(report.snapshots).toEqual([
      { source: "old-process.csv", cutoff: "2025-04-30", version: null, pairs: 1, why: "imported" },
      { source: "old-process.csv", cutoff: "2025-03-31", version: null, pairs: 2, why: "imported" },
    ]);
    expect(summary).toBe("3 pairs from old-process.csv, 3 excluded: WMAPE 5.6%, bias -1.9%");
  });

  test("have their ids written as the panel's are, and so have snapshots of quarters before the option", async () => {
    const bench = await openHistory(panel, "2025Q2");
    await bench.addQuarter("2024Q4", [
      ...flat("A", APRIL - 3, JUNE, 100),
      ...flat(" b", APRIL - 3, JUNE, 40),
    ]);
    const file = join(bench.root, "old.csv");
    writeFileSync(file, csv([["A ", "2025-04-01", 100, "2025-03-31"]]));
    const params = accuracyReport.params.parse({ importSnapshots: file });
    const plain = bench.context(params, {}, ["accuracy"]);
    const ctx = { ...plain, data: { ...plain.data, ids: { trim: true, case: "lower" } as const } };
    await accuracyReport.run(ctx);
    const path = join(bench.folder("accuracy"), "accuracy.json");
    const report = AccuracyReport.parse(JSON.parse(readFileSync(path, "utf8")));
    expect(report.snapshots.map(({ source, pairs }) => [source, pairs])).toEqual([
      ["old.csv", 1],
      ["2024Q4", 6],
    ]);
  });

  test("give way to the registry's own of the same cutoff", async () => {
    const bench = await twoQuarters();
    const file = join(bench.root, "old.csv");
    writeFileSync(
      file,
      csv([
        ["a", "2025-04-01", 500, "2025-03-31"],
        ["b", "2025-06-01", 51, "2025-05-31"],
      ]),
    );
    const { report } = await score(bench, { importSnapshots: [file] });
    expect(report.snapshots.map(({ source, pairs }) => [source, pairs])).toEqual([
      ["old.csv", 1],
      ["2025Q1", 6],
      ["2024Q4", 6],
    ]);
    expect(report.total.absoluteError).toBe(34);
  });

  test("of one cutoff in several files stand together, the first file before the second", async () => {
    const bench = await openHistory(panel, "2025Q2");
    writeFileSync(join(bench.root, "1.csv"), csv([["a", "2025-04-01", 111, "2025-03-31"]]));
    writeFileSync(
      join(bench.root, "2.csv"),
      csv([
        ["a", "2025-04-01", 999, "2025-03-31"],
        ["b", "2025-04-01", 52, "2025-03-31"],
      ]),
    );
    const { report } = await score(bench, { importSnapshots: join(bench.root, "?.csv") });
    expect(report.snapshots).toEqual([
      { source: "1.csv, 2.csv", cutoff: "2025-03-31", version: null, pairs: 2, why: "imported" },
    ]);
    expect(report.total).toMatchObject({ n: 2, absoluteError: 3 });
    expect(report.byLead).toHaveLength(1);
  });

  test("carry intervals when their level is told, under any column names", async () => {
    const bench = await openHistory(panel, "2025Q2");
    const file = join(bench.root, "old.csv");
    writeFileSync(
      file,
      "id,month,yhat,made,low,high\na,2025-04,100,2025-03,90,111\nb,2025-04,50,2025-03,1,2\n",
    );
    const params = {
      importSnapshots: file,
      importColumns: {
        series: "id",
        period: "month",
        forecast: "yhat",
        cutoff: "made",
        lo: "low",
        hi: "high",
      },
    };
    expect((await score(bench, params)).report.coverage).toEqual([]);
    const { metrics } = await score(bench, { ...params, importLevel: 0.975 });
    expect(metrics["coverage.97_5"]).toEqual({ value: 0.5, n: 2 });
  });

  test("that are not there fail", async () => {
    const bench = await openHistory(panel, "2025Q2");
    await expect(score(bench, { importSnapshots: join(bench.root, "none*.csv") })).rejects.toMatchObject({
      failure: { code: "data.source-missing" },
    });
  });
});

describe("the identity of what was read", () => {
  test("changes with the live snapshots, the imported bytes and the segments, and with nothing else", async () => {
    const bench = await openHistory(panel, "2025Q2");
    const first = await score(bench);
    expect((await score(bench)).identity).toEqual(first.identity);
    await bench.addQuarter("2025Q1", flat("a", APRIL, JUNE, 99));
    const second = await score(bench);
    expect(second.identity).not.toEqual(first.identity);
    // The same quarter's outlook made again with other figures, in the same registry run.
    const { runId } = (await bench.registry.listRuns("room-demand"))[0]!;
    const again = bench.folder("again");
    await bench.writeSnapshot(again, "2025Q1", "1", flat("a", APRIL, JUNE, 98));
    const files = ["snapshot.parquet", "snapshot.json"];
    await bench.registry.putArtifacts(
      runId,
      files.map((name) => ({ path: `snapshot/${name}`, source: join(again, name) })),
    );
    const remade = await score(bench);
    expect(remade.identity).not.toEqual(second.identity);
    // A later quarter is not ours to see.
    await bench.addQuarter("2025Q3", flat("a", MAY, JUNE, 99));
    expect((await score(bench)).identity).toEqual(remade.identity);

    const file = join(bench.root, "old.csv");
    writeFileSync(file, "series,period,forecast,cutoff\na,2025-04-01,1,2025-03-31\n");
    const imported = await score(bench, { importSnapshots: file });
    expect(imported.identity).not.toEqual(remade.identity);
    writeFileSync(file, "series,period,forecast,cutoff\na,2025-04-01,2,2025-03-31\n");
    expect((await score(bench, { importSnapshots: file })).identity).not.toEqual(imported.identity);
    expect(JSON.stringify(imported.identity)).not.toContain(bench.root);
  });
});

test("a quarterly panel has one period a quarter", async () => {
  const Q2 = 2025 * 4 + 1;
  const rows = Array.from({ length: 9 }, (_, at) => ({ series: "a", period: Q2 - 8 + at, y: 100 + at }));
  const quarterly: Panel = { ...panelOf(rows, Q2), calendar: { frequency: "quarter", fiscalYearStart: 1 } };
  const bench = await openHistory(quarterly, "2025Q2");
  await bench.addQuarter("2025Q1", flat("a", Q2, Q2 + 1, 106));
  const { report, metrics } = await score(bench);
  expect(report.byPeriod.map(({ key, n }) => [key, n])).toEqual([["2025Q2", 1]]);
  expect(metrics.wmape?.value).toBeCloseTo(2 / 108, 12);
  expect(metrics["naive.wmape"]?.value).toBeCloseTo(4 / 108, 12);
});

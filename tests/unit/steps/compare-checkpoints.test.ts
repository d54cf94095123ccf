import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Checkpoints } from "../../../src/kit/artifacts/checkpoints.js";
import { compareCheckpoints } from "../../../steps/compare-checkpoints.js";
import { panelOf, type Row } from "../forecast/accuracy/small-panel.js";
import { readerAt } from "../forecast/forecaster/support.js";
import { type HistoryBench, openHistory, type SnapshotRow } from "./history-bench.js";

const JAN = 2025 * 12;
const APRIL = JAN + 3;
const JUNE = JAN + 5;
const [JULY, SEPTEMBER, DECEMBER] = [JAN + 6, JAN + 8, JAN + 11] as const;

const history = (series: string, level: number): Row[] =>
  Array.from({ length: 24 }, (_, at) => ({ series, period: JUNE - 23 + at, y: level }));
const panel = panelOf([...history("a", 100), ...history("b", 10)], JUNE);

const flat = (
  series: string,
  first: number,
  last: number,
  forecast: number,
  segment?: string,
): SnapshotRow[] =>
  Array.from({ length: last - first + 1 }, (_, at) => ({
    series,
    period: first + at,
    forecast,
    ...(segment === undefined ? {} : { segment }),
  }));

/** The new outlook: a 110, b 5, and c which is new. */
const outlook = [
  ...flat("a", JULY, DECEMBER, 110, "big"),
  ...flat("b", JULY, DECEMBER, 5, "small"),
  ...flat("c", JULY, DECEMBER, 1000, "big"),
];

async function compare(
  bench: HistoryBench,
  params: Record<string, unknown> = {},
  others: { segments?: unknown; accuracy?: unknown } = {},
) {
  await bench.writeSnapshot(bench.folder("snapshot"), "2025Q2", "9", outlook);
  const optional = (name: "segments" | "accuracy", file: string, kind: "segments" | "accuracy-report") => {
    if (others[name] === undefined) return null;
    writeFileSync(join(bench.folder(name), file), JSON.stringify(others[name]));
    return readerAt(kind, bench.folder(name));
  };
  const inputs = {
    snapshot: readerAt("snapshot", bench.folder("snapshot")),
    segments: optional("segments", "segments.json", "segments"),
    accuracy: optional("accuracy", "accuracy.json", "accuracy-report"),
  };
  const ctx = bench.context(compareCheckpoints.params.parse(params), inputs, ["checkpoints"]);
  const identity = await compareCheckpoints.external!(ctx);
  const result = await compareCheckpoints.run(ctx);
  const file = join(bench.folder("checkpoints"), "checkpoints.json");
  const checkpoints = Checkpoints.parse(JSON.parse(readFileSync(file, "utf8")));
  return { checkpoints, identity, summary: result.summary, metrics: result.metrics ?? {} };
}

async function pastQuarters(): Promise<HistoryBench> {
  const bench = await openHistory(panel, "2025Q2");
  await bench.addQuarter("2024Q4", [...flat("a", JAN, JUNE, 90), ...flat("b", JAN, JUNE, 10)]);
  await bench.addQuarter("2025Q1", [
    ...flat("a", APRIL, SEPTEMBER, 100),
    ...flat("b", APRIL, SEPTEMBER, 10),
    ...flat("gone", APRIL, SEPTEMBER, 500),
  ]);
  return bench;
}

describe("checkpoints", () => {
  test("are the months and series that both snapshots cover", async () => {
    const { checkpoints, summary, metrics } = await compare(await pastQuarters());
    expect(checkpoints.previous).toEqual({
      quarter: "2025Q1",
      version: "2",
      source: "2025Q1",
      cutoff: "2025-03-31",
    });
    expect(checkpoints.months).toEqual(
      ["2025-07", "2025-08", "2025-09"].map((period) => ({
        period,
        before: 110,
        after: 115,
        revision: 115 / 110 - 1,
        series: 2,
      })),
    );
    expect(metrics.maxRevision).toEqual({ value: 115 / 110 - 1, n: 3 });
    expect(metrics.months).toEqual({ value: 3 });
    expect(summary).toBe(
      "3 periods in common with 2025Q1's snapshot of version 2: largest revision +4.5% in 2025-07",
    );
  });

  test("are against what the champion forecast where last quarter escalated", async () => {
    const bench = await openHistory(panel, "2025Q2");
    await bench.addQuarter("2024Q4", [...flat("a", JAN, JUNE, 90), ...flat("b", JAN, JUNE, 10)]);
    await bench.addQuarter("2025Q1", flat("a", APRIL, SEPTEMBER, 7), {
      promoted: false,
      champion: {
        version: "1",
        rows: [...flat("a", APRIL, SEPTEMBER, 100), ...flat("b", APRIL, SEPTEMBER, 10)],
      },
    });
    const { checkpoints, summary } = await compare(bench);
    expect(checkpoints.previous).toEqual({
      quarter: "2025Q1",
      version: "1",
      source: "2025Q1",
      cutoff: "2025-03-31",
    });
    expect(checkpoints.maxRevision).toBe(115 / 110 - 1);
    expect(summary).toBe(
      "3 periods in common with 2025Q1's snapshot of version 1: largest revision +4.5% in 2025-07",
    );
  });

  test("are listed by the segments of the new snapshot", async () => {
    const { checkpoints, metrics } = await compare(await pastQuarters());
    expect(checkpoints.segments.map(({ segment, period, revision }) => [segment, period, revision])).toEqual([
      ["big", "2025-07", expect.closeTo(0.1, 12)],
      ["big", "2025-08", expect.closeTo(0.1, 12)],
      ["big", "2025-09", expect.closeTo(0.1, 12)],
      ["small", "2025-07", -0.5],
      ["small", "2025-08", -0.5],
      ["small", "2025-09", -0.5],
    ]);
    expect(metrics.maxSegmentRevision).toEqual({ value: 0.5, n: 6 });
  });

  test("leave segments with little volume out of the largest revision", async () => {
    const { metrics } = await compare(await pastQuarters(), { minShare: 0.2 });
    expect(metrics.maxSegmentRevision?.value).toBeCloseTo(0.1, 12);
  });

  test("take the wired segments where there are any", async () => {
    const segments = {
      method: "attributes",
      segments: [],
      assignment: { a: "s1" },
      moved: [],
      newSeries: [],
      lostSeries: [],
      previous: null,
    };
    const { checkpoints } = await compare(await pastQuarters(), {}, { segments });
    expect(new Set(checkpoints.segments.map(({ segment }) => segment))).toEqual(
      new Set(["s1", "unassigned"]),
    );
  });

  test("name the months above the limit in the summary, and fail nothing", async () => {
    const { summary, metrics } = await compare(await pastQuarters(), { maxRevision: 0.04 });
    expect(summary).toBe(
      "3 periods in common with 2025Q1's snapshot of version 2: largest revision +4.5% in 2025-07; above 4.0%: 2025-07, 2025-08, 2025-09",
    );
    expect(metrics.maxRevision?.value).toBeGreaterThan(0.04);
  });

  test("are unknown, never zero, without a live snapshot", async () => {
    const { checkpoints, metrics, summary } = await compare(await openHistory(panel, "2025Q2"));
    expect(checkpoints).toMatchObject({ previous: null, months: [], segments: [], maxRevision: null });
    expect(metrics).toEqual({
      maxRevision: { value: null, n: 0, why: "no-live-snapshot" },
      maxSegmentRevision: { value: null, n: 0, why: "no-live-snapshot" },
      months: { value: 0 },
      "wmape.worstMonth": { value: null, n: 0, why: "no-pairs" },
    });
    expect(summary).toBe("no forecast was live before this quarter: nothing to compare");
  });

  test("are unknown where the last snapshot ends before the new one starts", async () => {
    const bench = await openHistory(panel, "2025Q2");
    await bench.addQuarter("2025Q1", flat("a", APRIL, JUNE, 100));
    const { metrics, summary } = await compare(bench);
    expect(metrics.maxRevision).toEqual({ value: null, n: 0, why: "no-overlap" });
    expect(summary).toBe("no month in common with 2025Q1's snapshot of version 1");
  });

  test("have no revision where there was no volume before", async () => {
    const bench = await openHistory(panel, "2025Q2");
    await bench.addQuarter("2025Q1", flat("a", APRIL, JULY, 0));
    const { checkpoints, metrics } = await compare(bench);
    expect(checkpoints.months).toEqual([
      { period: "2025-07", before: 0, after: 110, revision: null, series: 1 },
    ]);
    expect(metrics.maxRevision).toEqual({ value: null, n: 0, why: "zero-before" });
  });

  test("can be against an imported snapshot", async () => {
    const bench = await openHistory(panel, "2025Q2");
    const file = join(bench.root, "old.csv");
    writeFileSync(
      file,
      [
        "series,period,forecast,cutoff,model",
        "a,2025-04-01,100,2025-03-31,ets",
        "a,2025-07-01,88,2025-03-31,ets",
        "a,2025-07-01,1,2025-04-30,ets",
      ].join("\n"),
    );
    const { checkpoints } = await compare(bench, { importSnapshots: file });
    // The one made in the quarter itself is not last quarter's.
    expect(checkpoints.previous).toEqual({
      quarter: "2025Q1",
      version: "ets",
      source: "old.csv",
      cutoff: "2025-03-31",
    });
    expect(checkpoints.months).toEqual([
      { period: "2025-07", before: 88, after: 110, revision: 0.25, series: 1 },
    ]);
  });
});

describe("monthly accuracy", () => {
  test("puts this quarter's months beside last quarter's, each by the snapshots that were live then", async () => {
    const { checkpoints, metrics } = await compare(await pastQuarters());
    // January to March by the snapshot of 2024Q4 (a 10 too low), April to June by that of 2025Q1 (exact).
    expect(checkpoints.monthlyAccuracy).toEqual(
      [
        ["2025-04", "2025-01"],
        ["2025-05", "2025-02"],
        ["2025-06", "2025-03"],
      ].map(([period, previousPeriod]) => ({
        period,
        wmape: 0,
        n: 2,
        previousPeriod,
        previousWmape: 10 / 110,
        previousN: 2,
      })),
    );
    expect(metrics["wmape.worstMonth"]).toEqual({ value: 0, n: 6 });
  });

  test("is null with n 0 where nothing was live", async () => {
    const bench = await openHistory(panel, "2025Q2");
    await bench.addQuarter("2025Q1", flat("a", APRIL, JUNE, 110));
    const { checkpoints } = await compare(bench);
    expect(checkpoints.monthlyAccuracy[0]).toEqual({
      period: "2025-04",
      wmape: 0.1,
      n: 1,
      previousPeriod: "2025-01",
      previousWmape: null,
      previousN: 0,
    });
  });

  test("is the accuracy report's own where that is wired", async () => {
    const scores = {
      n: 7,
      excluded: 0,
      wmape: 0.7,
      bias: 0,
      mase: null,
      absoluteError: 7,
      absoluteActual: 10,
    };
    const accuracy = {
      quarter: "2025Q2",
      snapshots: [],
      total: scores,
      naive: scores,
      bySegment: [],
      byPeriod: [{ key: "2025-05", ...scores }],
      byLead: [],
      worstSeries: [],
      drawn: { level: null, series: [] },
      coverage: [],
    };
    const { checkpoints } = await compare(await pastQuarters(), {}, { accuracy });
    expect(checkpoints.monthlyAccuracy.map(({ wmape, n }) => [wmape, n])).toEqual([
      [null, 0],
      [0.7, 7],
      [null, 0],
    ]);
  });
});

test("only checkpoints.json is left behind, and the identity follows the live snapshots", async () => {
  const bench = await openHistory(panel, "2025Q2");
  const { identity } = await compare(bench);
  await bench.addQuarter("2025Q1", flat("a", APRIL, JUNE, 110));
  expect((await compare(bench)).identity).not.toEqual(identity);
  expect(readdirSync(bench.folder("checkpoints"))).toEqual(["checkpoints.json"]);
});

import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseQuarter } from "../../../src/calendar/quarter.js";
import { guardedKs } from "../../../src/drift/guarded-ks.js";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { DriftRule } from "../../../src/gate/rule-params.js";
import { ValidationReport } from "../../../src/kit/artifacts/validation.js";
import { FailureError } from "../../../src/kit/failure.js";
import type { ModelRegistry } from "../../../src/kit/registry.js";
import { PANEL_FILE, readPanelFile } from "../../../src/panel/artifact.js";
import { writeParquet } from "../../../src/panel/table.js";
import { openRegistry } from "../../../src/registry/open.js";
import { validateData } from "../../../steps/validate-data.js";
import { readParquet } from "../../support/parquet.js";
import { NO_WORKSPACE } from "../../support/workspace.js";

const root = mkdtempSync(join(tmpdir(), "retrain-validate-"));
afterAll(() => rm(root, { recursive: true, force: true }));

const clock = { now: () => "2025-07-01T00:00:00.000Z", monotonic: () => 0 };
let runs = 0;

interface Line {
  readonly id: string;
  readonly month: string;
  readonly rooms: number | string;
  readonly price?: number | string;
  readonly region?: string;
}

/** Months from January of a year to 2025-06 of some series; the price rises by `step` in the last quarter. */
function lines(series: readonly string[], step = 0, from = 2024): Line[] {
  const months = (2025 - from) * 12 + 6;
  return series.flatMap((id, s) =>
    Array.from({ length: months }, (_, m) => ({
      id,
      month: `${from + Math.floor(m / 12)}-${String((m % 12) + 1).padStart(2, "0")}-01`,
      rooms: 100 + 10 * s + m,
      price: 50 + s + (m >= months - 3 ? step : 0),
    })),
  );
}

const IDS = Array.from({ length: 12 }, (_, index) => `P${String(index).padStart(2, "0")}`);

async function run(
  rows: readonly Line[],
  given: Record<string, unknown> = {},
  options: {
    readonly registry?: ModelRegistry;
    readonly quarter?: string;
    readonly source?: string;
    readonly columns?: { readonly known: string[]; readonly observed: string[] };
  } = {},
) {
  const folder = join(root, String(runs++));
  for (const port of ["panel", "validation"]) mkdirSync(join(folder, port), { recursive: true });
  const source = options.source ?? join(folder, "demand.csv");
  const csv = rows.map(({ id, month, rooms, price = 1, region = "n" }) =>
    [month, id, rooms, price, region].join(","),
  );
  if (options.source === undefined) {
    await writeFile(source, `month,id,rooms,price,region\n${csv.join("\n")}\n`);
  }
  const warnings: string[] = [];
  const writer = (port: string) => ({
    path: (name: string) => join(folder, port, name),
    writeText: (name: string, text: string) => writeFile(join(folder, port, name), text),
    writeBytes: (name: string, bytes: Uint8Array) => writeFile(join(folder, port, name), bytes),
    writeJson: (name: string, value: unknown) => writeFile(join(folder, port, name), JSON.stringify(value)),
  });
  const registry = options.registry ?? (await emptyRegistry());
  const ctx = {
    params: validateData.params.parse(given),
    inputs: {},
    outputs: { panel: writer("panel"), validation: writer("validation") },
    quarter: parseQuarter(options.quarter ?? "2025Q2")!,
    data: {
      sources: [source],
      frequency: "month" as const,
      delimiter: null,
      columns: {
        series: "id",
        time: "month",
        target: "rooms",
        attributes: ["region"],
        known: [],
        observed: ["price"],
        ...options.columns,
      },
    },
    model: { name: "room-demand", alias: "best", horizon: 3, firstRelease: "promote" as const },
    fiscalYearStart: 1,
    services: { registry, clock, memo: <T>(_key: string, load: () => Promise<T>) => load() },
    run: { id: "run", dryRun: false, step: "validate" },
    lineage: { code: { retrain: "0", git: null }, runbook: "sha256:0" },
    workspace: NO_WORKSPACE,
    idempotencyKey: "key",
    signal: new AbortController().signal,
    metrics: {},
    progress: () => undefined,
    warn: (message: string) => void warnings.push(message),
  };
  const result = await validateData.run(ctx).catch((error: unknown) => {
    if (error instanceof FailureError) return error.failure;
    throw error;
  });
  const text = (name: string) => readFileSync(join(folder, "validation", name), "utf8");
  return {
    folder,
    result,
    warnings,
    report: () => ValidationReport.parse(JSON.parse(text("validation.json"))),
    failures: () => text("failures.csv"),
    external: () => validateData.external!(ctx),
  };
}

const emptyRegistry = () =>
  openRegistry(join(root, `registry-${runs}`), { files: nodeFiles(), clock, baseFolder: root });

describe("sound data", () => {
  test("gives a panel, a report and metrics", async () => {
    const future = { id: "P00", month: "2025-07-01", rooms: "junk" };
    const { result, report, failures, folder, warnings } = await run([...lines(IDS), future], {
      // Both ends are allowed values.
      ranges: { rooms: { min: 100, max: 100 + 110 + 17 } },
    });
    expect(result).toMatchObject({
      summary: "216 rows, 12 series, 2024-01 to 2025-06, 1 rows after the cutoff left out",
      metrics: {
        rows: { value: 216 },
        series: { value: 12 },
        futureRows: { value: 1 },
        failures: { value: 0 },
      },
    });
    expect(report().checks.every(({ status }) => status === "pass")).toBe(true);
    expect(report().profile).toHaveLength(18);
    expect(report().profile[0]).toEqual({ period: "2024-01", rows: 12, nulls: 0, total: 12 * 100 + 660 });
    expect(failures()).toBe("file,line,series,period,column,value,check\n");
    expect(warnings).toEqual([]);
    const [series] = await readParquet(join(folder, "panel/panel.parquet"));
    expect(series!.values).toHaveLength(216);
  });

  test("known features of the model's horizon go along in the panel, targets after the cutoff never do", async () => {
    const months = ["2025-07-01", "2025-08-01", "2025-09-01", "2025-10-01"];
    const later = (rooms: string, region: string) =>
      IDS.flatMap((id) => months.map((month, m) => ({ id, month, rooms, price: 70 + m, region })));
    const known = { columns: { known: ["price"], observed: [] } };
    const replay = await run([...lines(IDS), ...later("1e9", "z")], {}, known);
    const live = await run([...lines(IDS), ...later("", "n")], {}, known);
    const [series, period, price] = await readParquet(join(live.folder, "panel/known-ahead.parquet"));
    expect([series!.name, period!.name, price!.name]).toEqual(["series", "period", "price"]);
    expect([...period!.values].slice(0, 4)).toEqual([...months.slice(0, 3), months[0]]);
    expect([...price!.values].slice(0, 4)).toEqual([70, 71, 72, 70]);
    for (const file of ["panel.parquet", "known-ahead.parquet"]) {
      const bytes = ({ folder }: typeof live) => readFileSync(join(folder, "panel", file));
      expect(bytes(replay).equals(bytes(live)), file).toBe(true);
    }
    expect(replay.report().checks).toEqual(live.report().checks);
    expect(replay.warnings).toEqual([]);
    const none = await run(lines(IDS), {}, known);
    expect(readdirSync(join(none.folder, "panel"))).toEqual(["panel.parquet"]);
  });

  test("gaps, series that end and series that begin are counted and warned of", async () => {
    const rows = lines(IDS).filter(
      ({ id, month }) =>
        !(id === "P03" && (month === "2024-05-01" || month === "2024-06-01")) &&
        !(id === "P04" && month >= "2025-04") &&
        !(id === "P05" && month < "2025-04"),
    );
    const { result, report, failures, warnings } = await run(rows);
    expect(report()).toMatchObject({
      lostSeries: ["P04"],
      newSeries: ["P05"],
      rowsThisQuarter: 33,
      rowsLastQuarter: 33,
    });
    expect(result).toMatchObject({
      metrics: {
        gapCount: { value: 2 },
        seriesLost: { value: 1 },
        seriesLostShare: { value: 1 / 11, n: 11 },
        seriesNew: { value: 1 },
        seriesLate: { value: 1, n: 12 },
        seriesLateShare: { value: 1 / 12, n: 12 },
        restatedShare: { value: null, why: "no-previous-run" },
        warnings: { value: 3 },
      },
    });
    expect(warnings.map((warning) => warning.split(":")[0])).toEqual(["gaps", "series-lost", "series-late"]);
    expect(failures().trimEnd().split("\n").slice(1)).toEqual([
      ',,P03,2024-05,month,"missing, and 1 more after it",gaps',
      ",,P04,,month,no row this quarter,series-lost",
      ',,P04,2025-04,rooms,"no value, and none in 2 more after it",series-late',
    ]);
  });

  test("a share of empty cells is allowed by name", async () => {
    const rows = lines(IDS).map((line, index) => (index < 2 ? { ...line, rooms: "" } : line));
    const { result } = await run(rows, { nulls: { target: 0.01 } });
    expect(result).toMatchObject({ metrics: { nullShare: { value: 2 / 432, n: 432 } } });
    expect(await run(rows, { nulls: { rooms: 0.009 } }).then((each) => each.result)).toMatchObject({
      code: "data.invalid",
      checks: [{ check: "nulls.rooms", count: 2, expected: "at most 0.9% of rooms is empty" }],
    });
  });
});

describe("data that blocks", () => {
  test("every check at once; all failing rows in failures.csv, a few in the failure", async () => {
    const rows = lines(IDS).map((line, index): Line => {
      if (index < 5) return { ...line, rooms: -1 - index };
      if (index === 20) return { ...line, region: "s" };
      return index === 30 ? { ...line, price: "cheap" } : line;
    });
    const { result, failures, folder, report } = await run([...rows, rows[100]!], {
      ranges: { target: { min: 0 } },
    });
    expect(result).toMatchObject({
      code: "data.invalid",
      failures: join(folder, "validation/failures.csv"),
      checks: [
        { check: "numbers", count: 1, examples: ['demand.csv:32: P01, 2025-01: price is "cheap"'] },
        { check: "duplicates", count: 2 },
        { check: "attributes", count: 1, examples: ['demand.csv:22: P01, 2024-03: region is "s"'] },
        { check: "range.rooms", count: 5, expected: "rooms ≥ 0" },
      ],
    });
    expect(failures().trimEnd().split("\n")).toEqual([
      "file,line,series,period,column,value,check",
      "demand.csv,32,P01,2025-01,price,cheap,numbers",
      "demand.csv,102,P05,2024-11,month,2024-11-01,duplicates",
      "demand.csv,218,P05,2024-11,month,2024-11-01,duplicates",
      "demand.csv,22,P01,2024-03,region,s,attributes",
      ...[1, 2, 3, 4, 5].map((n) => `demand.csv,${n + 1},P00,2024-0${n},rooms,-${n},range.rooms`),
    ]);
    expect(report().checks.find(({ id }) => id === "range.rooms")!.examples).toHaveLength(3);
  });

  test("a Parquet file: rows instead of lines", async () => {
    const rows = lines(["a"]);
    const source = join(root, "rows.parquet");
    await writeParquet(source, [
      { name: "id", type: "VARCHAR", values: rows.map(({ id }) => id) },
      { name: "month", type: "DATE", values: rows.map(({ month }) => month) },
      {
        name: "rooms",
        type: "DOUBLE",
        values: Float64Array.from(rows, (_, index) => (index === 7 ? -0.5 : 1)),
      },
      {
        name: "price",
        type: "DOUBLE",
        values: Float64Array.from(rows, (_, index) => (index === 2 ? Infinity : 1)),
      },
      { name: "region", type: "VARCHAR", values: rows.map((_, index) => (index === 9 ? null : "n")) },
    ]);
    const { result, failures } = await run([], { ranges: { rooms: { min: 0 } } }, { source });
    expect(result).toMatchObject({
      checks: [
        { check: "numbers", examples: ['rows.parquet, row 3: a, 2024-03: price is "inf"'] },
        { check: "attributes", examples: ["rows.parquet, row 10: a, 2024-10: region is empty"] },
        { check: "range.rooms", examples: ['rows.parquet, row 8: a, 2024-08: rooms is "-0.5"'] },
      ],
    });
    expect(failures().split("\n")[1]).toBe("rows.parquet,3,a,2024-03,price,inf,numbers");
  });

  test("row count and lost series against last quarter", async () => {
    const rows = lines(IDS).filter(({ id, month }) => month < "2025-04" || id < "P05");
    const { result } = await run(rows, { maxRowsDrop: 0.5, maxSeriesLost: 0.5, minRows: 300 });
    expect(result).toMatchObject({
      checks: [
        { check: "rows", count: 105, examples: ["195 rows up to the cutoff"] },
        { check: "rows-drop", count: 21, examples: ["15 rows this quarter, 36 last quarter"] },
        { check: "series-lost", count: 7 },
      ],
    });
    const within = await run(rows, { maxRowsDrop: 0.6, maxSeriesLost: 0.6 });
    expect(within.result).toMatchObject({ metrics: { seriesLost: { value: 7 } } });
  });

  test("a limit on a column that is not there says which there are", async () => {
    const { result } = await run(lines(IDS), { ranges: { prize: { min: 0 } } });
    expect(result).toMatchObject({
      code: "data.name-unknown",
      name: "prize",
      known: ["rooms", "price"],
      suggestion: "price",
    });
  });
});

describe("drift", () => {
  const drift = { features: ["price"], reference: "same-quarter-last-year" };

  test("warns and is measured; the gate decides", async () => {
    const { result, report, warnings } = await run(lines(IDS, 30, 2021), { drift });
    expect(report().drift).toMatchObject([
      { feature: "price", statistic: 1, n: 36, nReference: 36, verdict: "FAIL" },
    ]);
    expect(result).toMatchObject({ metrics: { "drift.price.statistic": { value: 1, n: 36 } } });
    expect(warnings).toEqual(["drift of price: FAIL, D is 1.000"]);
    const calm = await run(lines(IDS, 0, 2021), { drift });
    expect(calm.report().drift).toMatchObject([{ statistic: 0, verdict: "PASS" }]);
    const few = await run(lines(IDS.slice(0, 2)), { drift });
    expect(few.result).toMatchObject({
      metrics: { "drift.price.pAdjusted": { value: null, n: 6, why: "too-few-rows" } },
    });
  });

  test("a history of a year and a half is no ground for a verdict", async () => {
    const { report, warnings } = await run(lines(IDS, 30), { drift });
    expect(report().drift).toMatchObject([{ verdict: "UNKNOWN", why: "too-few-quarters", pAdjusted: null }]);
    expect(warnings).toEqual(["drift of price: UNKNOWN (too few quarters), D is 1.000"]);
  });

  test("is the gate's test: what all series share in every quarter is no drift, and the same parameters give the same row", async () => {
    const shared = lines(IDS, 0, 2017).map((line) => {
      const quarter =
        Number(line.month.slice(0, 4)) * 4 + Math.floor((Number(line.month.slice(5, 7)) - 1) / 3);
      return { ...line, price: Number(line.price) * (1 + 0.05 * ((quarter * 7) % 11)) };
    });
    const guarded = await run(shared, { drift });
    expect(guarded.report().drift[0]!.verdict).not.toBe("FAIL");
    const unguarded = await run(shared, { drift: { ...drift, guard: "none" } });
    expect(unguarded.report().drift[0]!.verdict).toBe("FAIL");

    const columns = { series: "id", time: "month", target: "rooms", attributes: ["region"] };
    const panel = await readPanelFile(join(guarded.folder, "panel", PANEL_FILE), {
      ahead: null,
      columns: { ...columns, known: [], observed: ["price"] },
      calendar: { frequency: "month", fiscalYearStart: 1 },
      cutoff: "2025-06-30",
    });
    const rule = DriftRule.parse({ id: "drift", ks: drift });
    const [row] = guardedKs(panel, {
      ...rule.ks,
      quarterPeriods: { first: panel.lastPeriod - 2, last: panel.lastPeriod },
      segments: null,
    });
    expect({ ...row, reference: rule.ks.reference }).toMatchObject(guarded.report().drift[0]!);
  });
});

describe("the run of an earlier quarter", () => {
  test("history that was rewritten since then is a warning with its rows, and a figure for the gate", async () => {
    const before = lines(IDS).filter(({ month }) => month < "2025-04");
    const first = await run(before, {}, { quarter: "2025Q1" });
    const registry = await emptyRegistry();
    const closed = await registry.ensureRun({
      key: "k",
      model: "room-demand",
      name: "2025Q1",
      quarter: "2025Q1",
      cutoff: "2025-03-31",
      tags: {},
    });
    const publish = (name: string) =>
      registry.putArtifacts(closed.runId, [
        { path: `validation/${name}`, source: join(first.folder, "validation", name) },
      ]);
    for (const name of readdirSync(join(first.folder, "validation"))) await publish(name);
    await registry.closeRun(closed.runId, {});

    const same = await run(lines(IDS), {}, { registry });
    expect(same.warnings).toEqual([]);
    expect(same.report().checks.at(-1)).toMatchObject({ id: "history-restated", status: "pass", count: 0 });
    const restated = lines(IDS).map((line, index) => (index === 4 ? { ...line, rooms: 1000 } : line));
    const second = await run(restated, {}, { registry });
    expect(second.report().checks.at(-1)).toMatchObject({
      id: "history-restated",
      status: "warn",
      count: 1,
      detail:
        "1 of 15 periods (2024-05), 1 of 180 rows that the run of 2025Q1 saw (0.556%); 1 series (P00): +862%, each by about the same",
    });
    expect(second.failures()).toBe(
      'file,line,series,period,column,value,check\ndemand.csv,6,P00,2024-05,rooms,"1000, 104 in the run of 2025Q1",history-restated\n',
    );
    expect(second.result).toMatchObject({ metrics: { restatedShare: { value: 1 / 180, n: 180 } } });
    expect(second.report().restated).toMatchObject({ since: "2025Q1", rows: 1, attribute: null });

    // A file that is not what the run wrote is never believed.
    const other = join(first.folder, "other.parquet");
    await writeParquet(other, [{ name: "series", type: "VARCHAR", values: ["P00"] }]);
    await registry.putArtifacts(closed.runId, [{ path: "validation/history.parquet", source: other }]);
    expect((await run(restated, {}, { registry })).result).toMatchObject({
      code: "registry.corrupt",
      path: expect.stringMatching(/validation\/history\.parquet$/),
    });
    await publish("history.parquet");
    expect(readdirSync(join(second.folder, "validation")).sort()).toEqual([
      "failures.csv",
      "history.parquet",
      "validation.json",
    ]);
    expect(await same.external()).not.toEqual(await run(lines(IDS)).then((each) => each.external()));
  });
});

test("unknown parameters are refused, every parameter is described", () => {
  expect(validateData.params.safeParse({ range: {} }).success).toBe(false);
  for (const field of Object.values(validateData.params.shape)) expect(field.description).toMatch(/\w+ \w+/);
});

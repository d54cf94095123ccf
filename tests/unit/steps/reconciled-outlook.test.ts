import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Reconciliation } from "../../../src/forecast/reconcile/model.js";
import { buildArtifacts } from "../../../steps/build-artifacts.js";
import { generateOutlook } from "../../../steps/generate-outlook.js";
import { trainPooledCv } from "../../../steps/train-pooled-cv.js";
import { modelOfFolder } from "../../support/model-files.js";
import { panelOf } from "../../support/panels.js";
import { readParquet } from "../../support/parquet.js";
import { twoKindsOfSeries } from "../../support/training.js";
import { hashOf, smallPanel } from "../forecast/forecaster/support.js";
import { withAttribute } from "../forecast/reconcile/support.js";
import { type Bench, keepCopy, openBench } from "./forecaster-context.js";
import { contextOf, csvOf } from "./outlook-bench.js";

/** `b-short` alone in its region, `f-zero` without one. */
const panel = withAttribute(smallPanel(), "region", ["west", "east", "west", "west", "west", null]);

const WLS: Reconciliation = {
  format: 1,
  by: ["region"],
  cross: [],
  method: "wls-naive",
  nonNegative: true,
  shrinkage: 1,
  rows: 0,
  typical: 1,
  series: [],
  groups: [],
};

const withRegion = <T extends { data: { columns: object } }>(context: T): T => ({
  ...context,
  data: { ...context.data, columns: { ...context.data.columns, attributes: ["region"] } },
});

async function outlookWith(reconciliation: Reconciliation | null): Promise<Bench> {
  const bench = await openBench({ panel });
  if (reconciliation !== null) {
    writeFileSync(join(bench.folder("model"), "reconciliation.json"), JSON.stringify(reconciliation));
  }
  await buildArtifacts.run(withRegion(bench.context({}, bench.inputs(), ["forecaster"])));
  await generateOutlook.run(withRegion(contextOf(bench)));
  return bench;
}

/** Rows of outlook-levels.csv as level, region, series, period, forecast. */
function levelRows(bench: Bench): (readonly [string, string, string, string, number])[] {
  const [head, ...lines] = readFileSync(join(bench.folder("outlook"), "outlook-levels.csv"), "utf8")
    .trimEnd()
    .split("\n");
  expect(head).toBe("level,region,series,period,lead,forecast");
  return lines.map((line) => {
    const [level, region, series, period, , forecast] = line.split(",");
    return [level!, region!, series!, period!, Number(forecast)] as const;
  });
}

/** Every group's forecast is the sum of its series' as they are printed. */
function expectSums(bench: Bench): void {
  const rows = levelRows(bench);
  const series = rows.filter(([level]) => level === "series");
  const groups = rows.filter(([level]) => level !== "series");
  expect(groups.length).toBeGreaterThan(0);
  for (const [, region, , period, forecast] of groups) {
    const members = series.filter(([, own, , at]) => at === period && (region === "" || own === region));
    const sum = members.reduce((total, [, , , , value]) => total + value, 0);
    expect(Math.abs(forecast - sum)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(sum)));
  }
  expect(series.map(([, , id, period, forecast]) => [id, period, forecast])).toEqual(
    csvOf(bench)
      .slice(1)
      .map(([id, period, , forecast]) => [id, period, Number(forecast)]),
  );
}

describe("an outlook that adds up", () => {
  test("has the sums of its series at every level, from the total down", async () => {
    const bench = await outlookWith(WLS);
    expectSums(bench);
    const rows = levelRows(bench).filter(([, , , period]) => period === "2022-01-01");
    expect(rows.map(([level, region, series]) => [level, region, series])).toEqual([
      ["total", "", ""],
      ["region", "(none)", ""],
      ["region", "east", ""],
      ["region", "west", ""],
      ["series", "west", "a-whole"],
      ["series", "east", "b-short"],
      ["series", "west", "c-gaps"],
      ["series", "west", "d-ended-in-may"],
      ["series", "(none)", "f-zero"],
    ]);
    const columns = await readParquet(join(bench.folder("outlook"), "outlook-levels.parquet"));
    expect(columns.at(-1)!.values).toEqual(Float64Array.from(levelRows(bench), (row) => row[4]));
  });

  test("differs from the graph in what the sums say, and its intervals go along", async () => {
    const [raw, bench] = [await outlookWith(null), await outlookWith(WLS)];
    const [before, after] = [csvOf(raw).slice(1), csvOf(bench).slice(1)];
    const moves = after.map((row, i) => Number(row[3]) - Number(before[i]![3]));
    expect(moves.filter((move) => Math.abs(move) > 1e-3).length).toBeGreaterThan(5);
    after.forEach((row, i) => {
      for (const column of [4, 5, 6, 7]) {
        const expected = Math.max(0, Number(before[i]![column]) + moves[i]!);
        expect(Number(row[column])).toBeCloseTo(expected, 3);
      }
    });
    // Nothing moves a series of zeros.
    expect(after.filter(([id]) => id === "f-zero").map((row) => row[3])).toEqual(["0", "0", "0"]);
  });

  test("is what the snapshot says", async () => {
    const bench = await outlookWith(WLS);
    const [outlook, snapshot] = ["outlook/outlook.parquet", "snapshot/snapshot.parquet"].map((file) => {
      const [port, name] = file.split("/");
      return hashOf(join(bench.folder(port!), name!));
    });
    expect(snapshot).toBe(outlook);
  });

  test("for bottom-up, is what the graph says", async () => {
    const [raw, bench] = [await outlookWith(null), await outlookWith({ ...WLS, method: "bottom-up" })];
    expect(csvOf(bench)).toEqual(csvOf(raw));
    expectSums(bench);
  });

  test("is released with what it was made with; without, there is no such file", async () => {
    const [raw, bench] = [await outlookWith(null), await outlookWith(WLS)];
    const descriptor = (of: Bench) =>
      JSON.parse(readFileSync(join(of.folder("forecaster"), "forecaster.json"), "utf8")).reconciliation;
    expect(descriptor(bench)).toEqual({ by: ["region"], method: "wls-naive" });
    expect(descriptor(raw)).toBeNull();
    expect(readdirSync(bench.folder("forecaster"))).toContain("reconciliation.json");
    expect(readdirSync(raw.folder("forecaster"))).not.toContain("reconciliation.json");
    expect(existsSync(join(raw.folder("outlook"), "outlook-levels.csv"))).toBe(false);
    const manifest = readFileSync(join(bench.folder("forecaster"), "manifest.json"), "utf8");
    expect(manifest).toContain('"reconciliation.json"');
  });

  test("the champion's snapshot adds up as its own outlook did, or says why there is none", async () => {
    const championOf = async (by: string) => {
      const bench = await outlookWith(WLS);
      const folder = keepCopy(bench.folder("forecaster"));
      const file = join(folder, "reconciliation.json");
      writeFileSync(file, JSON.stringify({ ...WLS, by: [by] }));
      const { registry } = bench;
      const [name, key] = ["room-demand", "the champion"];
      const run = { quarter: "2021Q3", cutoff: "2021-09-30", tags: {} };
      const { runId } = await registry.ensureRun({ key, model: name, name: key, ...run });
      const { version } = await registry.ensureVersion({ name, key, runId, description: "", tags: {} });
      const { files, digest } = await modelOfFolder(tmpdir(), folder);
      await registry.attachModel(name, version, files, digest);
      const move = { name, alias: "best", to: version, by: "test", reason: "", decision: null, key };
      await registry.moveAlias(move);
      await generateOutlook.run(withRegion(contextOf(bench)));
      return bench;
    };
    const bench = await championOf("region");
    expect(hashOf(join(bench.folder("champion"), "snapshot.parquet"))).toBe(
      hashOf(join(bench.folder("snapshot"), "snapshot.parquet")),
    );
    const other = await championOf("zone");
    const none = JSON.parse(readFileSync(join(other.folder("champion"), "none.json"), "utf8"));
    expect(none.reason).toBe("champion-attributes");
    expect(other.warnings.join()).toContain("attributes that this panel does not have");
  });
});

describe("train-pooled-cv with `reconcile`", () => {
  const LAST = 2021 * 12 + 11;
  const kinds = panelOf(twoKindsOfSeries(3, 84), undefined, LAST);
  const regional = withAttribute(
    kinds,
    "region",
    kinds.series.map((id) => id[0]!),
  );

  test("trains, releases and forecasts an outlook that adds up", async () => {
    const bench = await openBench({ panel: regional });
    const inputs = bench.inputs();
    const params = trainPooledCv.params.parse({
      learners: ["seasonal-naive", "pooled-ridge"],
      reconcile: { by: ["region"] },
    });
    await trainPooledCv.run(
      withRegion(bench.context(params, { panel: inputs.panel, segments: null }, ["model"])),
    );
    await buildArtifacts.run(
      withRegion(bench.context({}, { ...bench.inputs(), segments: null }, ["forecaster"])),
    );
    await generateOutlook.run(withRegion(contextOf(bench, { levels: [0.8] })));
    expectSums(bench);
    const released = JSON.parse(
      readFileSync(join(bench.folder("forecaster"), "reconciliation.json"), "utf8"),
    );
    expect(released).toMatchObject({ method: "mint-shrink", rows: 9 });
  });

  test("programs forecast no sums: refused before the run, with what to do", () => {
    const check = (method: string) =>
      trainPooledCv.check!(
        trainPooledCv.params.parse({
          learners: [{ command: ["python3", "lightgbm.py"] }],
          reconcile: { by: ["region"], method },
        }),
        { metrics: [], steps: [], alias: "best" },
      );
    expect(check("bottom-up")).toEqual([]);
    expect(check("mint-shrink")).toMatchObject([
      { path: ["reconcile", "method"], suggestion: "use `method: bottom-up`" },
    ]);
  });
});

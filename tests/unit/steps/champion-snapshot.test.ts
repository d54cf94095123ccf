import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { contextWindow } from "../../../src/forecast/context.js";
import { forecastQuantiles, forecastRows } from "../../../src/forecast/interpret.js";
import { SnapshotMeta } from "../../../src/kit/artifacts/snapshot.js";
import { generateOutlook } from "../../../steps/generate-outlook.js";
import { modelOfFolder } from "../../support/model-files.js";
import { panelOf } from "../../support/panels.js";
import { readParquet } from "../../support/parquet.js";
import {
  hashOf,
  naiveExpert,
  readerAt,
  START,
  smallBatch,
  smallModel,
  smallPanel,
  testFolder,
} from "../forecast/forecaster/support.js";
import { type Bench, keepCopy, smallSegments } from "./forecaster-context.js";
import { contextOf, csvOf, openBuilt, outlook } from "./outlook-bench.js";

/** Registers a version with the model directory of a folder, or with none, and makes it live. */
async function makeLive(bench: Bench, folder: string | null): Promise<string> {
  const { registry } = bench;
  const [name, key] = ["room-demand", "the champion"];
  const { runId } = await registry.ensureRun({
    key,
    model: name,
    name: key,
    quarter: "2021Q3",
    cutoff: "2021-09-30",
    tags: {},
  });
  const { version } = await registry.ensureVersion({ name, key, runId, description: "", tags: {} });
  if (folder !== null) {
    const { files, digest } = await modelOfFolder(tmpdir(), folder);
    await registry.attachModel(name, version, files, digest);
  }
  await registry.moveAlias({ name, alias: "best", to: version, by: "test", reason: "", decision: null, key });
  return version;
}

/** The model directory of `smallModel` on `smallPanel`, with another descriptor. */
async function smallDirectory(changes: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const folder = keepCopy((await openBuilt()).folder("forecaster"));
  const file = join(folder, "forecaster.json");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...changes }));
  return folder;
}

const filesOf = (bench: Bench) => readdirSync(bench.folder("champion")).sort();
const noneOf = (bench: Bench) =>
  JSON.parse(readFileSync(join(bench.folder("champion"), "none.json"), "utf8"));
const NONE = { quarter: "2021Q4", cutoff: "2021-12-31" };

describe("the champion's snapshot", () => {
  test("is what the champion's own graph says from the same cutoff, by its own codes, horizon and levels", async () => {
    const champion = await smallDirectory();
    // By now the codes are others, c-gaps has moved from south to north, and three series are new.
    const ids = ["east", "north", "south"];
    const now = smallPanel();
    const values = (s: number) => Array.from(now.target.subarray(now.offsets[s]!, now.offsets[s + 1]!));
    const starts = now.series.map((_, s) => now.period[now.offsets[s]!]!);
    const grown = panelOf(
      [
        ...now.series.flatMap((id, s) =>
          id === "c-gaps" ? [] : [{ id, start: starts[s]!, values: values(s) }],
        ),
        ...["c-gaps", "g-south", "h-east", "i-nowhere"].map((id, i) => ({
          id,
          start: START,
          values: Array.from({ length: 24 }, (_, t) => 10 * (i + 1) + ((t * 7) % 13)),
        })),
      ],
      undefined,
      START + 23,
    );
    const bench = await openBuilt({
      panel: grown,
      model: {
        ...smallModel,
        horizon: 2,
        segments: ids,
        experts: [naiveExpert(2)],
        combination: { method: "single", weights: [[1], [1], [1], [1]], residual: null },
        conformal: {
          levels: [0.6, 0.8],
          halfWidths: [
            [
              [1, 2],
              [2, 3],
            ],
          ],
          residuals: [[40, 40]],
        },
      },
      segments: {
        ...smallSegments,
        segments: ids.map((id) => ({ id, label: id, series: 3, volumeShare: 0.3, centre: [] })),
        assignment: {
          ...smallSegments.assignment,
          "c-gaps": "north",
          "g-south": "south",
          "h-east": "east",
        },
      },
    });
    const version = await makeLive(bench, champion);
    await outlook(bench, { levels: [0.6, 0.8] });

    expect(filesOf(bench)).toEqual(["snapshot.json", "snapshot.parquet"]);
    const reader = readerAt("champion-snapshot", bench.folder("champion"));
    expect(await reader.readJson("snapshot.json", SnapshotMeta)).toEqual({
      ...NONE,
      model: "room-demand",
      version,
      horizon: 3,
      levels: [0.8],
      rows: 24,
      series: 8,
      sha256: hashOf(reader.file("snapshot.parquet")),
    });
    const codes = {
      "a-whole": 0,
      "b-short": 1,
      "c-gaps": 1,
      "d-ended-in-may": 0,
      "f-zero": -1,
      "g-south": 1,
      "h-east": -1,
      "i-nowhere": -1,
    };
    const alive = Object.keys(codes);
    const rowOf = (id: string) => {
      const s = grown.series.indexOf(id);
      return [...contextWindow(grown, grown.lastPeriod, 24).subarray(s * 24, (s + 1) * 24)];
    };
    const segment = Int32Array.from(Object.values(codes));
    const trainer = await forecastRows(
      smallModel,
      smallBatch(Float32Array.from(alive.flatMap(rowOf)), segment),
    );
    const bounds = forecastQuantiles(smallModel, trainer, segment);
    const table = await readParquet(reader.file("snapshot.parquet"));
    const column = (name: string) => [...table.find((one) => one.name === name)!.values];
    const names = ["series", "period", "lead", "forecast", "lo80", "hi80", "segment"];
    expect(table.map(({ name }) => name)).toEqual(names);
    expect(column("series")).toEqual(alive.flatMap((id) => [id, id, id]));
    expect(column("lead")).toEqual(alive.flatMap(() => [1, 2, 3]));
    const rounded = (numbers: Iterable<unknown>) => [...numbers].map((x) => Math.fround(Number(x)));
    const relative = (numbers: unknown[], wanted: ArrayLike<number>) =>
      numbers.forEach((number, at) => {
        expect(Number(number)).toBeCloseTo(wanted[at]!, 3);
      });
    relative(column("forecast"), trainer.forecast);
    relative(
      rounded(column("lo80")),
      trainer.forecast.map((_, cell) => bounds[cell * 6 + 1]!),
    );
    relative(
      rounded(column("hi80")),
      trainer.forecast.map((_, cell) => bounds[cell * 6 + 4]!),
    );
    expect(column("segment").filter((_, at) => at % 3 === 0)).toEqual([
      "north",
      "south",
      "south",
      "north",
      null,
      "south",
      "east",
      null,
    ]);
    // The outlook itself is the candidate's.
    expect(csvOf(bench)[0]).toEqual([
      "series",
      "period",
      "lead",
      "forecast",
      "lo60",
      "hi60",
      "lo80",
      "hi80",
      "segment",
    ]);
    expect(csvOf(bench)).toHaveLength(1 + 8 * 2);
  });

  test("leaves out what has ended, as the outlook does", async () => {
    const bench = await openBuilt();
    await makeLive(bench, await smallDirectory());
    await outlook(bench, { inactiveAfter: 7 });
    const meta = JSON.parse(readFileSync(join(bench.folder("champion"), "snapshot.json"), "utf8"));
    expect(meta).toMatchObject({ series: 4, rows: 12 });
  });

  test("is none before the first release", async () => {
    const bench = await openBuilt();
    await outlook(bench);
    expect(filesOf(bench)).toEqual(["none.json"]);
    expect(noneOf(bench)).toEqual({ ...NONE, version: null, reason: "no-champion" });
    expect(bench.warnings.filter((warning) => warning.includes("champion"))).toEqual([]);
  });

  test.each([
    ["has no model directory", null, "champion-has-no-model", null],
    ["has other periods", { frequency: "quarter" }, "champion-frequency", /version 2: .*other periods/],
    [
      "is of a later quarter",
      { cutoff: "2022-01-31" },
      "champion-is-later",
      /version 2: .*after this quarter/,
    ],
  ] as const)("is none where the champion %s", async (_name, changes, reason, warning) => {
    const bench = await openBuilt();
    await makeLive(bench, changes === null ? null : await smallDirectory(changes));
    await outlook(bench);
    expect(filesOf(bench)).toEqual(["none.json"]);
    expect(noneOf(bench)).toEqual({ ...NONE, version: "2", reason });
    const said = bench.warnings.filter((text) => text.includes("champion"));
    expect(said).toEqual(warning === null ? [] : [expect.stringMatching(warning)]);
  });

  test("a champion that is not one of ours fails by name", async () => {
    const bench = await openBuilt();
    const folder = testFolder();
    writeFileSync(join(folder, "forecaster.json"), "{}");
    await makeLive(bench, folder);
    await expect(outlook(bench)).rejects.toMatchObject({
      failure: { code: "forecast.model-invalid", file: "forecaster.json" },
    });
  });

  test("the champion is in the fingerprint, also when the candidate has taken its place", async () => {
    const bench = await openBuilt();
    const identity = () => generateOutlook.external!(contextOf(bench));
    expect(await identity()).toEqual({ champion: null });
    await makeLive(bench, await smallDirectory());
    const expected = { champion: "2", digest: expect.stringMatching(/^sha256:/) };
    expect(await identity()).toEqual(expected);
    await bench.registry.moveAlias({
      name: "room-demand",
      alias: "best",
      to: "1",
      by: "test",
      reason: "",
      decision: null,
      key: "promoted",
    });
    expect(await identity()).toEqual(expected);
  });
});

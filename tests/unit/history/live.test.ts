import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { rollbackKey } from "../../../src/history/alias-trail.js";
import { liveHistory, liveSnapshots } from "../../../src/history/live.js";
import { readSnapshot } from "../../../src/history/snapshot-rows.js";
import type { SnapshotMeta } from "../../../src/kit/artifacts/snapshot.js";
import { type Column, writeParquet } from "../../../src/panel/table.js";
import { openPast, type Past } from "./past.js";

const scope = { model: "demand", alias: "best", quarter: "2025Q2" };

const meta = (quarter: string, levels: readonly number[] = [], version = "1"): SnapshotMeta => ({
  quarter,
  cutoff: "2024-12-31",
  model: "demand",
  version,
  horizon: 2,
  levels: [...levels],
  rows: 2,
  series: 1,
  sha256: "00",
});

const COLUMNS: readonly Column[] = [
  { name: "series", type: "VARCHAR", values: ["ä", "007"] },
  { name: "period", type: "DATE", values: ["2025-01-01", "2025-02-01"] },
  { name: "lead", type: "INTEGER", values: Int32Array.from([1, 2]) },
  { name: "forecast", type: "DOUBLE", values: Float64Array.from([1.5, Number.NaN]) },
  { name: "segment", type: "VARCHAR", values: ["s", null] },
];
const interval = (name: string, ...values: number[]): Column => ({
  name,
  type: "DOUBLE",
  values: Float64Array.from(values),
});

const snapshot = (folder: string, quarter: string, version: string) => ({
  [`${folder}/snapshot.json`]: JSON.stringify(meta(quarter, [], version)),
  [`${folder}/snapshot.parquet`]: "x",
});
const files = (quarter: string, version: number | string) => ({
  files: snapshot("snapshot", quarter, String(version)),
});
/** What a quarter leaves behind whose gate had a champion. */
const withChampion = (quarter: string, version: number | string, champion: string) => ({
  files: { ...files(quarter, version).files, ...snapshot("champion-snapshot", quarter, champion) },
});
const NONE = { files: { ...files("2025Q1", 2).files, "champion-snapshot/none.json": "{}" } };

async function oneSnapshot(past: Past, columns: readonly Column[], levels: readonly number[] = []) {
  const path = join(past.folder, "made.parquet");
  await writeParquet(path, columns);
  const { version } = await past.run("2024Q4", {
    files: {
      "snapshot/snapshot.json": JSON.stringify(meta("2024Q4", levels)),
      "snapshot/snapshot.parquet": await readFile(path),
    },
  });
  await past.move("best", version);
  return (await liveSnapshots(past.registry, scope))[0]!;
}

describe("liveSnapshots", () => {
  test("promoted candidates, latest cutoff first, the last promoted one of a quarter", async () => {
    const past = await openPast();
    const q3 = await past.run("2024Q3", files("2024Q3", 1));
    const never = await past.run("2024Q4", files("2024Q4", 2));
    const q4 = await past.run("2024Q4", files("2024Q4", 3));
    const again = await past.run("2024Q4", files("2024Q4", 4));
    const without = await past.run("2025Q1");
    const later = await past.run("2025Q2", files("2025Q2", 6));
    await past.move("candidate", never.version);
    for (const { version } of [q3, again, q4, without, later]) await past.move("best", version);

    const table = "snapshot/snapshot.parquet";
    const live = await liveSnapshots(past.registry, scope);
    expect(live).toEqual([
      {
        quarter: "2024Q4",
        cutoff: "2024-12-31",
        ...q4,
        table,
        meta: meta("2024Q4", [], "3"),
        why: "promoted",
      },
      {
        quarter: "2024Q3",
        cutoff: "2024-09-30",
        ...q3,
        table,
        meta: meta("2024Q3", [], "1"),
        why: "promoted",
      },
    ]);
    // A rollback to the other run of the quarter makes that one the last promoted.
    await past.move("best", again.version);
    expect((await liveSnapshots(past.registry, scope))[0]).toMatchObject(again);
    expect(await liveSnapshots(past.registry, { ...scope, quarter: "2024Q3" })).toEqual([]);
    expect(await liveSnapshots(past.registry, { ...scope, alias: "other" })).toEqual([]);
  });

  test("an open run is no history though its version is live", async () => {
    const past = await openPast();
    const { version } = await past.run("2024Q4", { ...withChampion("2024Q4", 1, "1"), closed: false });
    await past.move("best", version);
    expect(await liveSnapshots(past.registry, scope)).toEqual([]);
  });

  test("the champion's forecast of a quarter whose candidate was not promoted", async () => {
    const past = await openPast();
    const q4 = await past.run("2024Q4", files("2024Q4", 1));
    await past.move("best", q4.version);
    const escalated = await past.run("2025Q1", withChampion("2025Q1", 2, "1"));
    await past.move("candidate", escalated.version);
    const champions = {
      quarter: "2025Q1",
      cutoff: "2025-03-31",
      version: "1",
      runId: escalated.runId,
      table: "champion-snapshot/snapshot.parquet",
      meta: meta("2025Q1", [], "1"),
      why: "stayed",
    };
    expect(await liveSnapshots(past.registry, scope)).toEqual([champions, expect.objectContaining(q4)]);
    // A later approval of the candidate makes its own snapshot the live one.
    await past.move("best", escalated.version);
    const [latest] = await liveSnapshots(past.registry, scope);
    expect(latest).toMatchObject({ ...escalated, table: "snapshot/snapshot.parquet" });
  });

  test("a run that was copied from another registry names versions by the numbers that they have here", async () => {
    const past = await openPast();
    const q4 = await past.run("2024Q4", {
      ...files("2024Q4", 7),
      tags: { "retrain.origin-versions": "7=1" },
    });
    await past.move("best", q4.version);
    // The champion was 7 where this quarter was run, and is 1 here; 1 was another version there.
    const escalated = {
      ...withChampion("2025Q1", 8, "7"),
      tags: { "retrain.origin-versions": "7=1 8=2 1=0" },
    };
    await past.run("2025Q1", escalated);
    expect(await liveSnapshots(past.registry, scope)).toMatchObject([
      { quarter: "2025Q1", version: "1", meta: { version: "7" } },
      { quarter: "2024Q4", version: "1", meta: { version: "7" } },
    ]);
    // What has no number here was never live here.
    const foreign = { ...withChampion("2025Q1", 9, "1"), tags: { "retrain.origin-versions": "1=0" } };
    await past.run("2025Q1", foreign);
    expect((await liveSnapshots(past.registry, scope))[0]).toMatchObject({ quarter: "2025Q1", version: "1" });
  });

  test("a promoted run of a quarter comes before the champion's forecast of a newer escalated one", async () => {
    const past = await openPast();
    await past.move("best", (await past.run("2024Q4", files("2024Q4", 1))).version);
    const promoted = await past.run("2025Q1", withChampion("2025Q1", 2, "1"));
    await past.move("best", promoted.version);
    await past.run("2025Q1", withChampion("2025Q1", 3, "2"));
    const [latest] = await liveSnapshots(past.registry, scope);
    expect(latest).toMatchObject({ ...promoted, table: "snapshot/snapshot.parquet" });
  });

  test("of several escalated runs the newest that has a forecast of a champion that was live", async () => {
    const past = await openPast();
    await past.move("best", (await past.run("2024Q4", files("2024Q4", 1))).version);
    const first = await past.run("2025Q1", withChampion("2025Q1", 2, "1"));
    expect((await liveSnapshots(past.registry, scope))[0]).toMatchObject({ runId: first.runId });
    const second = await past.run("2025Q1", withChampion("2025Q1", 3, "1"));
    await past.run("2025Q1", withChampion("2025Q1", 4, "4"));
    await past.run("2025Q1", NONE);
    await past.run("2025Q1", files("2025Q1", 6));
    const [latest] = await liveSnapshots(past.registry, scope);
    expect(latest).toMatchObject({ runId: second.runId, version: "1" });
  });

  test("none of an escalated quarter without a champion's forecast, as older runs and first releases are", async () => {
    const past = await openPast();
    await past.run("2024Q4", NONE);
    await past.run("2025Q1", files("2025Q1", 2));
    expect(await liveSnapshots(past.registry, scope)).toEqual([]);
  });

  test("a description that is not one fails by name", async () => {
    const past = await openPast();
    const { runId, version } = await past.run("2024Q4", {
      files: { "snapshot/snapshot.json": "{}", "snapshot/snapshot.parquet": "" },
    });
    await past.move("best", version);
    await expect(liveSnapshots(past.registry, scope)).rejects.toMatchObject({
      failure: { code: "snapshot.unreadable", file: `snapshot/snapshot.json of registry run ${runId}` },
    });
  });
});

describe("after a rollback", () => {
  const back = (to: string) => rollbackKey("best", `to ${to}`);

  /** A quarter that was promoted over version 1, and taken back. */
  async function takenBack(quarter: Parameters<Past["run"]>[1]) {
    const past = await openPast();
    await past.move("best", (await past.run("2024Q4", files("2024Q4", 1))).version);
    const promoted = await past.run("2025Q1", quarter);
    await past.move("best", promoted.version);
    await past.move("best", "1", back("1"));
    return { past, promoted };
  }

  test("the forecast counts that the version which came back made at that cutoff", async () => {
    const { past, promoted } = await takenBack(withChampion("2025Q1", 2, "1"));
    const { snapshots, unrecorded } = await liveHistory(past.registry, scope);
    expect(
      snapshots.map(({ quarter, version, why, insteadOf }) => [quarter, version, why, insteadOf]),
    ).toEqual([
      ["2025Q1", "1", "rolled-back", promoted.version],
      ["2024Q4", "1", "promoted", undefined],
    ]);
    expect(snapshots[0]!.table).toBe("champion-snapshot/snapshot.parquet");
    expect(unrecorded).toEqual([]);
  });

  test("nothing of that cutoff counts where the version that came back left no forecast from there", async () => {
    const { past } = await takenBack(files("2025Q1", 2));
    const { snapshots, unrecorded } = await liveHistory(past.registry, scope);
    expect(snapshots.map(({ quarter }) => quarter)).toEqual(["2024Q4"]);
    expect(unrecorded).toEqual([{ quarter: "2025Q1", cutoff: "2025-03-31", version: "1", insteadOf: "2" }]);
  });

  test("a champion that was rolled back after its candidate had escalated is not what services had", async () => {
    const past = await openPast();
    await past.move("best", (await past.run("2024Q3", files("2024Q3", 1))).version);
    await past.move("best", (await past.run("2024Q4", files("2024Q4", 2))).version);
    await past.run("2025Q1", withChampion("2025Q1", 3, "2"));
    await past.move("best", "1", back("1"));
    const { snapshots, unrecorded } = await liveHistory(past.registry, scope);
    expect(snapshots.some(({ quarter }) => quarter === "2025Q1")).toBe(false);
    expect(unrecorded).toContainEqual({
      quarter: "2025Q1",
      cutoff: "2025-03-31",
      version: "1",
      insteadOf: "2",
    });
  });

  test("what was put live again counts again", async () => {
    const { past, promoted } = await takenBack(withChampion("2025Q1", 2, "1"));
    await past.move("best", promoted.version);
    const [latest] = await liveSnapshots(past.registry, scope);
    expect(latest).toMatchObject({ ...promoted, why: "promoted" });
  });

  test("a rollback after a run of a later quarter began changes nothing of the quarter before", async () => {
    const past = await openPast();
    await past.move("best", (await past.run("2024Q3", files("2024Q3", 1))).version);
    const q4 = await past.run("2024Q4", withChampion("2024Q4", 2, "1"));
    await past.move("best", q4.version);
    past.setClock("2025-08-01T00:00:00Z");
    await past.run("2025Q1", files("2025Q1", 3));
    past.setClock("2025-08-02T00:00:00Z");
    await past.move("best", "1", back("1"));
    const [latest] = await liveSnapshots(past.registry, scope);
    expect(latest).toMatchObject({ ...q4, why: "promoted" });
  });
});

describe("readSnapshot", () => {
  test("columns come back, intervals by rising level, and the work file is gone", async () => {
    const past = await openPast();
    const intervals = [
      interval("lo95", 0, -1),
      interval("hi95", 3, 4),
      interval("lo80", 1, 0),
      interval("hi80", 2, 3),
    ];
    const snapshot = await oneSnapshot(past, [...COLUMNS, ...intervals], [0.95, 0.8]);
    const workFile = join(past.folder, "work.parquet");
    expect(await readSnapshot(past.registry, snapshot, workFile)).toEqual({
      series: ["ä", "007"],
      period: ["2025-01-01", "2025-02-01"],
      lead: Int32Array.from([1, 2]),
      forecast: Float64Array.from([1.5, Number.NaN]),
      intervals: [
        { level: 0.8, lo: Float64Array.from([1, 0]), hi: Float64Array.from([2, 3]) },
        { level: 0.95, lo: Float64Array.from([0, -1]), hi: Float64Array.from([3, 4]) },
      ],
    });
    expect(existsSync(workFile)).toBe(false);
  });

  test("ids that look like numbers stay as they are", async () => {
    const past = await openPast();
    const ids: Column = { name: "series", type: "VARCHAR", values: ["007", "101"] };
    const snapshot = await oneSnapshot(past, [ids, ...COLUMNS.slice(1)]);
    const rows = await readSnapshot(past.registry, snapshot, join(past.folder, "work"));
    expect(rows.series).toEqual(["007", "101"]);
  });

  test.each([
    ["a column is missing", COLUMNS.filter(({ name }) => name !== "lead"), /no column lead/],
    [
      "a series is null",
      [{ name: "series", type: "VARCHAR", values: ["a", null] } as const, ...COLUMNS.slice(1)],
      /row 2 has no series/,
    ],
    [
      "a column has another type",
      [...COLUMNS.slice(0, 3), { name: "forecast", type: "VARCHAR", values: ["1", "much"] } as const],
      /much.*a number/,
    ],
  ])("%s", async (_name, columns, detail) => {
    const past = await openPast();
    const snapshot = await oneSnapshot(past, columns);
    await expect(readSnapshot(past.registry, snapshot, join(past.folder, "work"))).rejects.toMatchObject({
      failure: { code: "snapshot.unreadable", detail: expect.stringMatching(detail) },
    });
  });

  test("bytes that are no table", async () => {
    const past = await openPast();
    const { version } = await past.run("2024Q4", files("2024Q4", 1));
    await past.move("best", version);
    const [found] = await liveSnapshots(past.registry, scope);
    const workFile = join(past.folder, "work");
    await expect(readSnapshot(past.registry, found!, workFile)).rejects.toMatchObject({
      failure: { code: "snapshot.unreadable", file: expect.stringContaining(found!.runId) },
    });
    expect(existsSync(workFile)).toBe(false);
  });
});

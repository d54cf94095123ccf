import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { AccuracyReport } from "../../src/kit/artifacts/accuracy.js";
import { Checkpoints } from "../../src/kit/artifacts/checkpoints.js";
import { SnapshotMeta } from "../../src/kit/artifacts/snapshot.js";
import { readTable } from "../../src/panel/table.js";
import type { RunDocument } from "../../src/report/run-document.js";
import { retrainJson } from "../support/cli.js";
import { fixtureProject } from "../support/project.js";

/** Σ|y−ŷ| / Σ|y| of a snapshot's forecasts against the rows of the source, for the months from `first` to `last`. */
async function wmapeOf(cwd: string, snapshot: string, first: string, last: string) {
  const [series, period, forecast] = await readTable(snapshot, [
    { name: "series", type: "VARCHAR" },
    { name: "period", type: "DATE" },
    { name: "forecast", type: "DOUBLE" },
  ]);
  const forecasts = new Map(
    [...forecast!.values].map((value, row) => [
      `${series!.values[row]} ${String(period!.values[row]).slice(0, 7)}`,
      Number(value),
    ]),
  );
  const [head, ...lines] = readFileSync(join(cwd, "fixtures", "demand.csv"), "utf8")
    .trimEnd()
    .split("\n");
  const names = head!.split(",");
  let [n, error, total] = [0, 0, 0];
  for (const line of lines) {
    const cells = line.split(",");
    const cell = (name: string) => cells[names.indexOf(name)]!;
    const month = cell("month").slice(0, 7);
    const found = forecasts.get(`${cell("property_id")} ${month}`);
    if (month < first || month > last || cell("room_nights") === "" || found === undefined) continue;
    n++;
    error += Math.abs(Number(cell("room_nights")) - found);
    total += Math.abs(Number(cell("room_nights")));
  }
  return { n, wmape: error / total };
}

test("a quarter after an escalation is scored on what the champion, still live, forecast at that cutoff", async () => {
  const cwd = fixtureProject();
  const output = ({ run }: RunDocument, path: string) => join(cwd, ".retrain", "runs", run, "steps", path);
  const readJson = (document: RunDocument, path: string): unknown =>
    JSON.parse(readFileSync(output(document, path), "utf8"));

  const first = await retrainJson(["quarter", "2024Q4"], { cwd });
  expect(first).toMatchObject({ exitCode: 0, document: { champion: { before: null, after: "1" } } });
  expect(readJson(first.document, "outlook/champion/none.json")).toMatchObject({
    version: null,
    reason: "no-champion",
  });

  // Worse than the champion by more than the gate allows.
  const worse = ["--set", "train.ensemble=single", "--set", "train.learners=[season-average]"];
  const escalated = await retrainJson(["quarter", "2025Q1", ...worse], { cwd });
  expect(escalated).toMatchObject({
    exitCode: 3,
    document: { candidate: { version: "2" }, champion: { before: "1", after: "1" } },
  });
  const champions = SnapshotMeta.parse(readJson(escalated.document, "outlook/champion/snapshot.json"));
  expect(champions).toMatchObject({ quarter: "2025Q1", cutoff: "2025-03-31", version: "1", horizon: 6 });

  const dry = await retrainJson(["quarter", "2025Q2", "--dry-run"], { cwd });
  expect(dry).toMatchObject({ exitCode: 0, document: { verdict: "would-promote" } });
  const real = await retrainJson(["quarter", "2025Q2", "--fresh"], { cwd });
  expect(real).toMatchObject({ exitCode: 0, document: { champion: { before: "1", after: "3" } } });

  const accuracy = AccuracyReport.parse(readJson(real.document, "accuracy/accuracy/accuracy.json"));
  const scored = (snapshot: string) => wmapeOf(cwd, snapshot, "2025-04", "2025-06");
  const ofChampion = await scored(output(escalated.document, "outlook/champion/snapshot.parquet"));
  const ofCandidate = await scored(output(escalated.document, "outlook/snapshot/snapshot.parquet"));
  expect(accuracy.total.n).toBe(ofChampion.n);
  expect(accuracy.total.wmape).toBeCloseTo(ofChampion.wmape, 12);
  expect(ofCandidate.wmape).not.toBeCloseTo(ofChampion.wmape, 6);
  expect(accuracy.snapshots).toEqual([
    { source: "2025Q1", cutoff: "2025-03-31", version: "1", why: "stayed", pairs: ofChampion.n },
    { source: "2024Q4", cutoff: "2024-12-31", version: "1", why: "promoted", pairs: ofChampion.n },
  ]);
  expect(accuracy.byLead.map(({ key, n }) => [key, n])).toEqual(
    ["1", "2", "3", "4", "5", "6"].map((lead) => [lead, ofChampion.n / 3]),
  );
  const checkpoints = Checkpoints.parse(readJson(real.document, "checkpoints/checkpoints/checkpoints.json"));
  expect(checkpoints.previous).toMatchObject({ quarter: "2025Q1", version: "1", cutoff: "2025-03-31" });
  for (const step of ["accuracy", "checkpoints"]) {
    const { summary } = real.document.steps.find(({ id }) => id === step)!;
    expect(summary).toContain("2025Q1's snapshot of version 1");
  }

  expect(dry.document.metrics).toEqual(real.document.metrics);
  expect(dry.document.decision!.rules).toEqual(real.document.decision!.rules);
  expect(readJson(dry.document, "accuracy/accuracy/accuracy.json")).toEqual(accuracy);
  expect(readJson(dry.document, "checkpoints/checkpoints/checkpoints.json")).toEqual(checkpoints);
});

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { Registered } from "../../../src/kit/artifacts/registered.js";
import { writeParquet } from "../../../src/panel/table.js";
import { registerModel } from "../../../steps/register-model.js";
import { diesAt, Killed, openRelease, type ReleaseBench, type StepRun, stateOf } from "./release-bench.js";

const score = (wmape: number | null) => ({ learner: "composite", wmape, mase: 0.9, bias: -0.01, n: 60 });
const learnerScore = (learner: string, wmape: number | null) => ({ ...score(wmape), learner });
const TRAINING = {
  horizon: 6,
  season: 12,
  context: 96,
  series: 10,
  learners: [
    { id: "seasonal-naive", description: "" },
    { id: "pooled-ridge", description: "" },
  ],
  ensemble: {
    asked: "single",
    method: "single",
    why: "the runbook asks for it",
    candidates: [],
    weights: [{ learner: "pooled-ridge", weight: 1 }],
    residual: 0,
  },
  folds: [
    {
      fold: 1,
      origin: "2024-12",
      series: 10,
      pairs: 60,
      scores: [learnerScore("pooled-ridge", 0.11), learnerScore("seasonal-naive", null)],
    },
  ],
  segments: [
    { segment: "north", series: 6, chosen: "pooled-ridge", scores: [] },
    { segment: "south", series: 4, chosen: "pooled-ridge", scores: [] },
  ],
  cv: score(0.1),
  naive: score(null),
  learnerTotals: [learnerScore("pooled-ridge", 0.1)],
  conformal: { levels: [0.8, 0.95], halfWidths: [[0.5, 0.75], []], residuals: [] },
  intervals: {
    levels: [
      { level: 0.8, coverage: 0.78, n: 40, meanWidth: 1.5 },
      { level: 0.975, coverage: null, n: 0, meanWidth: null },
    ],
    wql: 0.07,
    naiveWql: null,
    n: 40,
  },
};
const TOTAL = { n: 30, excluded: 0, wmape: 0.12, bias: 0, mase: null, absoluteError: 1, absoluteActual: 2 };
const ACCURACY = {
  quarter: "2025Q2",
  snapshots: [],
  total: TOTAL,
  naive: TOTAL,
  bySegment: [],
  byPeriod: [],
  byLead: [
    { ...TOTAL, key: "1", wmape: 0.08 },
    { ...TOTAL, key: "10", wmape: 0.2 },
  ],
  worstSeries: [],
  drawn: { level: null, series: [] },
  coverage: [{ level: 0.8, observed: 0.9, n: 30 }],
};

/** Two series over three months, one of them without its last month. */
let PANEL: Buffer;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "retrain-panel-"));
  const file = join(folder, "panel.parquet");
  const periods = ["2025-04-01", "2025-05-01", "2025-06-01", "2025-04-01", "2025-05-01"];
  await writeParquet(file, [
    { name: "series", type: "VARCHAR", values: ["a", "a", "a", "b", "b"] },
    { name: "period", type: "DATE", values: periods },
    { name: "target", type: "DOUBLE", values: Float64Array.of(1, 2, 3, 4, 5) },
  ]);
  PANEL = readFileSync(file);
  rmSync(folder, { recursive: true });
});

const registeredBy = ({ outputs }: StepRun) => outputs.version!.readJson("registered.json", Registered);

const inputsOf = (bench: ReleaseBench) => ({
  panel: bench.artifact("panel", { "panel.parquet": PANEL }),
  model: bench.artifact("trained-model", {
    "training.json": TRAINING,
    "model.json": { weights: 1 },
    "holdout.parquet": "h",
  }),
});

describe("register-model", () => {
  test("registers run and version with params, metrics, artifacts and lineage", async () => {
    const bench = openRelease();
    const inputs = {
      ...inputsOf(bench),
      accuracy: bench.artifact("accuracy-report", { "accuracy.json": ACCURACY }),
    };
    const made = await bench.run(registerModel, inputs);
    const registered = await made.outputs.version!.readJson("registered.json", Registered);

    expect(registered).toMatchObject({ registry: "file:registry", name: "demand", version: "1" });
    expect(made.metrics).toEqual({ version: { value: 1 } });
    const run = await bench.registry.getRun(registered.runId);
    expect(run).toMatchObject({ model: "demand", quarter: "2025Q2", cutoff: "2025-06-30", closed: false });
    expect(run?.tags).toEqual({
      "retrain.quarter": "2025Q2",
      "retrain.cutoff": "2025-06-30",
      "retrain.run": "2025Q2-1",
      "retrain.git": "abc123",
      "retrain.runbook": "sha256:runbook",
      "retrain.program": "0.1.0",
      "retrain.panel": inputs.panel.hash,
      "retrain.training": inputs.model.hash,
      "retrain.identity": registered.identity,
    });
    expect(registered.identity).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(run?.params).toEqual({
      horizon: "6",
      season: "12",
      context: "96",
      series: "10",
      folds: "1",
      learners: "seasonal-naive, pooled-ridge",
      segments: "2",
      "segments.seasonal-naive": "0",
      "segments.pooled-ridge": "2",
      levels: "0.8, 0.95",
    });
    expect(run?.parent).toBeNull();
    // What could not be measured (naive WMAPE, accuracy MASE, an interval level) is not there, rather than zero.
    expect(run?.metrics).toEqual({
      "cv.wmape": 0.1,
      "cv.mase": 0.9,
      "cv.bias": -0.01,
      "cv.n": 60,
      "cv.coverage.80": 0.78,
      "cv.wql": 0.07,
      "cv.learner.pooled-ridge.wmape": 0.1,
      "cv.learner.pooled-ridge.mase": 0.9,
      "cv.learner.pooled-ridge.bias": -0.01,
      "cv.learner.pooled-ridge.n": 60,
      "accuracy.coverage.80": 0.9,
      "naive.mase": 0.9,
      "naive.bias": -0.01,
      "naive.n": 60,
      "accuracy.wmape": 0.12,
      "accuracy.bias": 0,
      "accuracy.n": 30,
      "accuracy.lead.wmape": 0.2,
      "accuracy.lead.bias": 0,
      "accuracy.lead.n": 30,
      "cv.fold.pooled-ridge.wmape": 0.11,
      "cv.fold.pooled-ridge.mase": 0.9,
      "cv.fold.pooled-ridge.bias": -0.01,
      "cv.fold.pooled-ridge.n": 60,
      "cv.fold.seasonal-naive.mase": 0.9,
      "cv.fold.seasonal-naive.bias": -0.01,
      "cv.fold.seasonal-naive.n": 60,
      "cv.lead.halfWidth.0.8": 0.75,
    });
    expect(await bench.registry.listArtifacts(registered.runId)).toEqual([
      "training/holdout.parquet",
      "training/model.json",
      "training/training.json",
    ]);
    expect(await bench.registry.getVersion("demand", "1")).toMatchObject({
      runId: registered.runId,
      status: "pending",
      tags: { "retrain.quarter": "2025Q2", "retrain.cutoff": "2025-06-30" },
    });
    expect(await bench.registry.getAlias("demand", "candidate")).toBe("1");
    expect(await bench.registry.getAlias("demand", "best")).toBeNull();
  });

  test("tracks the course of scores, folds and learners as parts, and the data", async () => {
    const bench = openRelease();
    const inputs = {
      ...inputsOf(bench),
      accuracy: bench.artifact("accuracy-report", { "accuracy.json": ACCURACY }),
    };
    const made = await bench.run(registerModel, inputs, { sources: ["/data/2024/a.csv", "/data/b*.csv"] });
    const { runId } = await made.outputs.version!.readJson("registered.json", Registered);
    const { points, inputs: datasets, parts } = await bench.registry.runDetails(runId);
    const courseOf = (name: string) =>
      points.filter((point) => point.name === name).map(({ step, value }) => [step, value]);
    expect(courseOf("accuracy.lead.wmape")).toEqual([
      [1, 0.08],
      [10, 0.2],
    ]);
    expect(courseOf("cv.lead.halfWidth.0.8")).toEqual([
      [1, 0.5],
      [2, 0.75],
    ]);
    expect(courseOf("cv.fold.pooled-ridge.wmape")).toEqual([[1, 0.11]]);
    expect(courseOf("cv.fold.seasonal-naive.wmape")).toEqual([]);
    expect(datasets).toEqual([
      {
        name: "2024/a.csv, b*.csv",
        digest: inputs.panel.hash.slice("sha256:".length, "sha256:".length + 36),
        source: "2024/a.csv, b*.csv",
        context: "training",
        profile: { rows: 5, series: 2, periods: 3 },
      },
    ]);
    expect(parts).toMatchObject([
      {
        key: "key fold 1",
        name: "fold 1 · cutoff 2024-12",
        quarter: "2025Q2",
        closed: true,
        tags: { "retrain.part": "fold", "retrain.quarter": "2025Q2", "retrain.cutoff": "2025-06-30" },
        params: { fold: "1", cutoff: "2024-12", series: "10", pairs: "60" },
        metrics: { "pooled-ridge.wmape": 0.11, "seasonal-naive.mase": 0.9 },
      },
      {
        name: "seasonal-naive",
        closed: true,
        tags: { "retrain.part": "learner" },
        params: { learner: "seasonal-naive", segments: "0" },
      },
      {
        name: "pooled-ridge",
        params: { learner: "pooled-ridge", segments: "2" },
        metrics: { "cv.wmape": 0.1, "cv.fold.wmape": 0.11 },
      },
    ]);
    expect((await bench.registry.runDetails(parts[2]!.runId)).points).toContainEqual({
      name: "cv.fold.wmape",
      step: 1,
      value: 0.11,
    });
  });

  test("the same key again registers nothing; another key is another run of the same version", async () => {
    const bench = openRelease();
    const inputs = inputsOf(bench);
    const first = await bench.run(registerModel, inputs);
    expect(first.summary).toBe("demand version 1, alias candidate");
    const before = await stateOf(bench.registry);
    expect((await bench.run(registerModel, inputs)).summary).toBe(first.summary);
    expect(await stateOf(bench.registry)).toEqual(before);

    const second = await bench.run(registerModel, inputs, { key: "other", params: { alias: "challenger" } });
    expect(second.summary).toBe("demand version 1, which is this model already, alias challenger");
    expect(second.metrics).toEqual({ version: { value: 1 } });
    expect(await bench.registry.getAlias("demand", "challenger")).toBe("1");
    const runs = await bench.registry.listRuns("demand");
    expect(runs).toHaveLength(2);
    expect(await registeredBy(second)).toEqual({ ...(await registeredBy(first)), runId: runs[1]!.runId });
    expect(await second.holds()).toBeNull();
    expect((await bench.registry.getVersion("demand", "1"))?.runId).toBe(runs[0]!.runId);
  });

  test("another model is another version, and the first one again is the first version", async () => {
    const bench = openRelease();
    const training = (change: object) => ({
      "training.json": TRAINING,
      "model.json": { weights: 1 },
      "holdout.parquet": "h",
      ...change,
    });
    const made = async (key: string, change: object) => {
      const model = bench.artifact("trained-model", training(change));
      return (await registeredBy(await bench.run(registerModel, { ...inputsOf(bench), model }, { key })))
        .version;
    };
    expect(await made("1", {})).toBe("1");
    expect(await made("2", { "model.json": { weights: 2 } })).toBe("2");
    expect(await made("3", { "training.json": { ...TRAINING, cv: score(0.2) } })).toBe("1");
    expect(await made("4", { "reconciliation.json": {} })).toBe("3");
    expect(await made("5", { "holdout.parquet": "other" })).toBe("1");
    expect(await made("6", { "model.json": { weights: 2 } })).toBe("2");
  });

  describe("a version of before there were identities", () => {
    /** As the version before registered it. */
    async function old(bench: ReleaseBench, key: string, change: object = {}, tags: object = {}) {
      const { panel } = inputsOf(bench);
      const files = {
        "training.json": TRAINING,
        "model.json": { weights: 1 },
        "holdout.parquet": "h",
        ...change,
      };
      const model = bench.artifact("trained-model", files);
      const spec = {
        key,
        model: "demand",
        name: "demand 2025Q2",
        quarter: "2025Q2",
        cutoff: "2025-06-30",
        tags: {},
      };
      const { runId } = await bench.registry.ensureRun(spec);
      await bench.registry.putArtifacts(runId, [
        { path: "training/model.json", source: model.file("model.json") },
      ]);
      const own = {
        "retrain.panel": panel.hash,
        "retrain.training": model.hash,
        "retrain.cutoff": "2025-06-30",
        ...tags,
      };
      const { version } = await bench.registry.ensureVersion({
        name: "demand",
        key,
        runId,
        description: "",
        tags: own,
      });
      return { version, panel, model };
    }
    const attach = async (
      bench: ReleaseBench,
      version: string,
      files: readonly { path: string; sha256: string }[],
    ) => {
      const listed = files.map((file) => ({ ...file, bytes: 1 }));
      const manifest = bench.artifact("forecaster", { "manifest.json": { format: 1, files: listed } });
      const source = manifest.file("manifest.json");
      const digest = `sha256:${manifest.files[0]!.sha256}`;
      await bench.registry.attachModel("demand", version, [{ path: "manifest.json", source }], digest);
    };

    test("from the same panel and training is the model, and the newest of several", async () => {
      const bench = openRelease();
      await old(bench, "first");
      const { panel, model } = await old(bench, "second");
      const made = await bench.run(registerModel, { panel, model });
      expect(await registeredBy(made)).toMatchObject({ version: "2" });
      expect(await made.holds()).toBeNull();
    });

    test("with the same `model.json` is the model, whatever CV said of it", async () => {
      const bench = openRelease();
      const { version } = await old(bench, "first");
      await attach(bench, version, []);
      const model = inputsOf(bench).model;
      const other = bench.artifact("trained-model", {
        "training.json": { ...TRAINING, cv: score(0.3) },
        "model.json": { weights: 1 },
        "holdout.parquet": "h",
      });
      expect(other.hash).not.toBe(model.hash);
      const made = await bench.run(registerModel, { ...inputsOf(bench), model: other });
      expect(await registeredBy(made)).toMatchObject({ version: "1" });
      // With a damaged manifest too: attaching the model again repairs it.
      const manifest = join(
        bench.root,
        "registry",
        "models",
        "demand",
        "versions",
        "1",
        "model",
        "manifest.json",
      );
      chmodSync(manifest, 0o644);
      writeFileSync(manifest, "{}");
      const again = await bench.run(registerModel, { ...inputsOf(bench), model: other }, { key: "again" });
      expect(await registeredBy(again)).toMatchObject({ version: "1" });
    });

    test.each([
      ["of another panel", {}, { "retrain.panel": "sha256:other" }, []],
      ["of another cutoff", {}, { "retrain.cutoff": "2025-03-31" }, []],
      ["of another `model.json`", { "model.json": { weights: 2 } }, {}, []],
      ["reconciled otherwise", { "training.json": {} }, {}, [{ path: "reconciliation.json", sha256: "r" }]],
    ])("%s is another model", async (_, change, tags, files) => {
      const bench = openRelease();
      const { version } = await old(bench, "first", change, tags);
      await attach(bench, version, files);
      const made = await bench.run(registerModel, inputsOf(bench));
      expect(await registeredBy(made)).toMatchObject({ version: "2" });
    });
  });

  test("killed at any change, before or after it: again gives the same end state", async () => {
    const whole = openRelease();
    await whole.run(registerModel, inputsOf(whole));
    const expected = await stateOf(whole.registry);
    let kills = 0;
    for (const when of ["before", "after"] as const) {
      for (let at = 0; ; at++) {
        const bench = openRelease();
        const inputs = inputsOf(bench);
        const registry = diesAt(bench.registry, at, when);
        const killed = await bench.run(registerModel, inputs, { registry }).then(
          () => false,
          (error: unknown) => error instanceof Killed,
        );
        if (!killed) break;
        kills++;
        await bench.run(registerModel, inputs);
        expect(await stateOf(bench.registry), `${when} change ${at}`).toEqual(expected);
      }
    }
    expect(kills).toBe(22);
  });

  test("it does not move the alias that is live", async () => {
    const bench = openRelease();
    const run = bench.run(registerModel, inputsOf(bench), { params: { alias: "best" } });
    await expect(run).rejects.toMatchObject({ failure: { code: "usage.invalid" } });
    expect(await bench.registry.listRuns("demand")).toEqual([]);
  });

  test("holds as long as the registry has the version and its run", async () => {
    const bench = openRelease();
    const made = await bench.run(registerModel, inputsOf(bench));
    expect(await made.holds()).toBeNull();
    expect(await made.holds(openRelease().registry)).toBe("version 1 of demand is not in the registry");
    const version = (await bench.registry.getVersion("demand", "1"))!;
    const other = { ...version, tags: { ...version.tags, "retrain.identity": "sha256:other" } };
    expect(await made.holds({ ...bench.registry, getVersion: async () => other })).toBe(
      "version 1 of demand in the registry is another model",
    );
    const withoutRun = { ...bench.registry, getRun: async () => null };
    expect(await made.holds(withoutRun)).toMatch(/^run \w+ is not in the registry$/);
  });
});

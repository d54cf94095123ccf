import { describe, expect, test } from "vitest";
import { Registered } from "../../../src/kit/artifacts/registered.js";
import { registerModel } from "../../../steps/register-model.js";
import { diesAt, Killed, openRelease, type ReleaseBench, stateOf } from "./release-bench.js";

const score = (wmape: number | null) => ({ learner: "composite", wmape, mase: 0.9, bias: -0.01, n: 60 });
const TRAINING = {
  horizon: 6,
  season: 12,
  context: 96,
  series: 10,
  learners: [
    { id: "seasonal-naive", description: "" },
    { id: "pooled-ridge", description: "" },
  ],
  folds: [{ fold: 1, origin: "2024-12", series: 10, pairs: 60, scores: [] }],
  segments: [
    { segment: "north", series: 6, chosen: "pooled-ridge", scores: [] },
    { segment: "south", series: 4, chosen: "pooled-ridge", scores: [] },
  ],
  cv: score(0.1),
  naive: score(null),
  learnerTotals: [],
  conformal: { levels: [0.8, 0.95], halfWidths: [[], []], residuals: [] },
};
const TOTAL = { n: 30, excluded: 0, wmape: 0.12, bias: 0, mase: null, absoluteError: 1, absoluteActual: 2 };
const ACCURACY = {
  quarter: "2025Q2",
  snapshots: [],
  total: TOTAL,
  naive: TOTAL,
  bySegment: [],
  byPeriod: [],
  byLead: [],
  worstSeries: [],
  coverage: [],
};

const inputsOf = (bench: ReleaseBench) => ({
  panel: bench.artifact("panel", { "panel.parquet": "rows" }),
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
    });
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
    // What could not be measured (naive WMAPE, accuracy MASE) is not there, rather than zero.
    expect(run?.metrics).toEqual({
      "cv.wmape": 0.1,
      "cv.mase": 0.9,
      "cv.bias": -0.01,
      "cv.n": 60,
      "naive.mase": 0.9,
      "naive.bias": -0.01,
      "naive.n": 60,
      "accuracy.wmape": 0.12,
      "accuracy.bias": 0,
      "accuracy.n": 30,
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

  test("the same key again registers nothing; another key is another version", async () => {
    const bench = openRelease();
    const inputs = inputsOf(bench);
    await bench.run(registerModel, inputs);
    const before = await stateOf(bench.registry);
    await bench.run(registerModel, inputs);
    expect(await stateOf(bench.registry)).toEqual(before);
    const second = await bench.run(registerModel, inputs, { key: "other", params: { alias: "challenger" } });
    expect(second.metrics).toEqual({ version: { value: 2 } });
    expect(await bench.registry.getAlias("demand", "challenger")).toBe("2");
    expect(await bench.registry.getAlias("demand", "candidate")).toBe("1");
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
    expect(kills).toBe(10);
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
    expect(await made.holds(openRelease().registry)).toMatch(
      /^version 1 of demand is not in the registry as run \w+ made it$/,
    );
    const withoutRun = { ...bench.registry, getRun: async () => null };
    expect(await made.holds(withoutRun)).toMatch(/^run \w+ is not in the registry$/);
  });
});

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ForecasterDescriptor } from "../../../src/forecast/forecaster/descriptor.js";
import { buildArtifacts } from "../../../steps/build-artifacts.js";
import { withFeatures } from "../../support/panels.js";
import { readParquet } from "../../support/parquet.js";
import { hashOf, readerAt, smallModel, smallPanel, smallTraining } from "../forecast/forecaster/support.js";
import { type Bench, keepCopy, openBench } from "./forecaster-context.js";

const build = (bench: Bench, inputs: ReturnType<Bench["inputs"]> = bench.inputs()) =>
  buildArtifacts.run(bench.context({}, inputs, ["forecaster"]));

describe("build-artifacts", () => {
  test("attaches a complete model directory to the registered version", async () => {
    const bench = await openBench();
    const result = await build(bench);
    const folder = bench.folder("forecaster");

    const files = readdirSync(folder).sort();
    expect(files).toEqual([
      "MLmodel",
      "conda.yaml",
      "forecaster.json",
      "golden.json",
      "input_example.json",
      "manifest.json",
      "model.onnx",
      "python_env.yaml",
      "requirements.txt",
      "series-inputs.parquet",
      "series-state.parquet",
      "serving_input_example.json",
    ]);
    const version = await bench.registry.getVersion("room-demand", "1");
    expect(version?.status).toBe("ready");
    expect(version?.digest).toBe(`sha256:${hashOf(join(folder, "manifest.json"))}`);
    const graph = readFileSync(join(folder, "model.onnx"));
    expect(Buffer.from(await bench.registry.readModelFile("room-demand", "1", "model.onnx"))).toEqual(graph);
    expect(result.metrics?.["model.bytes"]?.value).toBe(graph.length);
    expect(result.metrics?.["parity.maxRelative"]?.n).toBe(6);
    expect(result.metrics?.["parity.maxRelative"]?.value).toBeLessThan(1e-6);
  });

  test("lists every other file with its hash in the manifest, and what the graph takes in MLmodel", async () => {
    const bench = await openBench();
    await build(bench);
    const folder = bench.folder("forecaster");

    const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
    const others = readdirSync(folder).filter((name) => name !== "manifest.json");
    expect(manifest.files).toEqual(
      others.sort().map((path) => ({
        path,
        sha256: hashOf(join(folder, path)),
        bytes: readFileSync(join(folder, path)).length,
      })),
    );
    const mlmodel = parse(readFileSync(join(folder, "MLmodel"), "utf8"));
    expect(mlmodel.flavors.onnx.data).toBe("model.onnx");
    expect(mlmodel.flavors.python_function).toMatchObject({
      loader_module: "mlflow.onnx",
      data: "model.onnx",
    });
    expect(mlmodel.model_uuid).toBe(hashOf(join(folder, "model.onnx")).slice(0, 32));
    const beside = manifest.files.filter(({ path }: { path: string }) => path !== "MLmodel");
    expect(mlmodel.model_size_bytes).toBe(
      beside.reduce((sum: number, { bytes }: { bytes: number }) => sum + bytes, 0),
    );
    const example = JSON.parse(
      readFileSync(join(folder, mlmodel.saved_input_example_info.artifact_path), "utf8"),
    );
    expect(example).toMatchObject({ period: [2022 * 12, 2022 * 12], static: [[0], [1]] });
    expect(example.history.map((row: unknown[]) => row.length)).toEqual([24, 24]);
    expect(example.history[1].slice(17, 20)).toEqual([null, null, 50]);
    expect(
      JSON.parse(readFileSync(join(folder, mlmodel.saved_input_example_info.serving_input_path), "utf8")),
    ).toEqual({ inputs: example });
    expect(JSON.parse(mlmodel.signature.inputs)).toEqual([
      { name: "history", type: "tensor", "tensor-spec": { dtype: "float32", shape: [-1, 24] } },
      { name: "period", type: "tensor", "tensor-spec": { dtype: "int64", shape: [-1] } },
      { name: "static", type: "tensor", "tensor-spec": { dtype: "float32", shape: [-1, 1] } },
    ]);
    expect(JSON.parse(mlmodel.signature.outputs)).toEqual([
      { name: "forecast", type: "tensor", "tensor-spec": { dtype: "float32", shape: [-1, 3] } },
      { name: "quantiles", type: "tensor", "tensor-spec": { dtype: "float32", shape: [-1, 3, 6] } },
    ]);
  });

  test("describes the forecaster and keeps the state of every series that has any", async () => {
    const bench = await openBench();
    const inputs = bench.inputs();
    await build(bench, inputs);
    const forecaster = readerAt("forecaster", bench.folder("forecaster"));

    const descriptor = await forecaster.readJson("forecaster.json", ForecasterDescriptor);
    expect(descriptor).toMatchObject({
      model: "room-demand",
      quarter: "2021Q4",
      context: 24,
      first: { period: 2022 * 12, start: "2022-01-01" },
      quantileProbabilities: [0.025, 0.1, 0.25, 0.75, 0.9, 0.975],
      segments: [
        { code: 0, segment: "north", learner: "naive" },
        { code: 1, segment: "south", learner: "mean" },
      ],
      data: inputs.panel.hash,
      format: 2,
      residuals: [40, 38, 36],
      inputs: { attributes: [], known: [], observed: [] },
      method: "single",
      experts: [
        { id: "naive", weight: 1 },
        { id: "mean", weight: 0 },
      ],
      fallback: "naive",
    });
    const state = await readParquet(forecaster.file("series-state.parquet"));
    const [series, segment, code, period, value] = state.map((column) => [...column.values]);
    const at = series!.indexOf("b-short");
    expect([segment![at], code![at], period![at]]).toEqual(["south", 1, "2021-08-01"]);
    expect(value![at]).toBe(50);
    expect(series!.filter((id) => id === "b-short")).toHaveLength(5);
    expect([segment![series!.indexOf("f-zero")], code![series!.indexOf("f-zero")]]).toEqual([null, -1]);
  });

  test("a graph with every input: what it takes is in MLmodel, in the example and, for every series, in a file", async () => {
    const panel = withFeatures(smallPanel());
    const ahead = { periods: 2, known: { holidays: Float64Array.from({ length: 12 }, (_, cell) => cell) } };
    const levels = ["north", "south"];
    const bench = await openBench({
      panel: { ...panel, ahead },
      columns: { attributes: ["region"], known: ["holidays"], observed: ["price"] },
      model: {
        ...smallModel,
        attributes: [{ name: "region", levels }],
        known: ["holidays"],
        observed: ["price"],
      },
    });
    await build(bench);
    const folder = bench.folder("forecaster");
    const mlmodel = parse(readFileSync(join(folder, "MLmodel"), "utf8"));
    const tensor = (name: string, dtype: string, shape: number[]) => ({
      name,
      type: "tensor",
      "tensor-spec": { dtype, shape },
    });
    expect(JSON.parse(mlmodel.signature.inputs)).toEqual([
      tensor("history", "float32", [-1, 24]),
      tensor("period", "int64", [-1]),
      tensor("static", "float32", [-1, 2]),
      tensor("known", "float32", [-1, 3, 1]),
      tensor("observed", "float32", [-1, 1]),
    ]);
    const table = await readParquet(join(folder, "series-inputs.parquet"));
    expect(table.map(({ name, type }) => `${name} ${type}`)).toEqual([
      "series VARCHAR",
      "lead INTEGER",
      "static_0 INTEGER",
      "static_1 INTEGER",
      "known_0 DOUBLE",
      "observed_0 DOUBLE",
    ]);
    const last = (s: number) => panel.observed.price![panel.offsets[s + 1]! - 1]!;
    const segment = [0, 1, 1, 0, 0, -1];
    expect(table.map(({ values }) => [...values])).toEqual([
      panel.series.flatMap((id) => [id, id, id]),
      panel.series.flatMap(() => [1, 2, 3]),
      segment.flatMap((code) => [code, code, code]),
      panel.series.flatMap((_, s) => [s % 2, s % 2, s % 2]),
      panel.series.flatMap((_, s) => [2 * s, 2 * s + 1, Number.NaN]),
      panel.series.flatMap((_, s) => [last(s), last(s), last(s)]),
    ]);
    const example = JSON.parse(readFileSync(join(folder, "input_example.json"), "utf8"));
    expect(example).toMatchObject({
      static: [
        [0, 0],
        [1, 1],
      ],
      known: [
        [[0], [1], [null]],
        [[2], [3], [null]],
      ],
      observed: [[last(0)], [last(1)]],
    });
  });

  test("gives the same bytes for the same inputs, and attaches them twice without harm", async () => {
    const bench = await openBench();
    await build(bench);
    const once = keepCopy(bench.folder("forecaster"));
    await build(bench);
    for (const file of readdirSync(once)) {
      expect(hashOf(join(bench.folder("forecaster"), file)), file).toBe(hashOf(join(once, file)));
    }
  });

  describe("for a model that is registered already", () => {
    /** What `register-model` says of a version that it found. */
    const knownAs = (bench: Bench, identity: string | null) => {
      const registered = { registry: "", name: "room-demand", version: "1", runId: "", identity };
      writeFileSync(join(bench.folder("version"), "registered.json"), JSON.stringify(registered));
    };
    const scoredOtherwise = (bench: Bench) => {
      const training = { ...smallTraining, cv: { ...smallTraining.cv, wmape: 0.77 } };
      writeFileSync(join(bench.folder("model"), "training.json"), JSON.stringify(training));
    };

    test("takes the version's directory as it is where its own would tell other things about the model", async () => {
      const bench = await openBench();
      await build(bench);
      const once = keepCopy(bench.folder("forecaster"));
      knownAs(bench, "sha256:i");
      scoredOtherwise(bench);
      writeFileSync(join(bench.folder("forecaster"), "manifest.json"), "{}");
      const result = await build(bench);

      const files = readdirSync(once);
      expect(readdirSync(bench.folder("forecaster"))).toEqual(files);
      for (const file of files)
        expect(hashOf(join(bench.folder("forecaster"), file)), file).toBe(hashOf(join(once, file)));
      expect(result.summary).toMatch(
        / agrees with the trainer on 6 series to \S+, as room-demand version 1 has it$/,
      );
      expect(result.metrics?.["parity.maxRelative"]?.value).toBeLessThan(1e-6);
    });

    test("refuses it when it does not forecast what the trained model does", async () => {
      const bench = await openBench();
      await build(bench);
      knownAs(bench, "sha256:i");
      const flat = { ...smallModel, clip: 0.5 };
      writeFileSync(join(bench.folder("model"), "model.json"), JSON.stringify(flat));
      await expect(build(bench)).rejects.toMatchObject({ failure: { code: "forecast.parity" } });
    });

    test("versions never change: another directory is refused where nobody says that it is the same model", async () => {
      const bench = await openBench();
      await build(bench);
      knownAs(bench, null);
      scoredOtherwise(bench);
      await expect(build(bench)).rejects.toMatchObject({ failure: { code: "registry.model-immutable" } });
    });
  });

  test("has no segment input without segments", async () => {
    const bench = await openBench({
      model: {
        ...smallModel,
        segments: ["all"],
        combination: {
          ...smallModel.combination,
          weights: [
            [0, 1],
            [0, 1],
          ],
        },
      },
    });
    const context = bench.context({}, { ...bench.inputs(), segments: null }, ["forecaster"]);
    await buildArtifacts.run(context);
    const mlmodel = readFileSync(join(bench.folder("forecaster"), "MLmodel"), "utf8");
    expect(mlmodel).not.toContain("static");
  });

  test("refuses a model that was trained on other segments", async () => {
    const bench = await openBench({ model: { ...smallModel, segments: ["east", "west"] } });
    await expect(build(bench)).rejects.toMatchObject({
      failure: { code: "forecast.model-invalid", file: "model.json" },
    });
    expect((await bench.registry.getVersion("room-demand", "1"))?.status).toBe("pending");
  });
});

describe("build-artifacts holds", () => {
  const holds = (bench: Bench) =>
    buildArtifacts.holds!(bench.context({}, bench.inputs(), []), {
      forecaster: readerAt("forecaster", bench.folder("forecaster")),
    });

  test("while the version has this model", async () => {
    const bench = await openBench();
    await build(bench);
    expect(await holds(bench)).toBeNull();
  });

  test("not when the version is unknown, pending, or has another model", async () => {
    const bench = await openBench();
    await build(bench);
    writeFileSync(join(bench.folder("forecaster"), "manifest.json"), "{}");
    expect(await holds(bench)).toBe("version 1 of room-demand has another model attached");

    const pending = await openBench();
    expect(await holds(pending)).toBe("version 1 of room-demand has no model attached");

    const registered = { registry: "", name: "room-demand", version: "9", runId: "" };
    writeFileSync(join(pending.folder("version"), "registered.json"), JSON.stringify(registered));
    expect(await holds(pending)).toBe("version 9 of room-demand is not in the registry");
  });
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ModelRegistry } from "../../../src/kit/registry.js";
import { writeParquet } from "../../../src/panel/table.js";
import { buildArtifacts } from "../../../steps/build-artifacts.js";
import { gate } from "../../../steps/gate.js";
import { readerAt } from "../forecast/forecaster/support.js";
import { openBench } from "./forecaster-context.js";

test("the champion is read once, however many rules compare with it", async () => {
  const bench = await openBench();
  await buildArtifacts.run(bench.context({}, bench.inputs(), ["forecaster"]));
  const champion = (await bench.registry.getVersion("room-demand", "1"))!;
  const holdout = join(bench.folder("model"), "holdout.parquet");
  await writeParquet(holdout, [
    { name: "series", type: "VARCHAR", values: ["a-whole", "c-gaps"] },
    { name: "period", type: "DATE", values: ["2021-10-01", "2021-10-01"] },
    { name: "forecast", type: "DOUBLE", values: Float64Array.of(101, 31) },
    { name: "actual", type: "DOUBLE", values: Float64Array.of(100, 30) },
    { name: "scale", type: "DOUBLE", values: Float64Array.of(10, 5) },
  ]);
  const reads: string[] = [];
  // The same model under another version is the champion; it was trained for this very quarter, so its own holdout is read.
  const registry: ModelRegistry = {
    ...bench.registry,
    getAlias: async () => "9",
    getVersion: async (name, version) =>
      version === "9" ? { ...champion, version } : bench.registry.getVersion(name, version),
    readModelFile: async (name, _version, path) => {
      reads.push(path);
      return bench.registry.readModelFile(name, "1", path);
    },
    readArtifact: async (run, path) => {
      if (!path.endsWith("holdout.parquet")) return bench.registry.readArtifact(run, path);
      reads.push(path);
      return readFileSync(holdout);
    },
  };
  const rule = (id: string, metric: string) => ({ id, compare: "champion", metric, maxIncrease: 0.01 });
  const params = gate.params.parse({
    rules: [rule("a", "wmape"), rule("b", "mase"), { ...rule("c", "wmape"), by: "lead", minN: 1 }],
  });
  const inputs = { ...bench.inputs(), forecaster: readerAt("forecaster", bench.folder("forecaster")) };
  const context = bench.context(params, { ...inputs, accuracy: null }, ["decision"]);
  const result = await gate.run({ ...context, services: { ...context.services, registry } });
  expect(result.metrics).toMatchObject({ passed: { value: 3, n: 3 } });
  // Every file once, to see that it is whole; then what the rules compare with.
  const looked = reads.slice(0, -2);
  expect(new Set(looked).size).toBe(looked.length);
  expect(looked).toContain("model.onnx");
  expect(reads.slice(-2)).toEqual(["forecaster.json", "training/holdout.parquet"]);
});

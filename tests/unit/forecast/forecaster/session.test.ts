import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openForecaster } from "../../../../src/forecast/forecaster/session.js";
import { GraphBuilder } from "../../../../src/forecast/onnx/builder.js";
import { emitOnnx } from "../../../../src/forecast/onnx/emit.js";
import { decodeModel, encodeModel } from "../../../../src/forecast/onnx/proto.js";
import { smallBatch, smallModel, testFolder } from "./support.js";

const invalid = (file: string, detail: string) => ({
  failure: { code: "forecast.model-invalid", file, detail: expect.stringContaining(detail) },
});

describe("openForecaster", () => {
  test("opens bytes and files alike", async () => {
    const path = join(testFolder(), "model.onnx");
    const bytes = emitOnnx(smallModel, "0.0.0");
    writeFileSync(path, bytes);
    for (const source of [bytes, path]) {
      const forecaster = await openForecaster(source);
      onTestFinished(() => forecaster.close());
      expect(forecaster.metadata.context).toBe(24);
      expect(forecaster.inputs).toEqual(["history", "period", "static"]);
    }
  });

  test("names a file that is not there", async () => {
    const path = join(testFolder(), "model.onnx");
    await expect(openForecaster(path)).rejects.toMatchObject(invalid(path, "ENOENT"));
  });

  test.each([
    ["text", Buffer.from("version https://git-lfs.github.com/spec/v1\n")],
    ["nothing", new Uint8Array(0)],
    ["half a model", emitOnnx(smallModel, "0.0.0").subarray(0, 900)],
  ])("refuses %s", async (_name, bytes) => {
    await expect(openForecaster(bytes)).rejects.toMatchObject(invalid("model.onnx", ""));
  });

  test("refuses a graph without its metadata", async () => {
    const model = decodeModel(emitOnnx(smallModel, "0.0.0"));
    const metadataProps = model.metadataProps.filter(({ key }) => !key.endsWith("horizon"));
    const bytes = encodeModel({ ...model, metadataProps });
    await expect(openForecaster(bytes)).rejects.toMatchObject(invalid("model.onnx", "horizon"));
  });

  test("refuses another graph that carries our metadata", async () => {
    const graph = new GraphBuilder();
    graph.output("forecast", "float", ["N"], graph.input("x", "float", ["N"]));
    const model = decodeModel(emitOnnx(smallModel, "0.0.0"));
    const bytes = encodeModel({ ...model, graph: graph.graph("other") });
    await expect(openForecaster(bytes)).rejects.toMatchObject(invalid("model.onnx", "history, period"));
  });

  test("refuses a batch whose parts do not fit together", async () => {
    const forecaster = await openForecaster(emitOnnx(smallModel, "0.0.0"));
    onTestFinished(() => forecaster.close());
    const request = smallBatch(new Float32Array(48), new Int32Array(2));
    await expect(forecaster.run({ ...request, codes: new Int32Array(1) })).rejects.toThrow(
      "2 rows need 2 values of codes; got 1",
    );
    await expect(forecaster.run({ ...request, history: new Float32Array(47) })).rejects.toThrow(
      "2 rows need 48 values of history; got 47",
    );
    await expect(forecaster.run({ ...request, known: new Float32Array(6) })).rejects.toThrow(
      "2 rows need 0 values of known; got 6",
    );
  });
});

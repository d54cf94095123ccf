import fc from "fast-check";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { emitTrees } from "../../../../src/forecast/boosting/emit.js";
import { fitTrees } from "../../../../src/forecast/boosting/fit.js";
import type { TreeEnsemble } from "../../../../src/forecast/boosting/model.js";
import { predictTrees } from "../../../../src/forecast/boosting/predict.js";
import { GraphBuilder, ML } from "../../../../src/forecast/onnx/builder.js";
import { encodeModel } from "../../../../src/forecast/onnx/proto.js";
import { anyTable, noisyTable, rowMajor } from "./support.js";

async function runGraph(ensemble: TreeEnsemble, x: Float32Array): Promise<Float64Array> {
  const graph = new GraphBuilder();
  const input = graph.input("x", "float", ["M", ensemble.features]);
  graph.output("y", "double", ["M"], emitTrees(graph, ensemble, input));
  const model = encodeModel({
    irVersion: 7,
    producerName: "test",
    producerVersion: "0",
    docString: "",
    graph: graph.graph("trees"),
    opsetImport: [
      { domain: "", version: 13 },
      { domain: ML, version: 3 },
    ],
    metadataProps: [],
  });
  const session = await InferenceSession.create(model);
  try {
    const { y } = await session.run({
      x: new Tensor("float32", x, [x.length / ensemble.features, ensemble.features]),
    });
    return y!.data as Float64Array;
  } finally {
    await session.release();
  }
}

async function expectSame(ensemble: TreeEnsemble, x: Float32Array): Promise<void> {
  const expected = predictTrees(ensemble, x);
  const answer = await runGraph(ensemble, x);
  expect(answer.length).toBe(expected.length);
  // The operator's own answer, the sum of the trees, is rounded to float32.
  const largest = ensemble.trees.reduce((sum, { value }) => sum + Math.max(...value.map(Math.abs)), 0);
  answer.forEach((value, row) => {
    const scale = ensemble.link === "log" ? expected[row]! : 1;
    expect(Math.abs(value - expected[row]!)).toBeLessThanOrEqual(
      scale * (1e-7 * largest + 1e-12 * Math.abs(ensemble.base) + 1e-12),
    );
  });
}

/** Every threshold of the ensemble as a value, its neighbours in float32, and what is missing. */
function aroundThresholds(ensemble: TreeEnsemble): Float32Array {
  const rows: number[][] = [Array<number>(ensemble.features).fill(Number.NaN)];
  for (const { feature, threshold } of ensemble.trees) {
    feature.forEach((column, node) => {
      if (column < 0) return;
      const at = Float32Array.of(threshold[node]!);
      const bits = new Int32Array(at.buffer);
      for (const step of [-1, 0, 1]) {
        const near = Int32Array.of(bits[0]! + step);
        const row = Array.from({ length: ensemble.features }, (_, f) => (f % 2 === 0 ? 0 : Number.NaN));
        row[column] = new Float32Array(near.buffer)[0]!;
        rows.push(row);
      }
    });
  }
  return Float32Array.from(rows.flat());
}

test("graph and predictTrees agree on any ensemble, at thresholds, and where values are missing", async () => {
  await fc.assert(
    fc.asyncProperty(anyTable, fc.constantFrom("l2", "l1", "poisson"), async ({ x, y }, kind) => {
      const targets = kind === "poisson" ? y.map(Math.abs) : y;
      const ensemble = fitTrees(x, targets, { loss: { kind }, trees: 6, leaves: 5, minLeaf: 1, rate: 0.5 });
      await expectSame(ensemble, rowMajor(x));
      await expectSame(ensemble, aroundThresholds(ensemble));
    }),
    { numRuns: 60 },
  );
});

test("a large ensemble agrees too", async () => {
  const { x, y } = noisyTable(2000, 11);
  const ensemble = fitTrees(x, y, { trees: 100 });
  await expectSame(ensemble, rowMajor(x));
  await expectSame(ensemble, aroundThresholds(ensemble));
});

test("an ensemble without trees answers its base for any number of rows", async () => {
  const ensemble: TreeEnsemble = { features: 2, base: 1.25, link: "identity", trees: [] };
  expect(Array.from(await runGraph(ensemble, Float32Array.of(1, 2, Number.NaN, 4)))).toEqual([1.25, 1.25]);
});

import { describe, expect, test } from "vitest";
import { GraphBuilder } from "../../../../src/forecast/onnx/builder.js";
import { decodeModel, encodeModel, type OnnxModel } from "../../../../src/forecast/onnx/proto.js";

/** What Python's onnx 1.23 serialises for the model below: max of each row of x [N, 3], times 2.5. */
const OFFICIAL =
  "CAcSB3JldHJhaW4aBTEuMi4zMgNkb2M6iQEKMwoBeBIBbRoCbjAiCVJlZHVjZU1heCoLCgRheGVzQAGgAQcqDwoIa2VlcGRpbXMYAaABAgoTCgFtCgJjMBIBeRoCbjEiA011bBIB" +
  "ZyoOCAEQAUICYzBKBAAAIEBaFAoBeBIPCg0IARIJCgMSAU4KAggDYhQKAXkSDwoNCAESCQoDEgFOCgIIAUIECgAQDXIGCgFhEgEx";

const info = (name: string, columns: number) => ({
  name,
  type: { tensorType: { elemType: 1, shape: { dim: [{ dimParam: "N" }, { dimValue: columns }] } } },
});

const MODEL: OnnxModel = {
  irVersion: 7,
  producerName: "retrain",
  producerVersion: "1.2.3",
  docString: "doc",
  graph: {
    name: "g",
    node: [
      {
        input: ["x"],
        output: ["m"],
        name: "n0",
        opType: "ReduceMax",
        attribute: [
          { name: "axes", ints: [1], type: 7 },
          { name: "keepdims", i: 1, type: 2 },
        ],
      },
      { input: ["m", "c0"], output: ["y"], name: "n1", opType: "Mul", attribute: [] },
    ],
    initializer: [
      { dims: [1], dataType: 1, name: "c0", rawData: new Uint8Array(new Float32Array([2.5]).buffer) },
    ],
    input: [info("x", 3)],
    output: [info("y", 1)],
  },
  opsetImport: [{ domain: "", version: 13 }],
  metadataProps: [{ key: "a", value: "1" }],
};

describe("onnx protobuf", () => {
  test("is what the official serialiser writes", () => {
    expect(Buffer.from(encodeModel(MODEL)).toString("base64")).toBe(OFFICIAL);
  });

  test("is read back", () => {
    const model = decodeModel(Buffer.from(OFFICIAL, "base64"));
    expect(model.metadataProps).toEqual(MODEL.metadataProps);
    expect(model.irVersion).toBe(7);
    expect(model.graph.node.map(({ opType }) => opType)).toEqual(["ReduceMax", "Mul"]);
    expect([...model.graph.initializer[0]!.dims]).toEqual([1]);
  });
});

describe("graph builder", () => {
  test("writes constants little-endian and names nodes by their number", () => {
    const graph = new GraphBuilder();
    const doubles = graph.constant("double", [2], [1.5, Number.NaN]);
    const integers = graph.constant("int64", [], [-1]);
    const parts = graph.multi("Split", [doubles, integers], 2, { axis: 0 });
    graph.output("y", "double", ["N"], parts[1]!);
    const { initializer, node } = graph.graph("g");
    expect(Buffer.from(initializer[0]!.rawData).readDoubleLE(0)).toBe(1.5);
    expect(Buffer.from(initializer[0]!.rawData).readDoubleLE(8)).toBeNaN();
    expect(Buffer.from(initializer[1]!.rawData).readBigInt64LE(0)).toBe(-1n);
    expect(node.map(({ input, output }) => [...input, "→", ...output].join(" "))).toEqual([
      "c_0 c_1 → Split_2_0 Split_2_1",
      "Split_2_1 → y",
    ]);
  });
});

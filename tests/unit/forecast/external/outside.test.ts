import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { programsOf } from "../../../../src/command/programs.js";
import { CLIP, rowsAt } from "../../../../src/forecast/cv-task.js";
import { expertForecast } from "../../../../src/forecast/experts/index.js";
import { fitOutside, forecastOutside } from "../../../../src/forecast/external/outside.js";
import { CommandSpec } from "../../../../src/forecast/learners/spec.js";
import { GraphBuilder } from "../../../../src/forecast/onnx/builder.js";
import { encodeModel, type Graph } from "../../../../src/forecast/onnx/proto.js";
import type { TrainingData } from "../../../../src/forecast/training-view.js";
import { FailureError } from "../../../../src/kit/failure.js";
import { panelOf, withFeatures } from "../../../support/panels.js";

const START = 24_000;
const HORIZON = 2;
const values = (level: number) => Array.from({ length: 30 }, (_, t) => level + (t % 12));
const data: TrainingData = {
  panel: withFeatures(
    panelOf([
      { id: "a", start: START, values: values(10) },
      { id: "b", start: START, values: values(50) },
      // Its first number comes after the origin of the fold.
      { id: "late", start: START + 28, values: [3, 4] },
    ]),
  ),
  horizon: HORIZON,
  context: 24,
  segments: { ids: ["all"], codes: new Int32Array(3) },
};
const fold = { number: 1, origin: START + 25, since: Number.NEGATIVE_INFINITY, gap: 1, slowFit: 1 };

/** Reads the request, keeps what it was given, and does what its option `code` says. */
const PROGRAM = `
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
const folder = process.env.RETRAIN_LEARNER_DIR;
const request = JSON.parse(readFileSync(join(folder, "request.json"), "utf8"));
const write = (name, text) => writeFileSync(join(folder, name), text);
const forecasts = (rows) => write("forecasts.csv", "series,lead,forecast\\n" + rows.join("\\n") + "\\n");
const good = ["a,1,100", "a,2,5", "b,1,-3", "b,2,7"];
await (new Function("request", "folder", "forecasts", "good", "write", "copy", "return (async () => {" + request.options.code + "})()"))
  (request, folder, forecasts, good, write, (from, to) => copyFileSync(from, join(folder, to)));
`;

let cwd: string;
const log: string[] = [];
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "retrain-learner-"));
  writeFileSync(join(cwd, "learner.mjs"), PROGRAM);
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const programs = (signal = new AbortController().signal) =>
  programsOf(
    {
      logFile: "train.log",
      stateFolder: join(cwd, "state"),
      log: (line) => log.push(line),
      scratch: async () => mkdtempSync(join(cwd, "work-")),
    },
    signal,
  );
const spec = (code: string, more: object = {}) =>
  CommandSpec.parse({
    command: [process.execPath, "learner.mjs"],
    id: "mine",
    cwd,
    options: { code },
    ...more,
  });
const forecast = (code: string, more?: object) => forecastOutside(data, [fold], spec(code, more), programs());
const failureOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => new Error("it did not fail"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FailureError)) throw error;
  return error.failure as unknown as Record<string, unknown>;
};
const PLACE = { learner: "mine", part: "fold 1 of 1 (origin 2002-02)", log: "train.log" };

test("its forecasts are clipped, and empty where there was no history", async () => {
  const [matrix] = await forecast("forecasts(good)");
  expect([...matrix!]).toEqual([CLIP * 21, 5, 0, 7, Number.NaN, Number.NaN]);
});

test("it is given what the fold may see and no more", async () => {
  const seen = join(cwd, "seen.json");
  await forecast(
    `const fs = await import("node:fs"); const npy = fs.readFileSync(folder + "/history.npy");
     const at = 10 + npy.readUInt16LE(8);
     fs.writeFileSync(${JSON.stringify(seen)}, JSON.stringify({ request, header: npy.toString("latin1", 10, at).trim(),
       row: Array.from({ length: 24 }, (_, i) => npy.readFloatLE(at + (24 + i) * 4)) }));
     copy(folder + "/panel.parquet", "../panel-seen.parquet"); forecasts(good)`,
  );
  const { request, header, row } = JSON.parse(readFileSync(seen, "utf8")) as {
    request: Record<string, unknown>;
    header: string;
    row: number[];
  };
  expect(request).toMatchObject({
    format: 1,
    task: "forecast",
    fold: { number: 1, of: 1 },
    origin: { period: START + 25, start: "2002-02-01" },
    gap: 1,
    since: null,
    horizon: 2,
    context: 24,
    series: ["a", "b", "late"],
    attributes: [{ name: "region", column: "attribute.region", levels: ["north", "south"] }],
    onnx: { opset: 13, mlOpset: 3 },
  });
  expect((request.inputs as { name: string; shape: number[] }[]).slice(0, 3)).toEqual([
    { name: "history", file: "history.npy", type: "float32", shape: [3, 24] },
    { name: "period", file: "period.npy", type: "int64", shape: [3] },
    { name: "static", file: "static.npy", type: "float32", shape: [3, 2] },
  ]);
  expect(header).toBe("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 24), }");
  expect(row).toEqual(values(50).slice(2, 26));
  const { readTable } = await import("../../../../src/panel/table.js");
  const [series, period, target] = await readTable(join(cwd, "panel-seen.parquet"), [
    { name: "series", type: "VARCHAR" },
    { name: "period", type: "INTEGER" },
    { name: "target", type: "DOUBLE" },
  ]);
  expect(new Set(series!.values as string[])).toEqual(new Set(["a", "b"]));
  // The gap of one period is in the history and not in what may be trained on.
  expect(Math.max(...(period!.values as Int32Array))).toBe(START + 24);
  expect([...(target!.values as Float64Array)]).toEqual([
    ...values(10).slice(0, 25),
    ...values(50).slice(0, 25),
  ]);
});

describe("what a program does wrong", () => {
  test.each([
    [
      "an exit code",
      "console.error('no rows'); process.exit(3)",
      { code: "learner.failed", exitCode: 3, lines: ["no rows"] },
    ],
    [
      "a signal",
      "process.kill(process.pid, 'SIGKILL'); await new Promise(() => setInterval(() => {}, 1000))",
      { code: "learner.failed", exitCode: null, signal: "SIGKILL" },
    ],
    ["nothing", "", { code: "learner.output-missing", file: "forecasts.parquet" }],
    [
      "an unknown series",
      "forecasts([...good, 'c,1,1'])",
      {
        code: "learner.forecasts-invalid",
        problem: "row 5 is of the series c, which the request does not list",
      },
    ],
    ["a series twice", "forecasts([...good, 'a,1,1'])", { problem: "series a, lead 1 is there twice" }],
    [
      "a lead too far",
      "forecasts([...good, 'a,3,1'])",
      { problem: "row 5 (series a) is of lead 3: 1 to 2 are expected" },
    ],
    ["a missing lead", "forecasts(good.slice(1))", { problem: "series a, lead 1 is not there" }],
    [
      "NaN",
      "forecasts(['a,1,', ...good.slice(1)])",
      { problem: "series a, lead 1 is missing: a number is expected" },
    ],
    [
      "text",
      "forecasts(['a,1,many', ...good.slice(1)])",
      { problem: 'forecast is "many", expected a number' },
    ],
    [
      "other columns",
      "write('forecasts.csv', 'id,lead,y\\na,1,2\\n')",
      { problem: "the columns series, lead, forecast are expected, it has id, lead, y" },
    ],
  ])("%s", async (_, code, expected) => {
    expect(await failureOf(forecast(code))).toMatchObject({ ...PLACE, ...expected });
  });

  test("it takes too long", async () => {
    const failure = await failureOf(
      forecast("await new Promise(() => setInterval(() => {}, 1000))", { timeout: "1s" }),
    );
    expect(failure).toMatchObject({ ...PLACE, code: "learner.timeout", limit: "1s" });
  });

  test("it is not there, or its folder is not", async () => {
    const missing = { code: "learner.not-found", errno: "ENOENT" };
    expect(await failureOf(forecast("", { command: ["no-such-program"] }))).toMatchObject({
      ...missing,
      what: "program",
      name: "no-such-program",
    });
    expect(await failureOf(forecast("", { cwd: "/no/such/folder" }))).toMatchObject({
      ...missing,
      what: "folder",
    });
  });
});

/** As most programs write them. */
const withoutNames = (graph: Graph): Graph => ({
  ...graph,
  node: graph.node.map((node) => ({
    ...node,
    name: "",
    attribute: node.attribute.map((each) =>
      each.g === undefined ? each : { ...each, g: withoutNames(each.g) },
    ),
  })),
});

/** A graph as another program would write it. */
function modelOf(
  build: (graph: GraphBuilder) => void,
  opsetImport = [{ domain: "", version: 13 }],
): Uint8Array {
  const graph = new GraphBuilder();
  build(graph);
  return encodeModel({
    irVersion: 8,
    producerName: "test",
    producerVersion: "1",
    docString: "",
    graph: withoutNames(graph.graph("learner")),
    opsetImport,
    metadataProps: [],
  });
}

const lastValues = (graph: GraphBuilder, history = graph.input("history", "float", ["N", 24])) => {
  const filled = graph.op("Where", [graph.op("IsNaN", [history]), graph.constant("float", [], [0]), history]);
  return graph.op("Gather", [filled, graph.constant("int64", [HORIZON], [22, 23])], { axis: 1 });
};
const good = (graph: GraphBuilder) => graph.output("forecast", "float", ["N", HORIZON], lastValues(graph));

const fitModel = (bytes: Uint8Array | string) => {
  const file = join(cwd, "made.onnx");
  writeFileSync(file, bytes);
  const learner = spec(`copy(${JSON.stringify(file)}, "model.onnx")`);
  return fitOutside(data, START + 29, Number.NEGATIVE_INFINITY, learner, programs());
};

test("its graph becomes an expert", async () => {
  const expert = await fitModel(modelOf(good));
  const rows = rowsAt(data, START + 29);
  expect([...(await expertForecast(expert, rows))]).toEqual([14, 15, 54, 55, 3, 4]);
});

test("nodes without names, bodies that see the graph around, and the tree operators fit in", async () => {
  const bytes = modelOf(
    (graph) => {
      const last = lastValues(graph);
      const two = graph.constant("float", [], [2]);
      const body = graph.body([{ element: "float", shape: ["N"] }], (inner, [column]) => [
        { element: "float", shape: ["N"], value: inner.op("Mul", [column!, two]) },
      ]);
      const columns = graph.op("Transpose", [last], { perm: [1, 0] });
      const doubled = graph.op("Transpose", [graph.op("Scan", [columns], { num_scan_inputs: 1, body })], {
        perm: [1, 0],
      });
      const scaled = graph.op("Binarizer", [last], {}, "ai.onnx.ml");
      graph.output(
        "forecast",
        "float",
        ["N", HORIZON],
        graph.op("Add", [doubled, graph.op("Sub", [scaled, scaled])]),
      );
    },
    [
      { domain: "", version: 13 },
      { domain: "ai.onnx.ml", version: 1 },
    ],
  );
  const expert = await fitModel(bytes);
  expect([...(await expertForecast(expert, rowsAt(data, START + 29)))]).toEqual([28, 30, 108, 110, 6, 8]);
});

describe("a graph that cannot be used", () => {
  const output = (graph: GraphBuilder, value = lastValues(graph), name = "forecast") =>
    graph.output(name, "float", ["N", HORIZON], value);
  test.each<[string, Uint8Array | (() => Uint8Array), RegExp]>([
    ["is no ONNX file", new TextEncoder().encode("no graph"), /no ONNX model|holds no graph/],
    ["is empty", new Uint8Array(0), /holds no graph/],
    [
      "has a newer opset",
      () => modelOf(good, [{ domain: "", version: 17 }]),
      /is of version 17 .* 13 is expected/,
    ],
    ["has an older opset", () => modelOf(good, [{ domain: "", version: 11 }]), /is of version 11/],
    [
      "has operators of others",
      () => modelOf((g) => output(g, g.op("Gelu", [lastValues(g)], {}, "com.microsoft"))),
      /Gelu is of the operator set com.microsoft/,
    ],
    [
      "asks for more",
      () => modelOf((g) => output(g, g.op("Add", [lastValues(g), g.input("price", "float", ["N", 1])]))),
      /asks for price; there are history, period, static, known, observed/,
    ],
    [
      "takes another context",
      () => modelOf((g) => output(g, lastValues(g, g.input("history", "float", ["N", 36])))),
      /history is expected as float \[N, 24\] .* \[any, 36\]/,
    ],
    [
      "takes one row",
      () => modelOf((g) => output(g, lastValues(g, g.input("history", "float", [1, 24])))),
      /for any number of rows/,
    ],
    [
      "has another output",
      () => modelOf((g) => output(g, undefined, "y")),
      /one output forecast is expected, the graph has y/,
    ],
    [
      "has another shape",
      () => modelOf((g) => g.output("forecast", "float", ["N", "H"], g.input("history", "float", ["N", 24]))),
      /its forecast is float32 \[3, 24\]/,
    ],
    [
      "gives no number",
      () =>
        modelOf((g) =>
          output(
            g,
            g.op(
              "Gather",
              [g.input("history", "float", ["N", 24]), g.constant("int64", [HORIZON], [0, 23])],
              { axis: 1 },
            ),
          ),
        ),
      /for the series late it forecasts NaN at lead 1/,
    ],
    [
      "divides by zero",
      () =>
        modelOf((g) => {
          const v = lastValues(g);
          output(g, g.op("Div", [g.op("Mul", [v, v]), v]));
        }),
      /for a history of zeros it forecasts NaN/,
    ],
    [
      "uses what is not there",
      () => modelOf((g) => output(g, g.op("Add", [lastValues(g), { name: "nowhere" }]))),
      /nowhere/,
    ],
  ])("%s", async (_, bytes, problem) => {
    const failure = await failureOf(fitModel(typeof bytes === "function" ? bytes() : bytes));
    expect(failure).toMatchObject({
      code: "learner.model-invalid",
      file: "model.onnx",
      part: "final fit (origin 2002-06)",
    });
    expect(failure.problem).toMatch(problem);
  });
});

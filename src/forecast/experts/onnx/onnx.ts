import type { ExpertKind } from "../kind.js";
import type { OnnxExpert } from "./model.js";
import { OUTPUT, readGraph } from "./read-graph.js";
import { renameGraph } from "./rename.js";
import { runGraph } from "./run.js";

export const graphBytes = ({ graph }: OnnxExpert): Uint8Array => Buffer.from(graph, "base64");

export const onnx: ExpertKind<OnnxExpert> = {
  async forecast(expert, rows) {
    const forecast = await runGraph(graphBytes(expert), expert.levels, rows);
    rows.length.forEach((length, i) => {
      if (length === 0) forecast.fill(0, i * rows.horizon, (i + 1) * rows.horizon);
    });
    return forecast;
  },

  emit(expert, graph, rows) {
    const foreign = readGraph(graphBytes(expert));
    const inputs = new Map([
      ["history", rows.history.name],
      ["period", rows.period.name],
      ...(rows.known === null ? [] : ([["known", rows.known.name]] as const)),
      ...(rows.observed === null ? [] : ([["observed", rows.observed.name]] as const)),
      ...(rows.codes === null || !foreign.input.some(({ name }) => name === "static")
        ? []
        : ([["static", graph.cast(rows.codes, "float").name]] as const)),
    ]);
    // A name of ours never has a slash.
    const { node, initializer, nameOf } = renameGraph(foreign, `${expert.id}/`, inputs);
    graph.append(node, initializer);
    const forecast = graph.cast({ name: nameOf(OUTPUT) }, "double");
    return graph.op("Where", [graph.op("Greater", [rows.count, graph.double(0)]), forecast, graph.double(0)]);
  },
};

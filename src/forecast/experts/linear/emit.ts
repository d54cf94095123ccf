import type { GraphBuilder, Value } from "../../onnx/builder.js";
import { atLeastOne, reshape, rowSum, slice, unsqueeze } from "../../onnx/ops.js";
import type { GraphRows } from "../../onnx/rows.js";
import { type Design, emitDesign, flattenMap } from "./design.js";
import { type GroupTable, groupTables } from "./group-tables.js";
import type { LinearExpert, LinearMap } from "./model.js";

/**
 * Every row as one vector of D numbers (history, scale, features), so that a map is a matrix [D, H]. The pooled
 * maps are one product [N, D] × [D, maps·H]; groups can be many, so a row fetches the matrix of its own.
 */
export function emitLinear(expert: LinearExpert, graph: GraphBuilder, rows: GraphRows): Value {
  const design = emitDesign(expert, graph, rows);
  const map = expert.maps.length === 1 ? null : mapOfRow(graph, expert.maps, rows.length);
  const pooled = emitPooled(expert.maps, graph, design, map);
  const tables = groupTables(expert);
  if (tables.length === 0 || rows.codes === null) return pooled;
  const zero = graph.double(0);
  let grouped = zero;
  let count = zero;
  for (const table of tables) {
    const slot = slotOfRow(graph, rows.codes, table);
    const isGroup = graph.op("Greater", [slot, graph.constant("int64", [], [0])]);
    grouped = graph.op("Add", [grouped, emitGroups(expert, graph, design, table, slot, map)]);
    count = graph.op("Add", [count, graph.cast(isGroup, "double")]);
  }
  const mean = graph.op("Div", [grouped, atLeastOne(graph, count)]);
  const blend = graph.op("Mul", [graph.double(0.5), graph.op("Add", [pooled, mean])]);
  return graph.op("Where", [graph.op("Greater", [count, zero]), blend, pooled]);
}

function emitPooled(
  maps: readonly LinearMap[],
  graph: GraphBuilder,
  { value, width, horizon, shape }: Design,
  map: Value | null,
): Value {
  const matrices = maps.map((own) => flattenMap(own, shape));
  const columns = maps.length * horizon;
  const weights = new Array<number>(width * columns);
  for (let cell = 0; cell < weights.length; cell++) {
    const column = cell % columns;
    const row = (cell - column) / columns;
    weights[cell] = matrices[Math.floor(column / horizon)]![row * horizon + (column % horizon)]!;
  }
  const product = graph.op("MatMul", [value, graph.constant("double", [width, columns], weights)]);
  if (map === null) return product;
  return graph.op("GatherND", [reshape(graph, product, [-1, maps.length, horizon]), map], { batch_dims: 1 });
}

/** double [N, H]; zeros in rows without a group of the table. */
function emitGroups(
  { maps }: LinearExpert,
  graph: GraphBuilder,
  { value, width, horizon, shape }: Design,
  { byCode }: GroupTable,
  slot: Value,
  map: Value | null,
): Value {
  const groups = byCode.filter((own) => own !== undefined);
  const cells = maps.length * width * horizon;
  const table = new Array<number>((groups.length + 1) * cells).fill(0);
  groups.forEach((own, g) => {
    own.forEach((each, m) => {
      const start = (g + 1) * cells + m * width * horizon;
      flattenMap(each, shape).forEach((weight, cell) => {
        table[start + cell] = weight;
      });
    });
  });
  const all = graph.constant("double", [(groups.length + 1) * maps.length, width, horizon], table);
  const first = graph.op("Mul", [slot, graph.constant("int64", [], [maps.length])]);
  const index = map === null ? first : graph.op("Add", [first, map]);
  const own = graph.op("Gather", [all, reshape(graph, index, [-1])]);
  return graph.op("Squeeze", [
    graph.op("MatMul", [unsqueeze(graph, value, 1), own]),
    graph.constant("int64", [1], [1]),
  ]);
}

/** int64 [N, 1]: 0 for a row without a group of the table, else 1 + its position among the groups. */
function slotOfRow(graph: GraphBuilder, codes: Value, { column, byCode }: GroupTable): Value {
  let groups = 0;
  const slots = Array.from(byCode, (own) => (own === undefined ? 0 : ++groups));
  const code = slice(graph, codes, column, column + 1);
  const isListed = graph.op("Less", [code, graph.constant("int64", [], [slots.length])]);
  const position = graph.op("Where", [isListed, code, graph.constant("int64", [], [-1])]);
  return graph.op("Gather", [
    graph.constant("int64", [slots.length + 1], [0, ...slots]),
    graph.op("Add", [position, graph.constant("int64", [], [1])]),
  ]);
}

/**
 * int64 [N, 1], position of the row's map. `minLength` falls, so the first map that fits comes after as many
 * maps as are too long for the row. A row without a number takes the last one; its output is NaN anyway.
 */
function mapOfRow(graph: GraphBuilder, maps: readonly LinearMap[], length: Value): Value {
  const minimum = graph.constant(
    "double",
    [1, maps.length],
    maps.map(({ minLength }) => minLength),
  );
  const tooLong = graph.op("Greater", [minimum, atLeastOne(graph, length)]);
  return graph.cast(rowSum(graph, graph.cast(tooLong, "double")), "int64");
}

import { ML } from "../../onnx/builder.js";
import {
  decodeForeignModel,
  ELEMENT,
  type ForeignAttribute,
  type ForeignGraph,
  type ForeignModel,
  type ForeignNode,
  type Graph,
  type Node,
  type ValueInfo,
} from "../../onnx/proto.js";
import { ML_OPSET, OPSET } from "../../onnx/versions.js";
import type { OfferedInput } from "./inputs.js";
import { rawTensor } from "./tensor.js";
import { UnusableGraph } from "./unusable.js";

/** The name of the only output. */
export const OUTPUT = "forecast";

/** `AttributeProto.AttributeType`: up to lists of texts. What follows are lists of graphs, sparse tensors and types. */
const LAST_ATTRIBUTE_TYPE = 8;

/**
 * The graph of a model, its constants in one form.
 * @throws UnusableGraph when it is no model, or one that needs what ours has not
 */
export function readGraph(bytes: Uint8Array): Graph {
  const model = decode(bytes);
  if (model.graph === undefined || model.graph.node.length === 0)
    throw new UnusableGraph("the file holds no graph");
  const graph = graphOf(model.graph);
  checkVersions(model, graph);
  return graph;
}

/** @throws UnusableGraph when its inputs are not among those that are offered, or its output is another */
export function checkBorders(graph: Graph, offered: readonly OfferedInput[], horizon: number): void {
  // An old file lists its constants among the inputs too.
  const constants = new Set(graph.initializer.map(({ name }) => name));
  const inputs = graph.input.filter(({ name }) => !constants.has(name));
  const list = offered.map(({ name }) => name).join(", ");
  for (const input of inputs) {
    const own = offered.find(({ name }) => name === input.name);
    if (own === undefined) throw new UnusableGraph(`the graph asks for ${input.name}; there are ${list}`);
    checkType(input, own.element, ["N", ...own.shape]);
  }
  const [output, ...others] = graph.output;
  if (output === undefined || others.length > 0 || output.name !== OUTPUT) {
    const found = graph.output.map(({ name }) => name).join(", ") || "none";
    throw new UnusableGraph(`one output ${OUTPUT} is expected, the graph has ${found}`);
  }
  checkType(output, "float", ["N", horizon]);
}

function decode(bytes: Uint8Array): ForeignModel {
  try {
    return decodeForeignModel(bytes);
  } catch (error) {
    throw new UnusableGraph(`the file is no ONNX model (${(error as Error).message})`);
  }
}

function graphOf(graph: ForeignGraph): Graph {
  return {
    name: graph.name ?? "",
    node: graph.node.map(nodeOf),
    initializer: graph.initializer.map(rawTensor),
    input: graph.input,
    output: graph.output,
  };
}

function nodeOf({ input, output, name, opType, attribute, domain }: ForeignNode): Node {
  const own = domain === undefined || domain === "ai.onnx" ? "" : domain;
  return {
    input,
    output,
    name: name ?? "",
    opType: opType ?? "",
    attribute: attribute.map((each) => attributeOf(each, opType ?? "")),
    ...(own === "" ? {} : { domain: own }),
  };
}

function attributeOf({ t, g, ...rest }: ForeignAttribute, opType: string): Node["attribute"][number] {
  const wide = [rest.i ?? 0, ...(rest.ints ?? [])].find((value) => !Number.isSafeInteger(value));
  if (rest.type > LAST_ATTRIBUTE_TYPE || wide !== undefined)
    throw new UnusableGraph(
      `the attribute ${rest.name} of ${opType} is of a kind that cannot be carried over`,
    );
  return {
    ...rest,
    ...(t === undefined ? {} : { t: rawTensor(t) }),
    ...(g === undefined ? {} : { g: graphOf(g) }),
  };
}

/**
 * Our graph has one version of each operator set. Operators changed between versions of ONNX's own set, so
 * that must be the same; those of the ML set only gained types, except for LabelEncoder.
 */
function checkVersions({ opsetImport }: ForeignModel, graph: Graph): void {
  const nodes = allNodes(graph);
  const versionOf = (domain: string): number =>
    opsetImport.find((set) => (set.domain === "ai.onnx" ? "" : (set.domain ?? "")) === domain)?.version ?? 1;
  for (const { domain = "", opType } of nodes) {
    if (domain !== "" && domain !== ML)
      throw new UnusableGraph(
        `${opType} is of the operator set ${domain}; ai.onnx ${OPSET} and ${ML} ${ML_OPSET} are expected`,
      );
    const version = versionOf(domain);
    if (domain === "" && version !== OPSET)
      throw new UnusableGraph(
        `${opType} is of version ${version} of the operator set ai.onnx; ${OPSET} is expected (onnx.version_converter.convert_version can often change it)`,
      );
    if (domain === ML && (version > ML_OPSET || (version < 2 && opType === "LabelEncoder")))
      throw new UnusableGraph(
        `${opType} is of version ${version} of the operator set ${ML}; ${ML_OPSET} is expected`,
      );
  }
}

const allNodes = (graph: Graph): Node[] =>
  graph.node.flatMap((node) => [
    node,
    ...node.attribute.flatMap(({ g }) => (g === undefined ? [] : allNodes(g))),
  ]);

/** What the graph leaves open fits; the number of rows must be open. */
function checkType(
  { name, type }: ValueInfo,
  element: "float" | "int64",
  shape: readonly ["N", ...number[]],
): void {
  const tensor = type?.tensorType;
  const said = `${name} is expected as ${element} [${shape.join(", ")}]`;
  if (tensor?.elemType !== ELEMENT[element])
    throw new UnusableGraph(`${said}, its element type in the graph is ${tensor?.elemType ?? "not set"}`);
  if (tensor.shape === undefined) return;
  const sizes = tensor.shape.dim.map((dim) => ("dimValue" in dim ? dim.dimValue : null));
  const fits =
    sizes.length === shape.length &&
    sizes[0] === null &&
    sizes.every((size, axis) => size === null || size === shape[axis]);
  if (!fits) {
    const found = sizes.map((size) => size ?? "any").join(", ");
    throw new UnusableGraph(`${said} for any number of rows N, the graph has [${found}]`);
  }
}

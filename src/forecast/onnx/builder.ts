import {
  type Attribute,
  type AttributeValue,
  attribute,
  ELEMENT,
  type Element,
  type Graph,
  type Node,
  type Tensor,
  type ValueInfo,
} from "./proto.js";

/** A value in the graph: the output of a node, an initializer or an input. */
export interface Value {
  readonly name: string;
}

type Constant = Exclude<Element, "bool">;

type Attributes = Readonly<Record<string, AttributeValue>>;

/** Domain of the tree ensembles. */
export const ML = "ai.onnx.ml";

/** Numbers names through a graph and the bodies inside it: a body sees the values around it. */
class Names {
  private count = 0;
  next(prefix: string): string {
    return `${prefix}_${this.count++}`;
  }
}

/** A dimension: a fixed size, or the name of a size that a caller chooses. */
export type Dimension = number | string;

/**
 * Collects nodes and constants in the order of the calls; names are numbered, so equal calls give equal
 * graphs.
 */
export class GraphBuilder {
  private readonly nodes: Node[] = [];
  private readonly initializers: Tensor[] = [];
  private readonly inputs: ValueInfo[] = [];
  private readonly outputs: ValueInfo[] = [];

  constructor(private readonly names = new Names()) {}

  input(name: string, element: Element, shape: readonly Dimension[]): Value {
    this.inputs.push(valueInfo(name, element, shape));
    return { name };
  }

  /** Declares `value` as the output `name`. */
  output(name: string, element: Element, shape: readonly Dimension[], value: Value): void {
    this.nodes.push({ input: [value.name], output: [name], name, opType: "Identity", attribute: [] });
    this.outputs.push(valueInfo(name, element, shape));
  }

  /** A constant tensor, row-major. `shape` [] is a scalar. */
  constant(element: Constant, shape: readonly number[], data: readonly number[]): Value {
    const name = this.names.next("c");
    this.initializers.push({
      dims: shape,
      dataType: ELEMENT[element],
      name,
      rawData: littleEndian(element, data),
    });
    return { name };
  }

  double(value: number): Value {
    return this.constant("double", [], [value]);
  }

  /** A node with one output. An input that is left out is null. */
  op(opType: string, inputs: readonly (Value | null)[], attributes: Attributes = {}, domain = ""): Value {
    return this.multi(opType, inputs, 1, attributes, domain)[0]!;
  }

  /** A node with `count` outputs. */
  multi(
    opType: string,
    inputs: readonly (Value | null)[],
    count: number,
    attributes: Attributes = {},
    domain = "",
  ): Value[] {
    const name = this.names.next(opType);
    const output = Array.from({ length: count }, (_, index) => (count === 1 ? name : `${name}_${index}`));
    this.nodes.push({
      input: inputs.map((value) => value?.name ?? ""),
      output,
      name,
      opType,
      attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
      ...(domain === "" ? {} : { domain }),
    });
    return output.map((value) => ({ name: value }));
  }

  /**
   * The body of a Scan or Loop, as the attribute `body`. It may use values of this graph; its inputs and outputs
   * are positional: `build` gets the inputs and returns the outputs.
   */
  body(
    inputs: readonly { readonly element: Element; readonly shape: readonly Dimension[] }[],
    build: (
      graph: GraphBuilder,
      inputs: readonly Value[],
    ) => readonly {
      readonly element: Element;
      readonly shape: readonly Dimension[];
      readonly value: Value;
    }[],
  ): Graph {
    const inner = new GraphBuilder(this.names);
    const values = inputs.map(({ element, shape }) => inner.input(this.names.next("in"), element, shape));
    const outputs = build(inner, values);
    for (const { element, shape, value } of outputs) {
      inner.output(this.names.next("out"), element, shape, value);
    }
    return inner.graph(this.names.next("body"));
  }

  /** Nodes and constants that were made elsewhere; their names must not clash with `names.next`. */
  append(nodes: readonly Node[], initializers: readonly Tensor[]): void {
    this.nodes.push(...nodes);
    this.initializers.push(...initializers);
  }

  cast(value: Value, to: Element): Value {
    return this.op("Cast", [value], { to: ELEMENT[to] });
  }

  /** Whether a node here or in a body is of this domain. */
  usesDomain(domain: string): boolean {
    return usesDomain(this.nodes, domain);
  }

  /** Without what none of its outputs needs: onnxruntime warns of such when it loads a graph. */
  graph(name: string): Graph {
    const needed = new Set(this.outputs.map((output) => output.name));
    const node = this.nodes
      .toReversed()
      .filter(({ input, output, attribute }) => {
        const isNeeded = output.some((made) => made !== "" && needed.has(made));
        if (isNeeded) for (const used of [...input, ...usedInside(attribute)]) needed.add(used);
        return isNeeded;
      })
      .reverse();
    return {
      name,
      node,
      initializer: this.initializers.filter((tensor) => needed.has(tensor.name)),
      input: this.inputs,
      output: this.outputs,
    };
  }
}

/** Values that the bodies among the attributes of a node use, of the graph around them too. */
const usedInside = (attributes: readonly Attribute[]): readonly string[] =>
  attributes.flatMap(({ g }) =>
    g === undefined ? [] : g.node.flatMap(({ input, attribute }) => [...input, ...usedInside(attribute)]),
  );

const usesDomain = (nodes: readonly Node[], domain: string): boolean =>
  nodes.some(
    (node) =>
      node.domain === domain || node.attribute.some(({ g }) => g !== undefined && usesDomain(g.node, domain)),
  );

function valueInfo(name: string, element: Element, shape: readonly Dimension[]): ValueInfo {
  const dim = shape.map((size) => (typeof size === "number" ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: ELEMENT[element], shape: { dim } } } };
}

function littleEndian(element: Constant, data: readonly number[]): Uint8Array {
  const width = element === "float" ? 4 : 8;
  const bytes = new Uint8Array(data.length * width);
  const view = new DataView(bytes.buffer);
  data.forEach((value, index) => {
    if (element === "double") view.setFloat64(index * 8, value, true);
    else if (element === "float") view.setFloat32(index * 4, value, true);
    else view.setBigInt64(index * 8, BigInt(value), true);
  });
  return bytes;
}

import {
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

type Attributes = Readonly<Record<string, number | readonly number[]>>;

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
    const name = `c${this.initializers.length}`;
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

  /** A node with one output. */
  op(opType: string, inputs: readonly Value[], attributes: Attributes = {}): Value {
    return this.multi(opType, inputs, 1, attributes)[0]!;
  }

  /** A node with `count` outputs. */
  multi(opType: string, inputs: readonly Value[], count: number, attributes: Attributes = {}): Value[] {
    const name = `${opType}_${this.nodes.length}`;
    const output = Array.from({ length: count }, (_, index) => (count === 1 ? name : `${name}_${index}`));
    this.nodes.push({
      input: inputs.map((value) => value.name),
      output,
      name,
      opType,
      attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    });
    return output.map((value) => ({ name: value }));
  }

  cast(value: Value, to: Element): Value {
    return this.op("Cast", [value], { to: ELEMENT[to] });
  }

  graph(name: string): Graph {
    return {
      name,
      node: this.nodes,
      initializer: this.initializers,
      input: this.inputs,
      output: this.outputs,
    };
  }
}

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

import type { Graph, Node, ValueInfo } from "../../onnx/proto.js";
import { UnusableGraph } from "./unusable.js";

/** The nodes and constants of a graph under new names. */
export interface RenamedGraph extends Pick<Graph, "node" | "initializer"> {
  /** The new name of a value of the graph. */
  readonly nameOf: (value: string) => string;
}

/**
 * Every value gets the prefix, in bodies too, but for the inputs, which become values of the graph around.
 * @param inputs old name → name of that value
 * @throws UnusableGraph when a node asks for a value that nothing defines before it
 */
export function renameGraph(graph: Graph, prefix: string, inputs: ReadonlyMap<string, string>): RenamedGraph {
  const scope = new Scope(prefix, new Map(inputs));
  const { node, initializer } = scope.rename(graph);
  return { node, initializer, nameOf: (value) => scope.resolve(value) };
}

class Scope {
  constructor(
    private readonly prefix: string,
    private readonly names: Map<string, string>,
    /** Nodes so far, in bodies too: most programs leave their names empty, and no two may have the same. */
    private readonly nodes = { count: 0 },
  ) {}

  rename({ node, initializer }: Graph): Pick<Graph, "node" | "initializer"> {
    const constants = initializer.map((tensor) => ({ ...tensor, name: this.define(tensor.name) }));
    return { initializer: constants, node: node.map((each) => this.renameNode(each)) };
  }

  resolve(name: string): string {
    // An input that is left out.
    if (name === "") return "";
    const known = this.names.get(name);
    if (known === undefined)
      throw new UnusableGraph(`a node asks for ${name}, which nothing defines before it`);
    return known;
  }

  private define(name: string): string {
    if (name === "") return "";
    const renamed = `${this.prefix}${name}`;
    this.names.set(name, renamed);
    return renamed;
  }

  private renameNode(node: Node): Node {
    const attribute = node.attribute.map((each) =>
      each.g === undefined ? each : { ...each, g: this.inner(each.g) },
    );
    const input = node.input.map((name) => this.resolve(name));
    const output = node.output.map((name) => this.define(name));
    return { ...node, name: `${this.prefix}${this.nodes.count++}`, input, output, attribute };
  }

  /** A body sees what was defined before it; what it defines stays inside. */
  private inner(body: Graph): Graph {
    const scope = new Scope(this.prefix, new Map(this.names), this.nodes);
    const named = (info: ValueInfo, name: string): ValueInfo => ({ ...info, name });
    const input = body.input.map((info) => named(info, scope.define(info.name)));
    const { node, initializer } = scope.rename(body);
    const output = body.output.map((info) => named(info, scope.resolve(info.name)));
    return { name: `${this.prefix}${body.name}`, input, output, node, initializer };
  }
}

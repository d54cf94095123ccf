import type { Element } from "../../onnx/proto.js";
import type { Shape } from "../../rows.js";

/** An input that a forecaster offers to a graph. */
export interface OfferedInput {
  readonly name: "history" | "period" | "static" | "known" | "observed";
  readonly element: Extract<Element, "float" | "int64">;
  /** After the rows. */
  readonly shape: readonly number[];
}

export interface Widths extends Pick<Shape, "context" | "horizon"> {
  /** S, 0 where the forecaster has no codes. */
  readonly codes: number;
  readonly known: number;
  readonly observed: number;
}

/** The inputs of the whole graph, in its order; those that it has not are not offered. */
export function offeredInputs({ context, horizon, codes, known, observed }: Widths): OfferedInput[] {
  const inputs: OfferedInput[] = [
    { name: "history", element: "float", shape: [context] },
    { name: "period", element: "int64", shape: [] },
    { name: "static", element: "float", shape: [codes] },
    { name: "known", element: "float", shape: [horizon, known] },
    { name: "observed", element: "float", shape: [observed] },
  ];
  return inputs.filter(({ shape }) => !shape.includes(0));
}

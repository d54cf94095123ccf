import { z } from "zod";

/**
 * A graph that another program trained. Its inputs are some of `history` float [N, C], `period` int64 [N],
 * `static` float [N, S], `known` float [N, H, K] and `observed` float [N, O]; its output is `forecast` float
 * [N, H]. A row without a number forecasts 0, whatever the graph says of it.
 */
export const OnnxExpert = z.object({
  kind: z.literal("onnx"),
  /** Prefix of its names in the whole graph: unique among the experts. */
  id: z.string(),
  /** The model, base64. */
  graph: z.string(),
  /** How many codes each of the S columns of `static` has; anything else reaches the graph as −1. Empty without that input. */
  levels: z.array(z.number().int().nonnegative()),
});
export type OnnxExpert = z.infer<typeof OnnxExpert>;

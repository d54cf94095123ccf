import { z } from "zod";

/**
 * Boosted regression trees: value = base + Σ over trees of the leaf's value, exp of that where the link is log.
 * A row goes left at a node where x[feature] ≤ threshold, and where x is NaN and `missingLeft` says so. Inputs
 * are float32 and thresholds lie strictly between two values of the training data, so that a last-bit
 * difference of a feature does not change the leaf. Arrays run over the nodes, root first; a leaf has
 * feature −1.
 */
export const Tree = z.object({
  feature: z.array(z.number().int()),
  threshold: z.array(z.number()),
  missingLeft: z.array(z.boolean()),
  left: z.array(z.number().int()),
  right: z.array(z.number().int()),
  /** Of a leaf, with the learning rate in it. */
  value: z.array(z.number()),
  /** Of a split: by how much it lowers the loss of its rows in training; 0 at a leaf. */
  gain: z.array(z.number()),
});
export type Tree = z.infer<typeof Tree>;

export const TreeEnsemble = z.object({
  /** Columns of the input. */
  features: z.number().int().positive(),
  base: z.number(),
  link: z.enum(["identity", "log"]),
  trees: z.array(Tree),
});
export type TreeEnsemble = z.infer<typeof TreeEnsemble>;

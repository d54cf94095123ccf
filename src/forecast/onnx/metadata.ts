import { z } from "zod";

/**
 * What a caller must know of a graph to feed it and to read its answer; kept in the graph itself as
 * `metadata_props`.
 */
export const GraphMetadata = z.object({
  frequency: z.enum(["month", "quarter"]),
  season: z.coerce.number().int().positive(),
  /** H: periods ahead. */
  horizon: z.coerce.number().int().positive(),
  /** C: periods of history a row. */
  context: z.coerce.number().int().positive(),
  /** How many segment codes column 0 of the input `static`, where there is one, knows. */
  segments: z.coerce.number().int().positive(),
  /** Its other columns: labels in the order of their codes. */
  attributes: z.array(z.object({ name: z.string(), levels: z.array(z.string()) })).default([]),
  /** Columns of the inputs `known` and `observed`. */
  known: z.array(z.string()).default([]),
  observed: z.array(z.string()).default([]),
  /** Of the last axis of `quantiles`, rising. */
  quantileProbabilities: z.array(z.number()),
});
export type GraphMetadata = z.infer<typeof GraphMetadata>;

interface Property {
  readonly key: string;
  readonly value: string;
}

const PREFIX = "retrain.";
const LISTS: ReadonlySet<string> = new Set(["attributes", "known", "observed", "quantileProbabilities"]);

export function writeMetadata(metadata: GraphMetadata): Property[] {
  return Object.entries(metadata)
    .map(([key, value]) => ({
      key: PREFIX + key,
      value: typeof value === "string" ? value : JSON.stringify(value),
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** @throws Error when a property is absent or not what `writeMetadata` writes */
export function readMetadata(properties: readonly Property[]): GraphMetadata {
  const values = Object.fromEntries(
    properties
      .filter(({ key }) => key.startsWith(PREFIX))
      .map(({ key, value }) => [
        key.slice(PREFIX.length),
        LISTS.has(key.slice(PREFIX.length)) ? JSON.parse(value) : value,
      ]),
  );
  return GraphMetadata.parse(values);
}

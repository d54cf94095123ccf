import type { Errors } from "../../../../src/forecast/reconcile/errors.js";
import { encodeAttribute } from "../../../../src/panel/artifact.js";
import type { Panel } from "../../../../src/panel/panel.js";

/** The panel with an attribute, one label a series, null where it has none. */
export const withAttribute = (panel: Panel, name: string, labels: readonly (string | null)[]): Panel => ({
  ...panel,
  attributes: [...panel.attributes, encodeAttribute(name, labels)],
});

export const groupsOf = (members: readonly (readonly number[])[]) =>
  members.map((own) => ({ members: Int32Array.from(own) }));

/** Errors without a covariance. */
export const independent = (deviation: readonly number[]): Errors => ({
  shrinkage: 1,
  rows: 0,
  deviation: Float64Array.from(deviation),
  scaled: new Float64Array(0),
});

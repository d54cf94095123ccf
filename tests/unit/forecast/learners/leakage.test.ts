import { expect, test } from "vitest";
import { centredRidge } from "../../../../src/forecast/learners/centred-ridge.js";
import { pooledRidge } from "../../../../src/forecast/learners/pooled-ridge.js";
import { trainingView } from "../../../../src/forecast/training-view.js";
import type { Panel } from "../../../../src/panel/panel.js";
import { panelOf } from "../../../support/panels.js";
import { uniform } from "./support.js";

const START = 2010 * 12;
const ORIGIN = START + 79;

/** 30 series with features; `spike` is added to everything in one period. */
function panelWith(spike: { readonly period: number; readonly size: number }): Panel {
  const random = uniform(11);
  const panel = panelOf(
    Array.from({ length: 30 }, (_, s) => ({
      id: `s${s + 10}`,
      start: START,
      values: Array.from({ length: 100 }, (_, t) => 20 + s + 5 * ((t + s) % 12) + 3 * random()),
    })),
  );
  const feature = panel.target.map(() => random());
  const touched = (values: Float64Array) =>
    values.map((value, row) => (panel.period[row] === spike.period ? value + spike.size : value));
  return {
    ...panel,
    target: touched(panel.target.map((value, row) => value + 4 * feature[row]!)),
    attributes: [
      { name: "region", levels: ["n", "s"], codes: Int32Array.from(panel.series, (_, s) => s % 2) },
    ],
    known: { holidays: touched(feature) },
    observed: { price: touched(feature.map((value) => 1 - value)) },
  };
}

const trained = (make: typeof pooledRidge | typeof centredRidge, panel: Panel) => {
  const segments = { ids: ["all"], codes: new Int32Array(panel.series.length) };
  return make().fit(trainingView({ panel, horizon: 12, context: 96, segments }, ORIGIN));
};

test.each([
  { name: "pooled-ridge", make: pooledRidge },
  { name: "centred-ridge", make: centredRidge },
])("$name: a spike after the origin changes nothing, one at the origin does", ({ make }) => {
  const plain = trained(make, panelWith({ period: ORIGIN + 1, size: 0 }));
  expect(plain.kind === "linear" && plain.groups.length === 2 && plain.known.length === 1).toBe(true);
  expect(trained(make, panelWith({ period: ORIGIN + 1, size: 1e6 }))).toEqual(plain);
  expect(trained(make, panelWith({ period: ORIGIN, size: 1e6 }))).not.toEqual(plain);
});

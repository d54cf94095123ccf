import { expect, test } from "vitest";
import { applyPoint, changesOf, type TunedParams } from "../../../../src/forecast/tune/parameters.js";

const four: TunedParams = { ensemble: "four" };

test("an option of a learner writes out the list that the ensemble is made of", () => {
  expect(applyPoint(four, { "learners.pooled-ridge.lambda": 1e-4 }).learners).toEqual([
    "ets-bank",
    "theta",
    { use: "pooled-ridge", lambda: 1e-4 },
    "centred-ridge",
  ]);
});

test("an option joins the ones that a learner has", () => {
  const own: TunedParams = { ensemble: "single", learners: ["theta", { use: "pooled-ridge", lags: 13 }] };
  expect(applyPoint(own, { "learners.pooled-ridge.lambda": 1e-4 }).learners).toEqual([
    "theta",
    { use: "pooled-ridge", lags: 13, lambda: 1e-4 },
  ]);
});

test("an option of a learner that the trial has not changes nothing", () => {
  const point = { "learners.boosted-trees.leaves": 15 };
  expect(applyPoint(four, point)).toEqual(four);
  expect(changesOf(four, point)).toEqual({});
  expect(changesOf(four, { ensemble: "full", ...point })).toEqual({ ensemble: "full", ...point });
});

test("what the runbook has already is no change", () => {
  const own: TunedParams = { ensemble: "single", learners: [{ use: "pooled-ridge", lambda: 1e-4 }] };
  expect(
    changesOf(own, {
      ensemble: "single",
      "learners.pooled-ridge.lambda": 1e-4,
      "learners.pooled-ridge.lags": 13,
    }),
  ).toEqual({ "learners.pooled-ridge.lags": 13 });
});

test("an option of a program joins what it is passed; one of the same name that is ours stays as it is", () => {
  const program = { id: "mine", command: ["mine"], cwd: ".", files: [], env: {}, options: { trees: 9 } };
  const own: TunedParams = { ensemble: "single", learners: ["theta", program] };
  expect(applyPoint(own, { "learners.mine.options.a.b": true }).learners).toEqual([
    "theta",
    { ...program, options: { trees: 9, "a.b": true } },
  ]);
  const point = {
    "learners.mine.options.trees": 9,
    "learners.theta.options.trees": 1,
    "learners.mine.trees": 1,
  };
  expect(changesOf(own, point)).toEqual({});
});

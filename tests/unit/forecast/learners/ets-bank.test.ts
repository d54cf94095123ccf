import { expect, test } from "vitest";
import { EtsBankExpert } from "../../../../src/forecast/experts/ets-bank/model.js";
import { etsBank } from "../../../../src/forecast/learners/ets-bank.js";
import type { TrainingView } from "../../../../src/forecast/training-view.js";

const nothing: TrainingView = {
  season: 12,
  horizon: 6,
  context: 96,
  origin: 0,
  nonNegative: true,
  series: [],
  start: new Int32Array(0),
  codes: new Int32Array(0),
  levels: [0],
  known: [],
  observed: [],
};

test("has the published grid", () => {
  const expert = etsBank().fit(nothing);
  expect(EtsBankExpert.parse(expert)).toEqual({
    kind: "ets-bank",
    id: "ets-bank",
    alpha: [0.05, 0.15, 0.3, 0.5, 0.8],
    beta: [0.05, 0.2],
    gamma: [0.02, 0.15, 0.3],
    phi: [0.85, 0.95],
    temper: 0.15,
  });
  expect(etsBank().lags(12)).toBe(36);
});

test("names the settings that are not the defaults", () => {
  const learner = etsBank({ alpha: [0.1, 0.2], temper: 0.5 });
  expect(learner.id).toBe("ets-bank(alpha=0.1/0.2,temper=0.5)");
  expect(learner.fit(nothing)).toMatchObject({
    id: learner.id,
    alpha: [0.1, 0.2],
    phi: [0.85, 0.95],
    temper: 0.5,
  });
});

test("speaks of a season only where there is one", () => {
  expect(etsBank().describe(12)).toContain("season");
  expect(etsBank().describe(1)).not.toContain("season");
});

import { describe, expect, test } from "vitest";
import { chooseCombination } from "../../../../src/forecast/combine/choose.js";
import type { Evidence } from "../../../../src/forecast/combine/evidence.js";
import { droppedMembers } from "../../../../src/forecast/combine/guard.js";
import { learnFour } from "../../../../src/forecast/combine/learn-four.js";
import { nestedForecasts } from "../../../../src/forecast/combine/nested.js";
import { scoreForecasts } from "../../../../src/forecast/combine/scores.js";
import { openForecaster } from "../../../../src/forecast/forecaster/session.js";
import { forecastRows } from "../../../../src/forecast/interpret.js";
import { learnerId } from "../../../../src/forecast/learners/index.js";
import { emitOnnx } from "../../../../src/forecast/onnx/emit.js";
import { panelBatch } from "../../../../src/forecast/panel-batch.js";
import { crossValidateRecipe } from "../../../../src/forecast/recipe.js";
import { trainForecaster } from "../../../../src/forecast/train.js";
import type { EnsembleMethod } from "../../../../src/forecast/training-plan.js";
import { TrainingReport } from "../../../../src/kit/artifacts/training.js";
import type { Panel } from "../../../../src/panel/panel.js";
import { INTERMITTENT } from "../../../support/intermittent.js";
import { oneSegment, smallPanel } from "../../../support/small-panels.js";
import { quietControl, trainOptions } from "../../../support/training.js";
import { type Cell, evidenceOf, type World } from "./support.js";

const actual = ({ noise }: Cell) => 1 + 0.2 * noise;
const good = ({ noise }: Cell) => 1 + 0.1 * noise;
const ALL = [0, 1, 2, 3];
const world = (odd: (cell: Cell) => number, more: Partial<World> = {}): Evidence =>
  evidenceOf({ actual, experts: [good, good, good, odd], ...more });
const why = (evidence: Evidence, members = ALL) =>
  droppedMembers(evidence, members).map((one) => [one.expert, one.why]);

describe("members that CV shows to do harm", () => {
  test.each([
    { name: "a bias of +79%", odd: () => 1.79 },
    { name: "a bias of −80%", odd: () => 0.2 },
    { name: "a bias of −100%", odd: () => 0 },
    { name: "twice the naive's error", odd: ({ noise }: Cell) => 1 + 0.9 * noise },
  ])("$name loses its weight, the others share it", ({ odd }) => {
    const evidence = world(odd);
    expect(why(evidence).map(([expert]) => expert)).toEqual([3]);
    const { combination, dropped } = chooseCombination(evidence, "four", {
      members: ALL,
      minSegmentSeries: 5,
    });
    expect(combination).toMatchObject({ method: "four", residual: null });
    expect(combination.weights).toEqual(new Array(2).fill([1 / 3, 1 / 3, 1 / 3, 0]));
    expect(dropped).toEqual(droppedMembers(evidence, ALL));
  });

  test("is told apart: worse than the naive, and biased where the error is the least of all", () => {
    expect(why(world(({ noise }) => 1 + 0.9 * noise))).toEqual([[3, "worse-than-naive"]]);
    // Mostly zeros: nothing at all has the least absolute error.
    const sparse = ({ noise }: Cell) => (noise > 0.6 ? 5 : 0);
    const level = ({ noise }: Cell) => 1 + 0.1 * noise;
    const evidence = evidenceOf({ actual: sparse, experts: [level, level, level, () => 0.05] });
    const harsh = {
      ...evidence,
      folds: evidence.folds.map((fold) => ({ ...fold, naive: fold.forecasts[0]! })),
    };
    expect(why(harsh)).toEqual([[3, "biased"]]);
  });

  test.each([
    { name: "equally good ones", evidence: world(good) },
    { name: "a bias of 10%", evidence: world(() => 1.1) },
    { name: "a bias that all have", evidence: evidenceOf({ actual, experts: ALL.map(() => () => 1.8) }) },
    { name: "one fold", evidence: world(() => 1.79, { folds: 1 }) },
    { name: "no fold", evidence: { ...world(good), folds: [] } },
    {
      name: "a little worse than the naive by chance",
      evidence: world(({ noise, fold }) => 1 + (fold % 2 ? 0.55 : 0.15) * noise),
    },
  ])("$name: nobody", ({ evidence, name }) => {
    // Where all are worse than the naive the plain mean stays.
    expect(why(evidence), name).toEqual([]);
  });

  test("one member always stays, and of two odd ones both go", () => {
    expect(
      why(
        world(() => 1.79),
        [3],
      ),
    ).toEqual([]);
    const two = evidenceOf({ actual, experts: [good, good, () => 1.9, () => 0.1] });
    expect(
      why(two)
        .map(([expert]) => expert)
        .sort(),
    ).toEqual([2, 3]);
  });

  test("one series that breaks a member is enough where it does in every fold", () => {
    const breaks = ({ series, noise }: Cell) => (series === 7 ? 1e7 : 1 + 0.1 * noise);
    expect(why(world(breaks))).toEqual([[3, "worse-than-naive"]]);
    const once = ({ series, fold, noise }: Cell) => (series === 7 && fold === 1 ? 1e7 : 1 + 0.1 * noise);
    expect(why(world(once)).filter(([, reason]) => reason === "worse-than-naive")).toEqual([]);
  });

  test("a fold's weights know nothing of what comes after its origin", () => {
    // Good until the last fold: what drops it there must not reach the folds before.
    const late = world(({ fold, noise }) => (fold < 3 ? 1 + 0.1 * noise : 9));
    const four = (evidence: Evidence) =>
      chooseCombination(evidence, "four", { members: ALL, minSegmentSeries: 5 }).nestedCombinations;
    const early = { ...late, folds: late.folds.slice(0, 3) };
    expect(four(late).slice(0, 3)).toEqual(four(early));
    const odd = four(world(() => 1.79));
    const shares = odd.map(({ weights }) => weights[0]![3]);
    // The first has nothing to go by, the second one fold, which is no measure of noise.
    expect(shares).toEqual([0.25, 0.25, 0, 0]);
  });
});

const control = quietControl();
const options = (ensemble: EnsembleMethod) => trainOptions({ ensemble, learners: null, levels: [0.8] });
const train = (panel: Panel, ensemble: EnsembleMethod) =>
  trainForecaster(panel, panel.lastPeriod, oneSegment(panel), options(ensemble), control);

describe("panels of demand that mostly is not there", () => {
  test("95% zeros: the member with −78% goes, and with it most of the bias", async () => {
    const panel = INTERMITTENT.zeros95();
    const validated = await crossValidateRecipe(
      panel,
      panel.lastPeriod,
      oneSegment(panel),
      options("four"),
      control,
    );
    const { evidence, candidates, chosen } = validated;
    expect(chosen.dropped.map(({ expert }) => learnerId(candidates[expert]!))).toEqual(["pooled-ridge"]);
    const plain = (given: Evidence) => learnFour(given, ALL);
    const before = nestedForecasts(evidence, plain, plain).forecasts;
    // The last fold is the one that had two to go by.
    const last = evidence.folds.slice(-1);
    const biasOf = (forecasts: readonly Float64Array[]) => scoreForecasts(last, forecasts.slice(-1)).bias!;
    expect(Math.abs(biasOf(chosen.nested))).toBeLessThan(Math.abs(biasOf(before)));
  });

  test.each(["counts79", "heavy79", "lumpy", "zeros95"] as const)(
    "%s: auto takes nothing that forecasts next to nothing",
    async (name) => {
      const { report } = await train(INTERMITTENT[name](), "auto");
      const { method, margins, why: reason } = report.ensemble;
      expect(method).not.toBe("single");
      expect(margins!.find((one) => one.method === "single")!.grossBias).toBeLessThan(-0.8);
      expect(reason).toContain("single has a bias of -");
      expect(Math.abs(report.cv.bias!)).toBeLessThan(0.4);
      TrainingReport.parse(JSON.parse(JSON.stringify(report)));
    },
    60_000,
  );

  test("small counts, and series with a plain season: nobody goes, and equal weights stay", async () => {
    for (const panel of [INTERMITTENT.smallCounts(), smallPanel(20, 72)]) {
      const { report, model } = await train(panel, "auto");
      expect(report.ensemble.dropped).toBeUndefined();
      expect(report.ensemble.method).toBe("four");
      expect(report.ensemble.margins!.map(({ isSure }) => isSure)).toEqual([false, false]);
      expect(model.experts).toHaveLength(4);
    }
  }, 60_000);

  test("the graph has the same weights, without those that went", async () => {
    const panel = INTERMITTENT.oneHuge();
    const { model, report } = await train(panel, "four");
    expect(report.ensemble.dropped!.length).toBeGreaterThan(0);
    expect(model.experts).toHaveLength(4 - report.ensemble.dropped!.length);
    const batch = panelBatch(panel, panel.lastPeriod, model, new Int32Array(panel.series.length));
    const { forecast } = await forecastRows(model, batch);
    const forecaster = await openForecaster(emitOnnx(model, "test"));
    try {
      const answer = await forecaster.run(batch);
      answer.forecast.forEach((value, cell) => {
        expect(value / Math.max(1, forecast[cell]!)).toBeCloseTo(
          forecast[cell]! / Math.max(1, forecast[cell]!),
          4,
        );
      });
    } finally {
      await forecaster.close();
    }
    expect((await train(panel, "four")).model).toEqual(model);
  });
});

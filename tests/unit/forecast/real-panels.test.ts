import { describe, expect, test } from "vitest";
import {
  alignEnds,
  cvScores,
  LARGE_MONTHLY,
  type PublicPanel,
  REGION_QUARTERLY,
  readPublicPanel,
  TOURISM_MONTHLY,
  testWindowScores,
} from "../../../bench/forecast-panels.js";
import { panelOf, realPanels } from "../../support/panels.js";

if (realPanels === null) {
  process.stderr.write(
    "SKIPPED real-panels.test.ts: RETRAIN_PANELS does not name a folder with the public panels\n",
  );
}

test("alignEnds moves every series to the last period and changes nothing else", () => {
  const panel = panelOf([
    { id: "a", start: 10, values: [1, Number.NaN, 3] },
    { id: "b", start: 20, values: [4, 5] },
  ]);
  const aligned = alignEnds(panel);
  expect([...aligned.period]).toEqual([19, 21, 20, 21]);
  expect(aligned.target).toEqual(panel.target);
});

describe.skipIf(realPanels === null)("public panels (RETRAIN_PANELS)", () => {
  // The seasonal naive figures are published with the panels, so they check folds, metrics and MASE scale
  // alone.
  test.each([
    { source: LARGE_MONTHLY, naive: [0.4358, 1.0997], ridge: [0.372, 0.9048], pairs: 304 * 48 },
    { source: REGION_QUARTERLY, naive: [0.2032, 1.1297], ridge: [0.1816, 0.971], pairs: 304 * 16 },
  ])("$source.name: CV agrees with other implementations", async ({ source, naive, ridge, pairs }) => {
    const panel = await readPublicPanel(realPanels!, source);
    const [naiveScore, ridgeScore] = await cvScores(panel, panel.lastPeriod, source);
    expect(naiveScore!.n).toBe(pairs);
    expect(Math.abs(naiveScore!.wmape! - naive[0]!)).toBeLessThan(0.001);
    expect(naiveScore!.mase!).toBeCloseTo(naive[1]!, 3);
    expect(Math.abs(ridgeScore!.wmape! - ridge[0]!)).toBeLessThan(0.002);
    expect(Math.abs(ridgeScore!.mase! - ridge[1]!)).toBeLessThan(0.002);
    expect(ridgeScore!.wmape!).toBeLessThan(naiveScore!.wmape!);
  });

  test("tourism_monthly: beats the published pooled regression on its test window, naive in CV", async () => {
    const aligned = alignEnds(await readPublicPanel(realPanels!, TOURISM_MONTHLY));
    const [naive, ridge] = await testWindowScores(aligned, 24);
    expect(naive!.n).toBe(366 * 24);
    expect(naive!.mase!).toBeCloseTo(1.6309, 3);
    expect(naive!.wmape!).toBeCloseTo(0.1042, 3);
    expect(ridge!.mase!).toBeLessThan(1.5);
    expect(ridge!.wmape!).toBeLessThan(0.1);
    const source: PublicPanel = TOURISM_MONTHLY;
    const [naiveCv, ridgeCv] = await cvScores(aligned, aligned.lastPeriod - 24, source);
    expect(ridgeCv!.wmape!).toBeLessThan(naiveCv!.wmape!);
    const unaligned = await readPublicPanel(realPanels!, TOURISM_MONTHLY);
    const [naiveLive, ridgeLive] = await cvScores(unaligned, unaligned.lastPeriod, source);
    expect(ridgeLive!.wmape!).toBeLessThan(naiveLive!.wmape!);
  });
});

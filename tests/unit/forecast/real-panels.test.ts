import { describe, expect, test } from "vitest";
import {
  defaultOptions,
  LARGE_MONTHLY,
  type PublicPanel,
  REGION_QUARTERLY,
  readPublicPanel,
  TOURISM_MONTHLY,
  testScores,
} from "../../../bench/forecast-panels.js";
import { inlineExecutor } from "../../../src/forecast/inline-executor.js";
import { realPanels } from "../../support/panels.js";

if (realPanels === null) {
  process.stderr.write(
    "SKIPPED real-panels.test.ts: RETRAIN_PANELS does not name a folder with the public panels\n",
  );
}

interface Figures {
  readonly source: PublicPanel;
  readonly pairs: number;
  /** WMAPE and MASE. */
  readonly naive: readonly [number, number];
  readonly four: readonly [number, number];
}

const FIGURES: readonly Figures[] = [
  { source: LARGE_MONTHLY, pairs: 304 * 48, naive: [0.4358, 1.0997], four: [0.345, 0.88] },
  { source: REGION_QUARTERLY, pairs: 304 * 16, naive: [0.2032, 1.1297], four: [0.172, 0.94] },
  { source: TOURISM_MONTHLY, pairs: 366 * 24, naive: [0.1042, 1.6309], four: [0.092, 1.4] },
];

describe.skipIf(realPanels === null)("public panels (RETRAIN_PANELS)", () => {
  // The seasonal naive's figures are published with the panels, so they check windows, metrics and MASE scale alone.
  test.each(FIGURES)(
    "$source.name: the seasonal naive scores what is published",
    async (figures) => {
      const { source, naive, pairs } = figures;
      const panel = await readPublicPanel(realPanels!, source);
      const { n, wmape, mase } = await testScores(
        panel,
        source,
        {
          ...defaultOptions(source.horizon, "single"),
          learners: ["seasonal-naive"],
          folds: 1,
        },
        inlineExecutor,
      );
      expect(n).toBe(pairs);
      expect(Math.abs(wmape! - naive[0])).toBeLessThan(0.001);
      expect(mase!).toBeCloseTo(naive[1], 3);
    },
    60_000,
  );

  test.each(FIGURES)(
    "$source.name: the default keeps what it reaches on the test windows",
    async (figures) => {
      const { source, four } = figures;
      const panel = await readPublicPanel(realPanels!, source);
      const { wmape, mase } = await testScores(
        panel,
        source,
        {
          ...defaultOptions(source.horizon, "four"),
          folds: 1,
        },
        inlineExecutor,
      );
      expect(wmape!).toBeLessThanOrEqual(four[0]);
      expect(mase!).toBeLessThanOrEqual(four[1]);
    },
    300_000,
  );
});

/**
 * Coverage and weighted quantile loss of the intervals on the test windows of public panels. Each window is calibrated on the rows
 * before it alone.
 * `RETRAIN_PANELS=FOLDER npm run bench:coverage`
 */
import { forecastQuantiles, forecastRows } from "../src/forecast/interpret.js";
import { quantileProbabilities } from "../src/forecast/model.js";
import { panelBatch } from "../src/forecast/panel-batch.js";
import { encodeSegments } from "../src/forecast/segment-codes.js";
import { trainForecaster } from "../src/forecast/train.js";
import { workerExecutor } from "../src/forecast/worker-executor.js";
import { type Panel, targetWindow } from "../src/panel/panel.js";
import { WeightedQuantileLoss } from "../src/stats/quantile-loss.js";
import { defaultOptions, PUBLIC_PANELS, type PublicPanel, readPublicPanel } from "./forecast-panels.js";

const TOLERANCE = 0.04;
const LEVELS = [0.8, 0.95];

interface Coverage {
  readonly inside: readonly number[];
  readonly pairs: number;
  readonly wql: number | null;
}

const folder = process.env.RETRAIN_PANELS;
if (folder === undefined) {
  process.stderr.write("set RETRAIN_PANELS to the folder with the public panels\n");
  process.exit(2);
}
const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
process.stdout.write(
  line(["panel", "test windows", ...LEVELS.map(percent), "WQL", "pairs", "within 4 points"]),
);
process.stdout.write(line(["---", "---", ...LEVELS.map(() => "---"), "---", "---", "---"]));
for (const source of PUBLIC_PANELS) {
  const { inside, pairs, wql } = await testCoverage(await readPublicPanel(folder, source), source);
  const shares = inside.map((count) => count / pairs);
  const met = shares.every((share, l) => Math.abs(share - LEVELS[l]!) <= TOLERANCE);
  if (!met) process.exitCode = 1;
  process.stdout.write(
    line([
      source.name,
      `${source.windows} × ${source.horizon}`,
      ...shares.map(percent),
      wql!.toFixed(4),
      String(pairs),
      met ? "met" : "MISSED",
    ]),
  );
}

async function testCoverage(panel: Panel, source: PublicPanel): Promise<Coverage> {
  const { horizon } = source;
  const segments = encodeSegments(panel.series, null);
  const wql = new WeightedQuantileLoss();
  const inside = LEVELS.map(() => 0);
  let pairs = 0;
  for (let window = source.windows; window >= 1; window--) {
    const origin = panel.lastPeriod - window * horizon;
    const options = { ...defaultOptions(horizon, "four"), levels: LEVELS };
    const { model } = await trainForecaster(panel, origin, segments, options, {
      executor: workerExecutor(),
      signal: new AbortController().signal,
      onFold: () => {},
    });
    const forecasts = await forecastRows(model, panelBatch(panel, origin, model, segments.codes));
    const bounds = forecastQuantiles(model, forecasts, segments.codes);
    const probabilities = quantileProbabilities(model.conformal.levels);
    targetWindow(panel, origin + horizon, horizon).forEach((actual, cell) => {
      if (Number.isNaN(actual) || Number.isNaN(forecasts.forecast[cell]!)) return;
      pairs++;
      const own = bounds.subarray(cell * probabilities.length, (cell + 1) * probabilities.length);
      probabilities.forEach((probability, q) => {
        wql.add(probability, actual, own[q]!);
      });
      LEVELS.forEach((_, l) => {
        if (own[LEVELS.length - 1 - l]! <= actual && actual <= own[LEVELS.length + l]!) inside[l]!++;
      });
    });
  }
  return { inside, pairs, wql: wql.result() };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

/**
 * Accuracy on public panels, with everything chosen by cross-validation on the rows before each test window.
 * `RETRAIN_PANELS=FOLDER npm run bench:accuracy -- four full auto`
 */
import type { EnsembleMethod } from "../src/forecast/training-plan.js";
import { cachedExecutor } from "../src/forecast/tune/cached-executor.js";
import { workerExecutor } from "../src/forecast/worker-executor.js";
import {
  defaultOptions,
  LARGE_MONTHLY,
  PUBLIC_PANELS,
  type PublicPanel,
  REGION_QUARTERLY,
  readPublicPanel,
  TOURISM_MONTHLY,
  testScores,
} from "./forecast-panels.js";

interface Target {
  readonly source: PublicPanel;
  readonly ensemble: EnsembleMethod;
  readonly wmape: number;
  readonly mase?: number;
}

const TARGETS: readonly Target[] = [
  { source: TOURISM_MONTHLY, ensemble: "four", wmape: 0.092, mase: 1.4 },
  { source: REGION_QUARTERLY, ensemble: "four", wmape: 0.172 },
  { source: LARGE_MONTHLY, ensemble: "four", wmape: 0.345 },
  { source: LARGE_MONTHLY, ensemble: "full", wmape: 0.335 },
];

const folder = process.env.RETRAIN_PANELS;
if (folder === undefined) {
  process.stderr.write("set RETRAIN_PANELS to the folder with the public panels\n");
  process.exit(2);
}

const only = process.argv.slice(2);
const line = (cells: readonly string[]) => process.stdout.write(`| ${cells.join(" | ")} |\n`);
const head = [
  "panel",
  "test windows",
  "ensemble",
  "WMAPE",
  "MASE",
  "pairs",
  "seconds",
  "CPU seconds",
  "target",
];
line(head);
line(head.map(() => "---"));
for (const source of PUBLIC_PANELS) {
  const panel = await readPublicPanel(folder, source);
  // `auto` compares what `full` is made of, in the same folds.
  const remembering = cachedExecutor(workerExecutor());
  for (const ensemble of ["four", "full", "auto"] as const) {
    if (only.length > 0 && !only.includes(ensemble)) continue;
    const started = performance.now();
    const before = process.cpuUsage();
    const executor = ensemble === "four" ? workerExecutor() : remembering;
    const score = await testScores(panel, source, defaultOptions(source.horizon, ensemble), executor);
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(before);
    const target = TARGETS.find((one) => one.source === source && one.ensemble === ensemble);
    line([
      source.name,
      `${source.windows} × ${source.horizon}`,
      ensemble,
      score.wmape!.toFixed(4),
      score.mase!.toFixed(3),
      String(score.n),
      seconds.toFixed(1),
      ((user + system) / 1e6).toFixed(1),
      target === undefined ? "" : verdict(target, score.wmape!, score.mase!),
    ]);
  }
}

function verdict(target: Target, wmape: number, mase: number): string {
  const limits = `WMAPE ≤ ${target.wmape}${target.mase === undefined ? "" : `, MASE ≤ ${target.mase}`}`;
  const met = wmape <= target.wmape && (target.mase === undefined || mase <= target.mase);
  if (!met) process.exitCode = 1;
  return `${limits}: ${met ? "met" : "MISSED"}`;
}

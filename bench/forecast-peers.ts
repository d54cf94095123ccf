/**
 * Our ensembles beside mlforecast with LightGBM and statsforecast's AutoETS and AutoTheta: the same panels, test windows, folds and horizon, in turn.
 * `RETRAIN_PANELS=FOLDER BENCH_PYTHON=python3 npm run bench:peers [-- PEER…]`; that Python needs bench/peers/forecast/requirements.txt.
 */
import { join } from "node:path";
import { execa } from "execa";
import { periodOfDay, periodStart, seasonLength } from "../src/calendar/period.js";
import { maseScales } from "../src/forecast/cv.js";
import { encodeSegments } from "../src/forecast/segment-codes.js";
import type { Panel } from "../src/panel/panel.js";
import { writeParquet } from "../src/panel/table.js";
import { PairScores, type ScoreResult } from "../src/stats/metrics.js";
import {
  defaultOptions,
  PUBLIC_PANELS,
  type PublicPanel,
  readPublicPanel,
  testScores,
} from "./forecast-panels.js";
import { MACHINE, ROOT, withFolder } from "./support.js";

const PEERS = ["lightgbm", "auto-ets", "auto-theta"] as const;
const PEER = join(ROOT, "bench", "peers", "forecast", "peer.py");
/** Only the last window: a statistical library takes minutes for one. */
const WINDOWS = 1;

interface PeerAnswer {
  readonly seconds: number;
  readonly windows: readonly {
    readonly series: readonly string[];
    readonly ds: readonly string[];
    readonly forecast: readonly (number | null)[];
  }[];
}

async function writePanel(panel: Panel, path: string): Promise<void> {
  const rows = [...panel.period.keys()].filter((row) => !Number.isNaN(panel.target[row]!));
  const seriesOf = new Int32Array(panel.period.length);
  panel.series.forEach((_, s) => {
    seriesOf.fill(s, panel.offsets[s]!, panel.offsets[s + 1]!);
  });
  await writeParquet(path, [
    { name: "unique_id", type: "VARCHAR", values: rows.map((row) => panel.series[seriesOf[row]!]!) },
    { name: "ds", type: "DATE", values: rows.map((row) => periodStart(panel.period[row]!, panel.calendar)) },
    { name: "y", type: "DOUBLE", values: Float64Array.from(rows, (row) => panel.target[row]!) },
  ]);
}

/** Scores of the peer's forecasts, with the MASE scale of ours. */
function scoreOf(answer: PeerAnswer, panel: Panel, horizon: number): ScoreResult {
  const scores = new PairScores();
  const indexOf = new Map(panel.series.map((id, s) => [id, s]));
  answer.windows.forEach((window, w) => {
    const origin = panel.lastPeriod - (answer.windows.length - w) * horizon;
    const scales = maseScales(
      { panel, horizon, context: 1, segments: encodeSegments(panel.series, null) },
      origin,
    );
    window.series.forEach((id, row) => {
      const s = indexOf.get(id)!;
      const period = periodOfDay(window.ds[row]!, panel.calendar) ?? Number.NaN;
      const at = panel.period.subarray(panel.offsets[s]!, panel.offsets[s + 1]!).indexOf(period);
      const actual = at < 0 ? Number.NaN : panel.target[panel.offsets[s]! + at]!;
      scores.add(`${id} ${w}`, actual, window.forecast[row] ?? Number.NaN, scales[s] ?? null);
    });
  });
  return scores.result();
}

const { RETRAIN_PANELS: panels, BENCH_PYTHON: python = "python3" } = process.env;
if (panels === undefined) {
  process.stderr.write("set RETRAIN_PANELS to the folder with the public panels\n");
  process.exit(2);
}
const asked = process.argv.slice(2);
const rows = [["panel", "who", "WMAPE", "MASE", "pairs", "seconds"]];
await withFolder(async (folder) => {
  for (const published of PUBLIC_PANELS) {
    const source: PublicPanel = { ...published, windows: WINDOWS };
    const panel = await readPublicPanel(panels, source);
    const add = (who: string, { wmape, mase, n }: ScoreResult, seconds: number) =>
      rows.push([source.name, who, wmape!.toFixed(4), mase!.toFixed(3), String(n), seconds.toFixed(1)]);
    for (const ensemble of ["four", "full"] as const) {
      const started = performance.now();
      const score = await testScores(panel, source, defaultOptions(source.horizon, ensemble));
      add(ensemble, score, (performance.now() - started) / 1000);
    }
    const path = join(folder, `${source.name}.parquet`);
    await writePanel(panel, path);
    const season = seasonLength(source.frequency);
    for (const peer of PEERS.filter((name) => asked.length === 0 || asked.includes(name))) {
      const frequency = source.frequency === "month" ? "MS" : "QS";
      const args = [peer, path, source.horizon, season, frequency, 3, WINDOWS].map(String);
      const { stdout } = await execa(python, [PEER, ...args], { stderr: "ignore" });
      const answer = JSON.parse(stdout.split("\n").at(-1)!) as PeerAnswer;
      add(peer, scoreOf(answer, panel, source.horizon), answer.seconds);
    }
  }
});
const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const [head, ...body] = rows;
process.stdout.write(
  `${MACHINE}\n\n${[line(head!), line(head!.map(() => "---")), ...body.map(line)].join("\n")}\n`,
);

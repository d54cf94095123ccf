/**
 * Our ensembles beside mlforecast with LightGBM and statsforecast's AutoETS and AutoTheta: the same panels, test windows, folds and horizon, in turn.
 * `RETRAIN_PANELS=FOLDER BENCH_PYTHON=python3 npm run bench:peers [-- PEER… PANEL…]`; that Python needs bench/peers/forecast/requirements.txt.
 */
import { join } from "node:path";
import { execa } from "execa";
import { periodOfDay, periodStart, seasonLength } from "../src/calendar/period.js";
import type { Panel } from "../src/panel/panel.js";
import { writeParquet } from "../src/panel/table.js";
import type { ScoreResult } from "../src/stats/metrics.js";
import {
  defaultOptions,
  firstSeries,
  PUBLIC_PANELS,
  type PublicPanel,
  readPublicPanel,
  scoreOf,
  type TestPair,
  testPairs,
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

/** The peer's forecasts of pairs that we forecast too: a library leaves out series that are too short for its folds. */
function pairsOf(answer: PeerAnswer, panel: Panel, own: readonly TestPair[]): TestPair[] {
  const keyOf = (series: string, period: number) => JSON.stringify([series, period]);
  const ours = new Map(own.map((pair) => [keyOf(pair.series, pair.period), pair]));
  return answer.windows.flatMap(({ series, ds, forecast }) =>
    series.flatMap((id, row) => {
      const pair = ours.get(keyOf(id, periodOfDay(ds[row]!, panel.calendar) ?? Number.NaN));
      const value = forecast[row] ?? null;
      return pair === undefined || value === null ? [] : [{ ...pair, forecast: value }];
    }),
  );
}

/** How many times faster each ensemble has to be, by peer. */
const FASTER: Readonly<Record<string, Readonly<Record<"four" | "full", number>>>> = {
  lightgbm: { four: 5, full: 2 },
  "auto-ets": { four: 5, full: 0 },
  "auto-theta": { four: 5, full: 0 },
};

const { RETRAIN_PANELS: panels, BENCH_PYTHON: python = "python3" } = process.env;
if (panels === undefined) {
  process.stderr.write("set RETRAIN_PANELS to the folder with the public panels\n");
  process.exit(2);
}
const asked = process.argv.slice(2);
const askedPeers = PEERS.filter((name) => asked.includes(name));
const askedPanels = PUBLIC_PANELS.filter(({ name }) => asked.includes(name));
const unknown = asked.find(
  (word) => !PEERS.some((name) => name === word) && !PUBLIC_PANELS.some(({ name }) => name === word),
);
if (unknown !== undefined) {
  process.stderr.write(`${unknown} is neither a peer nor a panel\n`);
  process.exit(2);
}
const print = (row: readonly string[]) => process.stdout.write(`| ${row.join(" | ")} |\n`);
process.stdout.write(`${MACHINE}\n\n`);
const HEAD = [
  "panel",
  "who",
  "WMAPE",
  "MASE",
  "pairs",
  "seconds",
  "four, full on these pairs",
  "four, full faster",
];
print(HEAD);
print(HEAD.map(() => "---"));
const cells = ({ wmape, mase, n }: ScoreResult) => [wmape!.toFixed(4), mase!.toFixed(3), String(n)];
await withFolder(async (folder) => {
  for (const published of askedPanels.length === 0 ? PUBLIC_PANELS : askedPanels) {
    const source: PublicPanel = { ...published, windows: WINDOWS };
    const panel = await readPublicPanel(panels, source);
    const ours = new Map<"four" | "full", { pairs: TestPair[]; seconds: number }>();
    for (const ensemble of ["four", "full"] as const) {
      // What compiles code does not count on either side: the peers, too, are called on three series first.
      await testPairs(firstSeries(panel, 3), source, defaultOptions(source.horizon, ensemble));
      const started = performance.now();
      const pairs = await testPairs(panel, source, defaultOptions(source.horizon, ensemble));
      const seconds = (performance.now() - started) / 1000;
      ours.set(ensemble, { pairs, seconds });
      print([source.name, ensemble, ...cells(scoreOf(pairs)), seconds.toFixed(1), "", ""]);
    }
    const path = join(folder, `${source.name}.parquet`);
    await writePanel(panel, path);
    const season = seasonLength(source.frequency);
    for (const peer of askedPeers.length === 0 ? PEERS : askedPeers) {
      const frequency = source.frequency === "month" ? "MS" : "QS";
      const args = [peer, path, source.horizon, season, frequency, 3, WINDOWS].map(String);
      const { stdout } = await execa(python, [PEER, ...args], { stderr: "ignore" });
      const answer = JSON.parse(stdout.split("\n").at(-1)!) as PeerAnswer;
      const pairs = pairsOf(answer, panel, ours.get("four")!.pairs);
      const theirs = scoreOf(pairs);
      const key = ({ series, period }: TestPair) => JSON.stringify([series, period]);
      const same = new Set(pairs.map(key));
      const beside: string[] = [];
      const faster: string[] = [];
      for (const [ensemble, own] of ours) {
        const score = scoreOf(own.pairs.filter((pair) => same.has(key(pair))));
        const ratio = answer.seconds / own.seconds;
        const isAsAccurate = score.wmape! <= theirs.wmape! && score.mase! <= theirs.mase!;
        if (!isAsAccurate || ratio < FASTER[peer]![ensemble]) process.exitCode = 1;
        beside.push(`${score.wmape!.toFixed(4)} / ${score.mase!.toFixed(3)}${isAsAccurate ? "" : " WORSE"}`);
        faster.push(`${ratio.toFixed(1)}×`);
      }
      const row = [source.name, peer, ...cells(theirs), answer.seconds.toFixed(1)];
      print([...row, beside.join(", "), faster.join(", ")]);
    }
  }
});

/**
 * Our boosted trees beside LightGBM and scikit-learn's HistGradientBoostingRegressor: the same generated table, bins,
 * leaves, trees and rate, in turn. `npm run bench:boosting -- --rows 1000000 --rounds 3`; BENCH_PYTHON names a Python
 * with bench/peers/boosting/requirements.txt, else a venv is made in a temp folder.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fitTrees } from "../src/forecast/boosting/fit.js";
import { predictTrees } from "../src/forecast/boosting/predict.js";
import { createRandom } from "../src/stats/random.js";
import { MACHINE, median, ROOT, secondsOf, withFolder } from "./support.js";

const PEERS = join(ROOT, "bench", "peers", "boosting");
const COLUMNS = 40;
const OPTIONS = { trees: 100, rate: 0.1, leaves: 31, minLeaf: 20, bins: 255 };
const LOSSES = ["l2", "l1"] as const;

interface Result {
  readonly seconds: number;
  /** Of all threads. */
  readonly cpu: number;
  /** Mean absolute error on the held-out rows. */
  readonly error: number;
}

interface Table {
  readonly training: number;
  readonly testing: number;
  /** [COLUMNS × (training + testing)], column-major */
  readonly x: Float32Array;
  readonly y: Float64Array;
}

/** Friedman's first function (1991) of five uniform features, among others that say nothing. */
function makeTable(training: number): Table {
  const testing = Math.round(training / 5);
  const rows = training + testing;
  const random = createRandom(1);
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
  const x = Float32Array.from({ length: rows * COLUMNS }, random.uniform);
  const y = Float64Array.from({ length: rows }, (_, row) => {
    const at = (column: number) => x[column * rows + row]!;
    return (
      10 * Math.sin(Math.PI * at(0) * at(1)) + 20 * (at(2) - 0.5) ** 2 + 10 * at(3) + 5 * at(4) + normal()
    );
  });
  return { training, testing, x, y };
}

function ours({ training, testing, x, y }: Table, loss: "l1" | "l2"): Result {
  const rows = training + testing;
  const values = new Float32Array(training * COLUMNS);
  const held = new Float32Array(testing * COLUMNS);
  for (let column = 0; column < COLUMNS; column++) {
    values.set(x.subarray(column * rows, column * rows + training), column * training);
    for (let row = 0; row < testing; row++) held[row * COLUMNS + column] = x[column * rows + training + row]!;
  }
  const started = performance.now();
  const before = process.cpuUsage();
  const ensemble = fitTrees({ rows: training, columns: COLUMNS, values }, y.subarray(0, training), {
    ...OPTIONS,
    loss: { kind: loss },
  });
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(before);
  const answers = predictTrees(ensemble, held);
  const error = answers.reduce((sum, value, row) => sum + Math.abs(value - y[training + row]!), 0) / testing;
  return { seconds, cpu: (user + system) / 1e6, error };
}

async function installPeers(folder: string): Promise<string> {
  if (process.env.BENCH_PYTHON !== undefined) return process.env.BENCH_PYTHON;
  const venv = join(folder, "venv");
  await secondsOf("python3", ["-m", "venv", venv], folder);
  await secondsOf(join(venv, "bin", "pip"), ["install", "-q", "-r", join(PEERS, "requirements.txt")], folder);
  return join(venv, "bin", "python");
}

async function compare(training: number, rounds: number): Promise<void> {
  await withFolder(async (folder) => {
    const python = await installPeers(folder);
    const table = makeTable(training);
    writeFileSync(join(folder, "x.f32"), new Uint8Array(table.x.buffer));
    writeFileSync(join(folder, "y.f64"), new Uint8Array(table.y.buffer));
    const peer = (script: string, loss: string): Result => {
      const { testing } = table;
      const job = { folder, training, testing, columns: COLUMNS, loss, threads: 2, ...OPTIONS };
      return JSON.parse(
        execFileSync(python, [join(PEERS, script), JSON.stringify(job)], { encoding: "utf8" }),
      ) as Result;
    };
    console.log(`${MACHINE}, ${training} rows of ${COLUMNS}, ${rounds} rounds in turn\n`);
    console.log(
      "| loss | what                 | seconds | CPU s  | ours / it (wall, CPU) | held-out L1 | ours / it |",
    );
    console.log(
      "| ---- | -------------------- | ------- | ------ | --------------------- | ----------- | --------- |",
    );
    for (const loss of LOSSES) {
      const results: Record<"retrain" | "LightGBM" | "scikit-learn", Result>[] = [];
      for (let round = 0; round < rounds; round++) {
        results.push({
          retrain: ours(table, loss),
          LightGBM: peer("lightgbm.py", loss),
          "scikit-learn": peer("sklearn.py", loss),
        });
      }
      report(loss, results);
    }
  });
}

/** Targets: at most 1.5 times LightGBM's time and 1.01 times its error; faster than scikit-learn. */
function report(
  loss: string,
  results: readonly Record<"retrain" | "LightGBM" | "scikit-learn", Result>[],
): void {
  for (const who of ["retrain", "LightGBM", "scikit-learn"] as const) {
    const middle = (of: (result: Result) => number) => median(results.map((result) => of(result[who])));
    const ratio = (key: keyof Result) =>
      median(results.map((result) => result.retrain[key] / result[who][key]));
    const cells = [
      loss.padEnd(4),
      who.padEnd(20),
      middle(({ seconds }) => seconds)
        .toFixed(2)
        .padEnd(7),
      middle(({ cpu }) => cpu)
        .toFixed(2)
        .padEnd(6),
      `${ratio("seconds").toFixed(2)}×, ${ratio("cpu").toFixed(2)}×`.padEnd(21),
      middle(({ error }) => error)
        .toFixed(4)
        .padEnd(11),
      `${ratio("error").toFixed(4)}×`.padEnd(9),
    ];
    console.log(`| ${cells.join(" | ")} |`);
    const most = { retrain: Number.POSITIVE_INFINITY, LightGBM: 1.5, "scikit-learn": 1 }[who];
    if (ratio("seconds") > most || (who === "LightGBM" && ratio("error") > 1.01)) process.exitCode = 1;
  }
}

const { values } = parseArgs({
  options: { rows: { type: "string", default: "1000000" }, rounds: { type: "string", default: "3" } },
});
await compare(Number(values.rows), Number(values.rounds));

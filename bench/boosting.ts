/**
 * Our boosted trees beside LightGBM and scikit-learn's HistGradientBoostingRegressor: the same table, bins, leaves, trees
 * and rate, in turn. `npm run bench:boosting -- --rows 1000000 --rounds 3` generates a table;
 * `npm run bench:boosting -- --table tourism` takes that of the trees expert on tourism_monthly from the folder
 * RETRAIN_PANELS. BENCH_PYTHON names a Python with bench/peers/boosting/requirements.txt, else a venv is made in a temp
 * folder.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fitTrees } from "../src/forecast/boosting/fit.js";
import { predictTrees } from "../src/forecast/boosting/predict.js";
import { type BoostingTable, generatedTable, tourismTable } from "./boosting-tables.js";
import { MACHINE, median, ROOT, secondsOf, withFolder } from "./support.js";

const PEERS = join(ROOT, "bench", "peers", "boosting");
const OPTIONS = { trees: 100, rate: 0.1, leaves: 31, minLeaf: 20, bins: 255 };
const LOSSES = ["l2", "l1"] as const;

interface Result {
  readonly seconds: number;
  /** Of all threads. */
  readonly cpu: number;
  /** Mean absolute error on the held-out rows. */
  readonly error: number;
}

/** In the order of the report; the first is ours as it is compared with the others. */
const WHO = ["retrain, 2 threads", "retrain, 1 thread", "LightGBM", "scikit-learn"] as const;
type Results = Record<(typeof WHO)[number], Result>;

function ours(
  { training, testing, columns, x, y }: BoostingTable,
  loss: "l1" | "l2",
  threads: number,
): Result {
  const rows = training + testing;
  const values = new Float32Array(training * columns);
  const held = new Float32Array(testing * columns);
  for (let column = 0; column < columns; column++) {
    values.set(x.subarray(column * rows, column * rows + training), column * training);
    for (let row = 0; row < testing; row++) held[row * columns + column] = x[column * rows + training + row]!;
  }
  const started = performance.now();
  const before = process.cpuUsage();
  const options = { ...OPTIONS, loss: { kind: loss } };
  const matrix = { rows: training, columns, values };
  const ensemble = fitTrees(matrix, y.subarray(0, training), options, null, threads);
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

async function compare(table: BoostingTable, rounds: number): Promise<void> {
  await withFolder(async (folder) => {
    const python = await installPeers(folder);
    const { training, testing, columns } = table;
    writeFileSync(join(folder, "x.f32"), new Uint8Array(table.x.buffer));
    writeFileSync(join(folder, "y.f64"), new Uint8Array(table.y.buffer));
    const peer = (script: string, loss: string): Result => {
      const job = { folder, training, testing, columns, loss, threads: 2, ...OPTIONS };
      return JSON.parse(
        execFileSync(python, [join(PEERS, script), JSON.stringify(job)], { encoding: "utf8" }),
      ) as Result;
    };
    console.log(`${MACHINE}, ${training} rows of ${columns}, ${rounds} rounds in turn\n`);
    console.log(
      "| loss | what                 | seconds | CPU s  | ours / it (wall, CPU) | held-out L1 | ours / it |",
    );
    console.log(
      "| ---- | -------------------- | ------- | ------ | --------------------- | ----------- | --------- |",
    );
    for (const loss of LOSSES) {
      const results: Results[] = [];
      for (let round = 0; round < rounds; round++) {
        results.push({
          "retrain, 2 threads": ours(table, loss, 2),
          "retrain, 1 thread": ours(table, loss, 1),
          LightGBM: peer("lightgbm.py", loss),
          "scikit-learn": peer("sklearn.py", loss),
        });
      }
      report(loss, results);
    }
  });
}

/** Targets: at most 1.5 times LightGBM's time and 1.01 times its error; faster than scikit-learn. All have two threads. */
function report(loss: string, results: readonly Results[]): void {
  for (const who of WHO) {
    const middle = (of: (result: Result) => number) => median(results.map((result) => of(result[who])));
    const ratio = (key: keyof Result) =>
      median(results.map((result) => result[WHO[0]][key] / result[who][key]));
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
    const most = { LightGBM: 1.5, "scikit-learn": 1 }[who as string] ?? Number.POSITIVE_INFINITY;
    if (ratio("seconds") > most || (who === "LightGBM" && ratio("error") > 1.01)) process.exitCode = 1;
  }
}

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "1000000" },
    rounds: { type: "string", default: "3" },
    table: { type: "string", default: "generated" },
  },
});
const table = values.table === "tourism" ? await tourismTable() : generatedTable(Number(values.rows));
await compare(table, Number(values.rounds));

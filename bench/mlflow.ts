/**
 * What a quarter costs more on a real MLflow server than with the embedded registry, which calls it makes, and how long the same logging takes with
 * retrain's code and with MLflow's own Python client.
 * `RETRAIN_PANELS=FOLDER MLFLOW_TRACKING_URI=http://127.0.0.1:5000 BENCH_PYTHON=python3 npm run bench:mlflow`; that Python needs `mlflow`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { nodeFiles } from "../src/durable/node-files.js";
import { embeddedRegistry } from "../src/registry/embedded/registry.js";
import { contentOf } from "./mlflow/content.js";
import { countingProxy } from "./mlflow/counting-proxy.js";
import { BINARY, MACHINE, median, ROOT, secondsOf, tourismRunbook, withFolder } from "./support.js";

const ROUNDS = 5;
const EMBEDDED = "file:registry";
const QUARTERS = ["2016Q2", "2016Q3"] as const;
const OURS = join(ROOT, "dist", "bench", "mlflow", "log-quarter.js");
const PEER = join(ROOT, "bench", "peers", "mlflow", "log_quarter.py");

interface Side {
  readonly cwd: string;
  readonly model: string;
  readonly flags: readonly string[];
}

function sideOf(folder: string, panel: string, registry: string, model: string): Side {
  const cwd = join(folder, model);
  mkdirSync(cwd, { recursive: true });
  writeFileSync(join(cwd, "runbook.yaml"), tourismRunbook(panel));
  const set = [`registry.uri=${registry}`, `model.name=${model}`, `name=${model}`];
  return { cwd, model, flags: set.flatMap((value) => ["--set", value]) };
}

const retrain = ({ cwd, flags }: Side, ...args: string[]): Promise<number> =>
  secondsOf(process.execPath, [BINARY, ...args, ...flags], cwd);

/** Seconds of the calls, as the program says, and of the whole process. */
async function logged(command: string, args: readonly string[], uri: string) {
  const env = { MLFLOW_TRACKING_URI: uri, MLFLOW_DISABLE_TELEMETRY: "true", DO_NOT_TRACK: "true" };
  const started = performance.now();
  const { stdout } = await execa(command, args, { env });
  const whole = (performance.now() - started) / 1000;
  const { seconds: calls } = JSON.parse(stdout.split("\n").at(-1)!) as { seconds: number };
  return { calls, whole };
}

/** Two quarters on each side, the second one timed. Then what it left is logged once more by each way, into an experiment and a model of its own. */
async function playRound(folder: string, panel: string, uri: string, python: string, round: string) {
  const unique = `bench-${process.pid}-${round}`;
  const embedded = sideOf(folder, panel, EMBEDDED, `${unique}-embedded`);
  const mlflow = sideOf(folder, panel, uri, `${unique}-mlflow`);
  await retrain(embedded, "quarter", QUARTERS[0]);
  await retrain(embedded, "registry", "push", "--from", EMBEDDED, "--to", uri);
  const local = await retrain(embedded, "quarter", QUARTERS[1]);
  await retrain(mlflow, "quarter", QUARTERS[0]);
  const remote = await retrain(mlflow, "quarter", QUARTERS[1]);
  const push = await retrain(embedded, "registry", "push", "--from", EMBEDDED, "--to", uri);

  const clock = { now: () => new Date().toISOString(), monotonic: () => performance.now() };
  const place = { folder: join(embedded.cwd, "registry"), files: nodeFiles(), clock };
  const exported = join(folder, `content-${round}`);
  const content = await contentOf(embeddedRegistry(place, EMBEDDED), embedded.model, exported);
  const inOwn = (way: string): string => {
    const path = join(exported, `${way}.json`);
    writeFileSync(path, JSON.stringify({ ...content, name: `${unique}-${way}` }));
    return path;
  };
  return {
    times: { local, remote, push },
    ours: () => logged(process.execPath, [OURS, inOwn("ours")], uri),
    peer: () => logged(python, [PEER, inOwn("peer")], uri),
  };
}

type Counts = ReadonlyMap<string, number>;

/** A round that is not timed, through a proxy that counts. */
async function countCalls(folder: string, panel: string, uri: string, python: string) {
  const proxy = await countingProxy(new URL(uri));
  try {
    const unique = `bench-${process.pid}-counted`;
    const side = sideOf(folder, panel, proxy.uri, unique);
    for (const label of QUARTERS) await retrain(side, "quarter", label);
    const quarters = proxy.taken();
    const { ours, peer } = await playRound(folder, panel, proxy.uri, python, "0");
    proxy.taken();
    await ours();
    const byUs = proxy.taken();
    await peer();
    return { quarters, ours: byUs, peer: proxy.taken() };
  } finally {
    proxy.close();
  }
}

async function compare(panel: string, uri: string, python: string): Promise<void> {
  await withFolder(async (folder) => {
    const counts = await countCalls(folder, panel, uri, python);
    const rows = new Map<string, number[]>();
    const note = (name: string, seconds: number) => rows.set(name, [...(rows.get(name) ?? []), seconds]);
    for (let round = 1; round <= ROUNDS; round++) {
      const { times, ours, peer } = await playRound(folder, panel, uri, python, String(round));
      const first = round % 2 === 0 ? await peer() : null;
      const own = await ours();
      const theirs = first ?? (await peer());
      note("a quarter, embedded registry", times.local);
      note("the same quarter, MLflow on loopback", times.remote);
      note(DIFFERENCE, times.remote - times.local);
      note(OUR_CALLS, own.calls);
      note(PEER_CALLS, theirs.calls);
      note("the same logging: retrain's code, the whole process", own.whole);
      note("the quarter with `retrain registry push`, the whole process", times.push);
      note(PEER_WHOLE, theirs.whole);
    }
    report(rows, counts);
  });
}

const DIFFERENCE = "difference of a round (at most 3 s)";
const OUR_CALLS = "the same logging: retrain's calls";
const PEER_CALLS = "the same logging: the calls of MLflow's Python client";
const PEER_WHOLE = "the same logging: MLflow's Python client, the whole process";

function report(
  rows: ReadonlyMap<string, readonly number[]>,
  { quarters, ours, peer }: { readonly quarters: Counts; readonly ours: Counts; readonly peer: Counts },
): void {
  console.log(`${MACHINE}, ${ROUNDS} rounds in turn\n`);
  const width = Math.max(...[...rows.keys()].map((name) => name.length));
  for (const [name, values] of rows)
    console.log(
      `| ${name.padEnd(width)} | ${median(values).toFixed(2)} s (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}) |`,
    );
  const sum = (counts: Counts) => [...counts.values()].reduce((total, count) => total + count, 0);
  const line = (call: string, count: (counts: Counts) => number) =>
    console.log(
      `${[quarters, ours, peer].map((counts) => String(count(counts) || "").padStart(8)).join("")}  ${call}`,
    );
  console.log("\nCalls: two quarters, the same logging by retrain, by MLflow's Python client");
  for (const call of [...new Set([...quarters.keys(), ...ours.keys(), ...peer.keys()])].sort())
    line(call, (counts) => counts.get(call) ?? 0);
  line("in all", sum);
  const seconds = (name: string) => median(rows.get(name)!);
  if (seconds(DIFFERENCE) > 3 || seconds(OUR_CALLS) > seconds(PEER_CALLS)) {
    console.log("\nMISSED");
    process.exitCode = 1;
  }
}

const { RETRAIN_PANELS: panels, MLFLOW_TRACKING_URI: uri, BENCH_PYTHON: python = "python3" } = process.env;
if (panels === undefined || uri === undefined) {
  console.error("set RETRAIN_PANELS to the folder of the panels and MLFLOW_TRACKING_URI to a server");
  process.exitCode = 2;
} else await compare(join(panels, "aus_tourism_large_monthly.csv.gz"), uri, python);

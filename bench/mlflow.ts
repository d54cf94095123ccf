/**
 * What a quarter costs more on a real MLflow server than with the embedded registry, which calls it makes, and how long MLflow's own Python client
 * takes to log the same.
 * `RETRAIN_PANELS=FOLDER MLFLOW_TRACKING_URI=http://127.0.0.1:5000 BENCH_PYTHON=python3 npm run bench:mlflow`; that Python needs `mlflow`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { nodeFiles } from "../src/durable/node-files.js";
import { MANIFEST_FILE, ModelManifest } from "../src/kit/model-directory.js";
import type { ModelRegistry, RegistryRun } from "../src/kit/registry.js";
import { embeddedRegistry } from "../src/registry/embedded/registry.js";
import { BINARY, MACHINE, median, ROOT, secondsOf, tourismRunbook, withFolder } from "./support.js";

const ROUNDS = 5;
const QUARTERS = ["2016Q2", "2016Q3"] as const;
const PEER = join(ROOT, "bench", "peers", "mlflow", "log_quarter.py");

/** Forwards to the server and counts calls by method and path, with ids left out. */
async function countingProxy(target: URL, counts: Map<string, number>) {
  const server = createServer((incoming, outgoing) => {
    const path = (incoming.url ?? "/").split("?")[0]!;
    const shape = path
      .replace(/(mlflow-artifacts\/artifacts).*/, "$1/…")
      .replace(/(logged-models)\/[^/]+/, "$1/{id}");
    const key = `${incoming.method} ${shape}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    const { hostname, port } = target;
    const headers = { ...incoming.headers, host: target.host };
    const forwarded = request(
      { hostname, port, path: incoming.url, method: incoming.method, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    incoming.pipe(forwarded);
    forwarded.on("error", () => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { uri: `http://127.0.0.1:${port}`, close: () => void server.close() };
}

interface Side {
  readonly cwd: string;
  readonly flags: readonly string[];
}

const quarter = (side: Side, label: string): Promise<number> =>
  secondsOf(process.execPath, [BINARY, "quarter", label, ...side.flags], side.cwd);

/** One first quarter on each side; then the second one, timed, in turn. */
async function quarterSeconds(folder: string, panel: string, uri: string, round: number) {
  const sideOf = (name: string, registry: string): Side => {
    const cwd = join(folder, `${name}-${round}`);
    mkdirSync(cwd, { recursive: true });
    writeFileSync(join(cwd, "runbook.yaml"), tourismRunbook(panel));
    const unique = `bench-${process.pid}-${round}`;
    const set = [`registry.uri=${registry}`, `model.name=${unique}`, `name=${unique}`];
    return { cwd, flags: set.flatMap((value) => ["--set", value]) };
  };
  const sides = { embedded: sideOf("embedded", "file:registry"), mlflow: sideOf("mlflow", uri) };
  const seconds = { embedded: 0, mlflow: 0 };
  for (const name of ["embedded", "mlflow"] as const) {
    await quarter(sides[name], QUARTERS[0]);
    seconds[name] = await quarter(sides[name], QUARTERS[1]);
  }
  return { seconds, embedded: sides.embedded };
}

/** Everything of one model in an embedded registry, as files that the peer can read. */
async function exportQuarter(registry: ModelRegistry, model: string, folder: string): Promise<string> {
  const write = (path: string, bytes: Uint8Array | string) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  };
  const exported = async (run: RegistryRun): Promise<object> => {
    const { points, inputs, parts } = await registry.runDetails(run.runId);
    const paths = await registry.listArtifacts(run.runId);
    const own = join(folder, run.runId);
    for (const path of paths) write(join(own, path), await registry.readArtifact(run.runId, path));
    return {
      ...run,
      points,
      inputs,
      folder: paths.length === 0 ? null : own,
      parts: await Promise.all(parts.map(exported)),
    };
  };
  const run = (await registry.listRuns(model)).at(-1)!;
  const { version } = (await registry.listVersions(model)).at(-1)!;
  const manifest = await registry.readModelFile(model, version, MANIFEST_FILE);
  const { files } = ModelManifest.parse(JSON.parse(new TextDecoder().decode(manifest)));
  write(join(folder, "model", MANIFEST_FILE), manifest);
  for (const { path } of files)
    write(join(folder, "model", path), await registry.readModelFile(model, version, path));
  const experiment = `peer-${process.pid}-${folder.slice(-8)}`;
  const document = {
    experiment,
    model: experiment,
    modelFolder: join(folder, "model"),
    runs: [await exported(run)],
  };
  const path = join(folder, "export.json");
  write(path, JSON.stringify(document));
  return path;
}

async function compare(panel: string, uri: string, python: string): Promise<void> {
  await withFolder(async (folder) => {
    const counts = new Map<string, number>();
    const proxy = await countingProxy(new URL(uri), counts);
    const times: { embedded: number; mlflow: number; ours: number; peer: number; peerCalls: number }[] = [];
    try {
      for (let round = 0; round < ROUNDS; round++) {
        const isCounted = round === 0;
        const { seconds, embedded } = await quarterSeconds(folder, panel, isCounted ? proxy.uri : uri, round);
        const model = `bench-${process.pid}-${round}`;
        const clock = { now: () => new Date().toISOString(), monotonic: () => performance.now() };
        const registry = embeddedRegistry(
          { folder: join(embedded.cwd, "registry"), files: nodeFiles(), clock },
          "file:registry",
        );
        const path = await exportQuarter(registry, model, join(folder, `export-${round}`));
        const env = {
          ...process.env,
          MLFLOW_TRACKING_URI: uri,
          MLFLOW_DISABLE_TELEMETRY: "true",
          DO_NOT_TRACK: "true",
        };
        const started = performance.now();
        const { stdout } = await execa(python, [PEER, path], { env });
        const peer = (performance.now() - started) / 1000;
        const { seconds: peerCalls } = JSON.parse(stdout.split("\n").at(-1)!) as { seconds: number };
        times.push({ ...seconds, ours: seconds.mlflow - seconds.embedded, peer, peerCalls });
      }
    } finally {
      proxy.close();
    }
    report(times, counts);
  });
}

function report(
  times: readonly { embedded: number; mlflow: number; ours: number; peer: number; peerCalls: number }[],
  counts: ReadonlyMap<string, number>,
): void {
  const row = (name: string, values: readonly number[]) =>
    console.log(
      `| ${name.padEnd(52)} | ${median(values).toFixed(2)} s (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}) |`,
    );
  console.log(`${MACHINE}, ${times.length} rounds in turn\n`);
  row(
    "a quarter, embedded registry",
    times.map(({ embedded }) => embedded),
  );
  row(
    "the same quarter, MLflow on loopback",
    times.map(({ mlflow }) => mlflow),
  );
  row(
    "difference of a round (at most 3 s)",
    times.map(({ ours }) => ours),
  );
  row(
    "MLflow's Python client, the same logging: its calls",
    times.map(({ peerCalls }) => peerCalls),
  );
  row(
    "MLflow's Python client, the whole process",
    times.map(({ peer }) => peer),
  );
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  console.log(`\n${total} calls in two quarters:`);
  for (const [call, count] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`${String(count).padStart(5)}  ${call}`);
  const difference = median(times.map(({ ours }) => ours));
  if (difference > 3 || difference > median(times.map(({ peerCalls }) => peerCalls))) {
    console.log("\nMISSED");
    process.exitCode = 1;
  }
}

const { RETRAIN_PANELS: panels, MLFLOW_TRACKING_URI: uri, BENCH_PYTHON: python = "python3" } = process.env;
if (panels === undefined || uri === undefined) {
  console.error("set RETRAIN_PANELS to the folder of the panels and MLFLOW_TRACKING_URI to a server");
  process.exitCode = 2;
} else await compare(join(panels, "aus_tourism_large_monthly.csv.gz"), uri, python);

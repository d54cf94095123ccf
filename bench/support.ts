import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const BINARY = join(ROOT, "bin", "retrain.js");

export const MACHINE = `${cpus()[0]?.model ?? "unknown CPU"}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}`;

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "retrain-bench-"));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds from start to exit of a process that must succeed. */
export function secondsOf(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const started = performance.now();
  const child = spawn(command, args, { cwd, stdio: "ignore", env: { ...env, NO_COLOR: "1" } });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => {
      if (code === 0) resolve((performance.now() - started) / 1000);
      else reject(new Error(`${command} ${args.join(" ")} exited with ${code}`));
    });
  });
}

export interface Usage {
  readonly seconds: number;
  /** Of all threads, in user and kernel mode; null where the system has no /proc. */
  readonly cpuSeconds: number | null;
  /** Highest resident set in MB, or null where the system has no /proc. */
  readonly peakMb: number | null;
}

/** Starts Node with these arguments, which must succeed. */
export function measure(args: readonly string[], cwd: string): Promise<Usage> {
  const started = performance.now();
  const child = spawn(process.execPath, args, {
    cwd,
    stdio: "ignore",
    env: { ...process.env, NO_COLOR: "1" },
  });
  let peakMb: number | null = null;
  let cpuSeconds: number | null = null;
  const poll = setInterval(() => {
    peakMb = highWaterMark(child.pid!) ?? peakMb;
    cpuSeconds = cpuTime(child.pid!) ?? cpuSeconds;
  }, 10);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => {
      clearInterval(poll);
      const seconds = (performance.now() - started) / 1000;
      if (code === 0) resolve({ seconds, cpuSeconds, peakMb });
      else reject(new Error(`${args.join(" ")} exited with ${code}`));
    });
  });
}

/** VmHWM only grows, so the last look before the end is the peak but for the last milliseconds. */
function highWaterMark(pid: number): number | null {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) / 1024;
  } catch {
    return null;
  }
}

/** Linux counts in hundredths of a second. */
function cpuTime(pid: number): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return null;
  }
}

/** The runbook of ten steps that the benchmarks run on a panel of monthly tourism (`state`, `zone`, `region`, `purpose`). */
export const tourismRunbook = (source: string): string => `version: 1
name: tourism
data:
  source: ${JSON.stringify(source)}
  frequency: month
  columns: { series: series_id, time: date, target: value, attributes: [state, zone, region, purpose] }
model: { name: tourism, horizon: 6 }
steps:
  - { id: validate, uses: validate-data }
  - { id: accuracy, uses: accuracy-report }
  - { id: segments, uses: refresh-segments, with: { by: [state] } }
  - { id: train, uses: train-pooled-cv }
  - { id: register, uses: register-model }
  - { id: artifacts, uses: build-artifacts }
  - { id: outlook, uses: generate-outlook }
  - { id: checkpoints, uses: compare-checkpoints }
  - id: gate
    uses: gate
    with:
      rules:
        - { id: accuracy, metric: accuracy.wmape, max: 0.45 }
        - { id: beats-champion, compare: champion, metric: wmape, maxIncrease: 0.01 }
  - { id: promote, uses: promote }
`;

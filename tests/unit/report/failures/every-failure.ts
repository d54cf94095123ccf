import type { Failure, FailureCode } from "../../../../src/kit/failure.js";

type OfCode<C extends FailureCode> = Omit<Extract<Failure, { readonly code: C }>, "code" | "retryable">;

const SAMPLES: { readonly [C in FailureCode]: OfCode<C> } = {
  "command.not-found": { step: "quality", what: "program", name: "python4", errno: "ENOENT" },
  "command.failed": {
    step: "quality",
    program: "python3",
    exitCode: 1,
    signal: null,
    log: ".retrain/runs/2025Q2-1/steps/quality.log",
    lines: ["ValueError: no holidays"],
  },
  "command.result-invalid": {
    step: "quality",
    path: "metrics.rows.value",
    problem: "expected a number",
    log: "quality.log",
  },
  "command.output-missing": { step: "quality", port: "report", log: "quality.log" },
  "data.source-missing": { source: "fixtures/demand.csv" },
  "data.lfs-pointer": { file: "demand.csv", bytes: "1048576" },
  "data.empty": { file: "demand.csv" },
  "data.columns-missing": {
    file: "demand.csv",
    missing: [
      { column: "room_nights", role: "target", suggestion: "rooms_nights" },
      { column: "region", role: "attribute", suggestion: null },
    ],
    found: ["property_id", "month", "rooms_nights"],
  },
  "data.name-unknown": { role: "feature", name: "price", known: ["price_index"], suggestion: "price_index" },
  "data.unreadable": { file: "demand.csv", line: 12, detail: "expected 5 fields, found 4" },
  "data.no-rows-before-cutoff": { cutoff: "2025-06-30", first: "2025-07-01", last: "2025-12-01" },
  "data.invalid": {
    checks: [
      { check: "duplicate keys", count: 2, expected: "one row a series and period", examples: ["line 3"] },
    ],
    failures: "failures.csv",
  },
  "usage.invalid": { message: "2025Q5 is not a quarter", next: null },
  "runbook.invalid": { file: "runbook.yaml", count: 2 },
  "run.locked": {
    path: ".retrain/lock",
    model: "room-demand",
    host: "build-7",
    holder: { pid: 4711, host: "build-7", since: "2025-07-09T08:15:00Z", run: "2025Q2-other" },
  },
  "run.lock-lost": {
    path: ".retrain/lock",
    holder: { pid: 4712, host: "build-7", since: "2025-07-09T09:15:00Z", run: "2025Q2-2" },
  },
  "run.lock-unreadable": { path: ".retrain/lock", found: "gibberish" },
  "run.unlock-refused": {
    path: ".retrain/lock",
    why: "running",
    holder: { pid: 4711, host: "build-7", since: "2025-07-09T08:15:00Z", run: "2025Q2-1" },
  },
  "run.unknown": { run: "2025Q9", known: [] },
  "run.interrupted": { signal: "SIGINT", step: "train" },
  "plan.mismatch": { expected: "sha256:aa", actual: "sha256:bb" },
  "step.output-missing": { step: "train", port: "model" },
  "step.timeout": { step: "train", limit: "10m", stopped: true },
  "step.artifact-file-missing": { kind: "segments", file: "segments.json" },
  "step.artifact-invalid": { kind: "segments", file: "segments.json", detail: "segments: expected an array" },
  "store.corrupt": { path: ".retrain/objects/aa", expected: "aa".repeat(32), actual: "bb".repeat(32) },
  "store.format": { path: ".retrain/runs/2025Q2-1/run.json", expected: 1, actual: 2, writtenBy: "0.9.0" },
  "fs.failed": { operation: "write", path: "/x", errno: "ENOSPC" },
  "internal.bug": {
    message: "x is not a function",
    stack: "TypeError: x is not a function\n    at run (engine.js:1:2)",
  },
  "forecast.too-short": { have: 20, need: 36, horizon: 6, eligibleSeries: 1, needSeries: 2 },
  "forecast.parity": { series: "P001", lead: 2, trainer: 12.5, graph: 12.6, tolerance: 1e-4 },
  "forecast.level-unsupported": { level: 0.975, available: [0.8], residuals: 30, need: 39 },
  "forecast.model-invalid": { file: "model.json", detail: "format: expected 1" },
  "registry.uri-unsupported": { uri: "ftp://host" },
  "registry.version-missing": { name: "room-demand", version: "9" },
  "registry.run-missing": { runId: "r-9" },
  "registry.file-missing": { owner: "room-demand version 3", path: "model.onnx" },
  "registry.model-immutable": {
    name: "room-demand",
    version: "3",
    expected: "aa".repeat(32),
    actual: "bb".repeat(32),
  },
  "registry.corrupt": { path: "registry/runs/r-1.json", detail: "not JSON" },
  "registry.name-invalid": { name: "a/b", detail: "letters, digits, - and _" },
  "registry.busy": { path: "registry/lock", holder: "process 4711 on build-7" },
  "snapshot.unreadable": { file: "2025Q1.csv", line: 3, detail: "forecast is not a number" },
};

/** One failure of every code; a new code does not compile before it has a sample here. */
export const FAILURES = Object.fromEntries(
  Object.entries(SAMPLES).map(([code, data]) => [code, { code, retryable: false, ...data } as Failure]),
) as { readonly [C in FailureCode]: Failure };

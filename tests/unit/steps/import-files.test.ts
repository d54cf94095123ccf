import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { FailureError } from "../../../src/kit/failure.js";
import { explainFailure } from "../../../src/report/failures/explain.js";
import { renderFailure } from "../../../src/report/failures/render.js";
import { createStyle } from "../../../src/report/style.js";
import { accuracyReport } from "../../../steps/accuracy-report.js";
import { compareCheckpoints } from "../../../steps/compare-checkpoints.js";
import { panelOf } from "../forecast/accuracy/small-panel.js";
import { openHistory } from "./history-bench.js";

const JUNE = 2025 * 12 + 5;
const panel = panelOf(
  Array.from({ length: 24 }, (_, at) => ({ series: "a", period: JUNE - 23 + at, y: 100 + at })),
  JUNE,
  {},
);
const LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1048576\n";
const HEADER = "series,period,forecast,cutoff\n";

/** What may stand where a file of forecasts is expected. */
const KINDS: Readonly<Record<string, readonly [code: string, make: (path: string) => void]>> = {
  "nothing there": ["data.source-missing", () => undefined],
  "a link that leads nowhere": ["data.source-missing", (path) => symlinkSync("nowhere.csv", path)],
  "a folder": ["data.source-not-a-file", (path) => mkdirSync(path)],
  "a pipe": ["data.source-not-a-file", (path) => execFileSync("mkfifo", [path])],
  "a device": ["data.source-not-a-file", (path) => symlinkSync("/dev/zero", path)],
  "a Git LFS pointer": ["data.lfs-pointer", (path) => writeFileSync(path, LFS)],
  "an empty file": ["data.empty", (path) => writeFileSync(path, "")],
  blanks: ["data.empty", (path) => writeFileSync(path, "  \n\n")],
  "bytes that are no text": ["data.unreadable", (path) => writeFileSync(path, Buffer.from("a\0b\0\0c"))],
  "a broken gzip": [
    "data.unreadable",
    (path) => writeFileSync(path, gzipSync(HEADER.repeat(99)).fill(7, 12)),
  ],
  "a Parquet file that was cut": ["data.unreadable", (path) => writeFileSync(path, "PAR1 and no more")],
  "a line with too many fields": [
    "data.unreadable",
    (path) => writeFileSync(path, `${HEADER}a,2025-04,1,2025-03\na,2025-05,1,2025-03,9,9\n`),
  ],
  "text that is not UTF-8": [
    "data.unreadable",
    (path) => writeFileSync(path, Buffer.concat([Buffer.from(`${HEADER}a`), Buffer.of(0xe9, 0x2c)])),
  ],
  "another table": ["snapshot.unreadable", (path) => writeFileSync(path, "a,b\n1,2\n")],
  "a cell that is no number": [
    "snapshot.unreadable",
    (path) => writeFileSync(path, `${HEADER}a,2025-04,x,2025-03\n`),
  ],
};

const plain = createStyle({ color: false, width: 2000 });

describe.each([
  ["accuracy-report", accuracyReport],
  ["compare-checkpoints", compareCheckpoints],
] as const)("`importSnapshots` of %s", (_, type) => {
  test.each(Object.entries(KINDS))("%s is told of this option and this file", async (_, [code, make]) => {
    const bench = await openHistory(panel, "2025Q2");
    const file = join(bench.root, "forecasts.csv");
    make(file);
    // biome-ignore lint/suspicious/noExplicitAny: two step types in one table
    const step = type as any;
    const ctx = bench.context(step.params.parse({ importSnapshots: file }), {}, ["accuracy", "checkpoints"]);
    const error = await Promise.resolve(step.external(ctx))
      .then(() => step.run(ctx))
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FailureError);
    const { failure } = error as FailureError;
    expect(failure).toMatchObject({ code, option: "importSnapshots" });
    const said = renderFailure(explainFailure(failure), plain);
    expect(said).toContain(file);
    expect(said).toContain("`importSnapshots");
    expect(said).not.toMatch(/data\.source|panel|--state-dir/i);
  });
});

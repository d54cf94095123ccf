/**
 * Wall time and peak memory of the program as its users start it.
 * `RETRAIN_PANELS=FOLDER npm run bench:speed`
 */
import { cpSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BINARY, MACHINE, measure, median, ROOT, tourismRunbook, type Usage, withFolder } from "./support.js";

async function versionAgainstNode(): Promise<void> {
  const [ours, bare]: [number[], number[]] = [[], []];
  for (let round = 0; round < 11; round++) {
    ours.push((await measure([BINARY, "--version"], ROOT)).seconds);
    bare.push((await measure(["-e", "0"], ROOT)).seconds);
  }
  const ratio = median(ours.map((seconds, i) => seconds / bare[i]!));
  row("retrain --version / node -e 0", `${ratio.toFixed(2)}×`, "≤ 3×", ratio <= 3);
}

async function fixtureRun(): Promise<void> {
  const runs: number[] = [];
  for (let round = 0; round < 3; round++) {
    await withFolder(async (folder) => {
      cpSync(join(ROOT, "runbook.yaml"), join(folder, "runbook.yaml"));
      symlinkSync(join(ROOT, "fixtures"), join(folder, "fixtures"));
      runs.push((await measure([BINARY, "quarter", "2025Q2"], folder)).seconds);
    });
  }
  row(
    "fixture run, empty state directory (median of 3)",
    `${median(runs).toFixed(2)} s`,
    "< 10 s",
    median(runs) < 10,
  );
}

async function realQuarters(panels: string): Promise<void> {
  await withFolder(async (folder) => {
    writeFileSync(
      join(folder, "runbook.yaml"),
      tourismRunbook(join(panels, "aus_tourism_large_monthly.csv.gz")),
    );
    const usages: Usage[] = [];
    for (const quarter of ["2016Q2", "2016Q3", "2016Q4"])
      usages.push(await measure([BINARY, "quarter", quarter], folder));
    const seconds = usages.reduce((sum, usage) => sum + usage.seconds, 0);
    const peaks = usages.flatMap(({ peakMb }) => (peakMb === null ? [] : [peakMb]));
    row("three quarters, 304 series, 69k rows", `${seconds.toFixed(1)} s`, "< 60 s", seconds < 60);
    if (peaks.length > 0)
      row(
        "peak memory of the three",
        `${Math.max(...peaks).toFixed(0)} MB`,
        "< 1024 MB",
        Math.max(...peaks) < 1024,
      );
    const reused = (await measure([BINARY, "quarter", "2016Q4"], folder)).seconds;
    row("the last quarter again, nothing changed", `${reused.toFixed(2)} s`, "", true);
  });
}

let isMissed = false;
function row(what: string, measured: string, target: string, isMet: boolean): void {
  isMissed ||= !isMet;
  console.log(
    `| ${what.padEnd(48)} | ${measured.padStart(9)} | ${target.padEnd(9)} | ${isMet ? "" : "MISSED"}`,
  );
}

console.log(`${MACHINE}
`);
await versionAgainstNode();
await fixtureRun();
const panels = process.env.RETRAIN_PANELS;
if (panels === undefined)
  console.log("SKIPPED: three real quarters. Set RETRAIN_PANELS to the folder of the panels.");
else await realQuarters(panels);
process.exitCode = isMissed ? 1 : 0;

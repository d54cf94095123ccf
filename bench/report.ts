/**
 * Size of report.html, how fast a browser opens it, and the CPU time that making it takes, on the fixtures and on 304 series.
 * `RETRAIN_PANELS=FOLDER npm run bench:report`; the browser is Debian's Chromium, or the one that `RETRAIN_CHROMIUM` names.
 */
import { cpSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { BINARY, MACHINE, median, ROOT, secondsOf, tourismRunbook, withFolder } from "./support.js";

const CHROMIUM = process.env.RETRAIN_CHROMIUM ?? "/usr/bin/chromium";
const ROUNDS = 5;

/** Runs the quarters, and answers the report of the last one with the CPU seconds spent in conclude's files. */
async function measure(
  folder: string,
  quarters: readonly string[],
): Promise<{ report: string; drawing: number }> {
  const profiles = join(folder, "profiles");
  for (const quarter of quarters)
    await secondsOf(
      process.execPath,
      ["--cpu-prof", `--cpu-prof-dir=${profiles}`, BINARY, "quarter", quarter],
      folder,
    );
  const [run] = readdirSync(join(folder, ".retrain", "runs")).filter((name) =>
    name.startsWith(quarters.at(-1)!),
  );
  const last = readdirSync(profiles)
    .map((name) => join(profiles, name))
    .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs)
    .at(-1)!;
  return {
    report: join(folder, ".retrain", "runs", run!, "report.html"),
    drawing: secondsBelow(last, "renderReport"),
  };
}

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** CPU seconds of a function and all that it called, by a `.cpuprofile`. */
function secondsBelow(file: string, name: string): number {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, "utf8")) as Profile;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const inside = new Set<number>();
  const mark = (id: number): void => {
    inside.add(id);
    for (const child of byId.get(id)!.children ?? []) mark(child);
  };
  for (const { id, callFrame } of nodes) if (callFrame.functionName === name) mark(id);
  return samples.reduce((sum, id, i) => sum + (inside.has(id) ? timeDeltas[i]! : 0), 0) / 1e6;
}

/** Milliseconds from the start of the navigation to the end of the load event, median of a few cold openings. */
async function opens(report: string): Promise<number | null> {
  if (!existsSync(CHROMIUM)) return null;
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const page = await browser.newPage();
      await page.goto(pathToFileURL(report).href);
      times.push(await page.evaluate<number>(`performance.getEntriesByType("navigation")[0].loadEventEnd`));
      await page.close();
    }
    return median(times);
  } finally {
    await browser.close();
  }
}

async function row(what: string, folder: string, quarters: readonly string[]): Promise<void> {
  const { report, drawing } = await measure(folder, quarters);
  const megabytes = statSync(report).size / 1e6;
  const milliseconds = await opens(report);
  const missed = megabytes >= 3 || (milliseconds ?? 0) >= 1000 ? "MISSED" : "";
  if (missed !== "") process.exitCode = 1;
  console.log(
    `| ${what.padEnd(24)} | ${megabytes.toFixed(2)} MB (< 3) | ${milliseconds === null ? "no browser" : `${milliseconds.toFixed(0)} ms (< 1000)`} | ${drawing.toFixed(2)} s | ${missed}`,
  );
}

console.log(`${MACHINE}

| report                   | size | opens in | rendering, CPU |`);
await withFolder(async (folder) => {
  cpSync(join(ROOT, "runbook.yaml"), join(folder, "runbook.yaml"));
  symlinkSync(join(ROOT, "fixtures"), join(folder, "fixtures"));
  await row("fixtures, 72 series", folder, ["2025Q1", "2025Q2"]);
});
const panels = process.env.RETRAIN_PANELS;
if (panels === undefined) console.log("SKIPPED: 304 series. Set RETRAIN_PANELS to the folder of the panels.");
else
  await withFolder(async (folder) => {
    writeFileSync(
      join(folder, "runbook.yaml"),
      tourismRunbook(join(panels, "aus_tourism_large_monthly.csv.gz")),
    );
    await row("tourism, 304 series", folder, ["2016Q2", "2016Q3", "2016Q4"]);
  });

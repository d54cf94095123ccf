/** `RETRAIN_PANELS=FOLDER npm run bench:backtest`: twelve quarters of 304 monthly series through the whole runbook. */
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { BINARY, MACHINE, secondsOf, tourismRunbook, withFolder } from "./support.js";

const QUARTERS = "2014Q1..2016Q4";
const TARGET = 180;

async function replay(panel: string): Promise<void> {
  await withFolder(async (folder) => {
    writeFileSync(join(folder, "runbook.yaml"), tourismRunbook(panel));
    const load = loadavg()[0]!.toFixed(1);
    const seconds = await secondsOf(process.execPath, [BINARY, "backtest", QUARTERS], folder);
    console.log(`${MACHINE}, load ${load} before\n`);
    console.log(`backtest ${QUARTERS}: ${seconds.toFixed(1)} s, target < ${TARGET} s`);
    if (seconds <= TARGET) return;
    console.log("MISSED");
    process.exitCode = 1;
  });
}

const panels = process.env.RETRAIN_PANELS;
if (panels === undefined) console.log("SKIPPED: set RETRAIN_PANELS to the folder of the panels.");
else await replay(join(panels, "aus_tourism_large_monthly.csv.gz"));

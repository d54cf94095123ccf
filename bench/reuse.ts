/**
 * A quarter with nothing changed beside `dvc repro` with nothing changed, run in turn.
 * `RETRAIN_PANELS=FOLDER npm run bench:reuse`; DVC_BIN names an installed dvc, else one is installed into a temp folder.
 */
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { BINARY, MACHINE, median, ROOT, secondsOf, tourismRunbook, withFolder } from "./support.js";

const ROUNDS = 11;
const PEER = join(ROOT, "bench", "peers", "dvc");

async function installDvc(folder: string): Promise<string> {
  if (process.env.DVC_BIN !== undefined) return process.env.DVC_BIN;
  const venv = join(folder, "venv");
  await secondsOf("python3", ["-m", "venv", venv], folder);
  await secondsOf(join(venv, "bin", "pip"), ["install", "-q", "-r", join(PEER, "requirements.txt")], folder);
  return join(venv, "bin", "dvc");
}

/** A git repository with the nine stages, run once. Nothing is sent or looked up over the network. */
async function prepareDvc(folder: string, dvc: string, panel: string): Promise<NodeJS.ProcessEnv> {
  const env = {
    ...process.env,
    PATH: `${dirname(dvc)}${delimiter}${process.env.PATH}`,
    DVC_NO_ANALYTICS: "1",
  };
  cpSync(PEER, folder, { recursive: true });
  mkdirSync(join(folder, "data"));
  copyFileSync(panel, join(folder, "data", "panel.csv.gz"));
  await secondsOf("git", ["init", "-q"], folder);
  await secondsOf(dvc, ["init", "-q"], folder, env);
  for (const option of ["core.analytics", "core.check_update"])
    await secondsOf(dvc, ["config", option, "false"], folder, env);
  await secondsOf(dvc, ["repro"], folder, env);
  return env;
}

async function compare(panel: string): Promise<void> {
  await withFolder(async (folder) => {
    const [ours, theirs] = [join(folder, "retrain"), join(folder, "dvc")];
    for (const path of [ours, theirs]) mkdirSync(path);
    const dvc = await installDvc(folder);
    const env = await prepareDvc(theirs, dvc, panel);
    writeFileSync(join(ours, "runbook.yaml"), tourismRunbook(panel));
    for (const quarter of ["2016Q2", "2016Q3", "2016Q4"])
      await secondsOf(process.execPath, [BINARY, "quarter", quarter], ours);

    const reuse = () => secondsOf(process.execPath, [BINARY, "quarter", "2016Q4"], ours);
    const repro = () => secondsOf(dvc, ["repro"], theirs, env);
    // The first of each fills the caches of the machine.
    await reuse();
    await repro();
    const times: { retrain: number; dvc: number }[] = [];
    for (let round = 0; round < ROUNDS; round++) times.push({ retrain: await reuse(), dvc: await repro() });
    report(times);
  });
}

function report(times: readonly { retrain: number; dvc: number }[]): void {
  const spread = (values: readonly number[]) =>
    `${median(values).toFixed(2)} s (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`;
  const seconds = median(times.map(({ retrain }) => retrain));
  const ratio = median(times.map(({ retrain, dvc }) => retrain / dvc));
  console.log(`${MACHINE}, ${times.length} rounds in turn\n`);
  console.log(`| nothing changed                 | median (range)             | target  |`);
  console.log(`| ------------------------------- | -------------------------- | ------- |`);
  console.log(
    `| retrain quarter, 10 steps       | ${spread(times.map(({ retrain }) => retrain)).padEnd(26)} | ≤ 1 s   |`,
  );
  console.log(
    `| dvc repro, 9 stages             | ${spread(times.map(({ dvc }) => dvc)).padEnd(26)} |         |`,
  );
  console.log(`| ratio of a round, median        | ${`${ratio.toFixed(2)}×`.padEnd(26)} | ≤ 0.5×  |`);
  if (seconds > 1 || ratio > 0.5) {
    console.log("\nMISSED");
    process.exitCode = 1;
  }
}

const panels = process.env.RETRAIN_PANELS;
if (panels === undefined) console.log("SKIPPED: set RETRAIN_PANELS to the folder of the panels.");
else await compare(join(panels, "aus_tourism_large_monthly.csv.gz"));

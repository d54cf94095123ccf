/**
 * Random kills from outside: at any time of a run of any quarter, with data and parameters that change between the runs. What a project looks
 * like afterwards is compared with one that saw the same changes and runs and no kill.
 * `node dist/bench/random-kills.js [--rounds 300] [--seed 1] [--jobs 2]`
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { differences, endState } from "../src/cli/drill/end-state.js";
import { leftovers, violations } from "../src/cli/drill/inspect.js";
import { type Ended, startQuarter } from "../src/cli/drill/process.js";
import { type DrillRow, drillCsv, drillRows, writeDrillProject } from "../src/cli/drill/project.js";
import { openRuns } from "../src/cli/setup.js";
import { stateFolder } from "../src/engine/state-folder.js";
import type { RunDocument } from "../src/report/run-document.js";
import { createRandom, type Random } from "../src/stats/random.js";

const QUARTERS = ["2024Q4", "2025Q1", "2025Q2"] as const;
const PARAMETERS = [
  [],
  [],
  ["train.folds=1"],
  ["outlook.levels.0=0.9"],
  ["gate.rules.0.max=0"],
  ["checkpoints.maxRevision=0.1"],
];
/** Runs of one pair of projects: their registries grow with every round, and so does the time to compare them. */
const CHAIN = 12;

interface Tally {
  kills: number;
  rounds: number;
  /** Kills that came after the verdict was on the disk. */
  late: number;
  readonly problems: string[];
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "300" },
    seed: { type: "string", default: "1" },
    jobs: { type: "string", default: "2" },
  },
});
const wanted = Number(values.rounds);
const tally: Tally = { kills: 0, rounds: 0, late: 0, problems: [] };
const started = performance.now();
let chains = 0;
const worker = async () => {
  while (tally.kills < wanted) await chain(createRandom(Number(values.seed) * 1_000_003 + chains++));
};
await Promise.all(Array.from({ length: Number(values.jobs) }, worker));

const minutes = ((performance.now() - started) / 60_000).toFixed(1);
console.log(
  `${tally.kills} kills in ${tally.rounds} runs of ${chains} pairs of projects, ${tally.late} of them after the verdict, seed ${values.seed}, ${minutes} min: ${tally.problems.length} differences`,
);
for (const problem of tally.problems) console.log(`  ${problem}`);
process.exitCode = tally.problems.length === 0 ? 0 : 1;

/** One pair of projects, in one folder, from an empty registry on. */
async function chain(random: Random): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "retrain-kills-"));
  try {
    const rows = drillRows();
    for (const project of ["killed", "whole"]) {
      mkdirSync(join(folder, project));
      writeDrillProject(join(folder, project), []);
    }
    for (let round = 0; round < CHAIN && tally.kills < wanted; round++) {
      const edit = editRows(rows, random);
      for (const project of ["killed", "whole"])
        writeFileSync(join(folder, project, "demand.csv"), drillCsv(rows));
      const quarter = QUARTERS[random.below(QUARTERS.length)]!;
      const set = PARAMETERS[random.below(PARAMETERS.length)]!;
      const name = `pair ${chains}, round ${round + 1}: ${quarter} ${set.join(" ")}, ${edit}`;
      const found = await compareRound(folder, { quarter, set }, random);
      tally.problems.push(...found.map((problem) => `${name}: ${problem}`));
      tally.rounds++;
      if (found.length > 0) return;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Wanted = { readonly quarter: string; readonly set: readonly string[] };

async function compareRound(folder: string, wantedRun: Wanted, random: Random): Promise<string[]> {
  const order = (project: string) => ({
    ...wantedRun,
    runbook: `${project}/runbook.yaml`,
    stateDir: `${project}/.retrain`,
  });
  const begun = performance.now();
  const whole = await startQuarter(folder, order("whole")).ended;
  const usual = performance.now() - begun;
  const path = join(folder, "killed");
  const before = await runsOf(path, wantedRun.quarter);
  const problems: string[] = [];
  let ended: Ended | null = null;
  let isLate = false;
  // Up to three kills of one run, then it is left alone.
  for (let kill = 0; kill < 3 && ended === null; kill++) {
    const child = startQuarter(folder, order("killed"));
    const timer = setTimeout(child.kill, random.uniform() * usual * (kill === 0 ? 1 : 2));
    const result = await child.ended;
    clearTimeout(timer);
    if (result.signal !== "SIGKILL") {
      ended = result;
      continue;
    }
    tally.kills++;
    problems.push(...(await violations(path)).map((line) => `after the kill: ${line}`));
    ended = await verdictOf(path, wantedRun.quarter, before, result);
    if (ended !== null) {
      tally.late++;
      isLate = true;
    }
    if (random.below(2) === 0) break;
  }
  ended ??= await startQuarter(folder, order("killed")).ended;
  if (whole.document === null) return [`the run that nobody killed printed no document: ${whole.talk}`];
  if (ended.document === null) return [...problems, `the resumed run printed no document: ${ended.talk}`];
  const left = await leftovers(path, wantedRun.quarter, whole.document.verdict);
  return [
    ...problems,
    ...differences(await endState(join(folder, "whole"), whole), await endState(path, ended)),
    ...(await violations(path)),
    // Nothing was left to resume after a late kill, so the next run takes its lock over.
    ...left.filter((line) => !isLate || !line.startsWith("lock left behind")),
  ];
}

async function runsOf(project: string, quarter: string): Promise<number> {
  return (await openRuns(stateFolder(join(project, ".retrain"))).runs.ofQuarter(quarter)).length;
}

/** What a run that was killed after its verdict had told, had it been alive to; null when it had none yet. */
async function verdictOf(
  project: string,
  quarter: string,
  before: number,
  killed: Ended,
): Promise<Ended | null> {
  const runs = await openRuns(stateFolder(join(project, ".retrain"))).runs.ofQuarter(quarter);
  const last = runs.at(-1);
  if (runs.length === before || last === undefined || last.unfinished) return null;
  const document = JSON.parse(readFileSync(join(last.folder, "document.json"), "utf8")) as RunDocument;
  return { ...killed, exitCode: document.exitCode, document };
}

/** Changes the panel in place, or not, and says what it did. */
function editRows(rows: DrillRow[], random: Random): string {
  const index = random.below(rows.length);
  const row = rows[index]!;
  switch (random.below(4)) {
    case 0:
      rows[index] = { ...row, demand: row.demand + 1 + random.below(20) };
      return `demand of ${row.series} ${row.month} changed`;
    case 1:
      rows[index] = { ...row, price: row.price + 1 };
      return `price of ${row.series} ${row.month} changed`;
    case 2: {
      const last = rows.map(({ month }) => month).reduce((a, b) => (a > b ? a : b));
      const next = last.endsWith("12")
        ? `${Number(last.slice(0, 4)) + 1}-01`
        : `${last.slice(0, 5)}${String(Number(last.slice(5)) + 1).padStart(2, "0")}`;
      rows.push(...rows.filter(({ month }) => month === last).map((each) => ({ ...each, month: next })));
      return `rows of ${next} added`;
    }
    default:
      return "same data";
  }
}

/**
 * Two machines that promote at the same time: two state directories and one registry. A step between gate and promote waits for the other machine, so
 * that both gates have passed against the same champion. Exactly one may win, the other escalates since the champion moved, and the trail has one
 * move a round.
 * `MLFLOW_TRACKING_URI=… node dist/bench/promote-race.js [--rounds 200]`; without the variable, on an embedded registry.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { execa } from "execa";
import { drillCsv, drillRows, writeDrillProject } from "../src/cli/drill/project.js";
import type { AliasMove } from "../src/kit/registry.js";
import type { RunDocument } from "../src/report/run-document.js";
import { createRandom } from "../src/stats/random.js";
import { BINARY, MACHINE } from "./support.js";

const MACHINES = ["a", "b"] as const;
const QUARTER = "2025Q2";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "200" } } });
const rounds = Number(values.rounds);
const folder = mkdtempSync(join(tmpdir(), "retrain-race-"));
const uri = process.env.MLFLOW_TRACKING_URI ?? `file:${join(folder, "registry")}`;
// A name of its own, so that the trail of a server that is in use starts empty.
const model = `race-${folder.slice(-6)}`;

const settings = [
  `registry.uri=${uri}`,
  `model.name=${model}`,
  `name=${model}`,
  "gate.rules.0.max=5",
  "gate.rules.1.maxIncrease=5",
].flatMap((value) => ["--set", value]);

/** Waits until the other machine has come as far: `node barrier.mjs FOLDER MACHINES`. */
const BARRIER = `
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
const { params, result } = JSON.parse(readFileSync(process.env.RETRAIN_CONTEXT, "utf8"));
const folder = join(params.folder, String(params.round));
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, params.machine), "");
while (readdirSync(folder).length < params.machines) await new Promise((resolve) => setTimeout(resolve, 1));
writeFileSync(result, JSON.stringify({ summary: "both are here" }));
`;

function prepare(machine: string): void {
  const cwd = join(folder, machine);
  mkdirSync(cwd);
  writeDrillProject(cwd, []);
  writeFileSync(join(cwd, "barrier.mjs"), BARRIER);
  const path = join(cwd, "runbook.yaml");
  const params = { folder: join(folder, "barrier"), machine, machines: 1, round: 0 };
  const barrier = {
    id: "barrier",
    uses: "command",
    with: { run: [process.execPath, "barrier.mjs"], params },
  };
  const promote = "  - { id: promote";
  const runbook = readFileSync(path, "utf8").replace(promote, `  - ${JSON.stringify(barrier)}\n${promote}`);
  writeFileSync(path, runbook);
}

const run = async (machine: string, ...flags: string[]): Promise<RunDocument> => {
  const cwd = join(folder, machine);
  const child = await execa(process.execPath, [BINARY, "quarter", QUARTER, "--json", ...flags, ...settings], {
    cwd,
    reject: false,
  });
  if (child.stdout === "") throw new Error(`${machine}: exit ${child.exitCode}\n${child.stderr}`);
  return JSON.parse(child.stdout) as RunDocument;
};

function endOf({ verdict, steps }: RunDocument): string {
  const failed = steps.find(({ failure }) => failure !== null);
  return failed === undefined ? verdict : `${verdict} at ${failed.id}: ${JSON.stringify(failed.failure)}`;
}

const problems: string[] = [];
const started = performance.now();
try {
  const random = createRandom(1);
  for (const machine of MACHINES) prepare(machine);
  await run("a");
  const wins: Record<string, number> = { a: 0, b: 0 };
  for (let round = 1; round <= rounds; round++) {
    for (const machine of MACHINES) {
      const rows = drillRows().map((row) => ({ ...row, demand: row.demand + random.below(5) }));
      writeFileSync(join(folder, machine, "demand.csv"), drillCsv(rows));
    }
    const together = [`barrier.params.machines=${MACHINES.length}`, `barrier.params.round=${round}`];
    const flags = together.flatMap((value) => ["--set", value]);
    const ended = await Promise.all(MACHINES.map((machine) => run(machine, ...flags)));
    const verdicts = ended.map(({ verdict }) => verdict);
    if ([...verdicts].sort().join() !== "escalated,promoted")
      problems.push(`round ${round}: ${ended.map(endOf).join("; ")}`);
    const winner = MACHINES[verdicts.indexOf("promoted")];
    if (winner !== undefined) wins[winner]!++;
  }
  const { stdout } = await execa(process.execPath, [BINARY, "models", "--json", ...settings], {
    cwd: join(folder, "a"),
  });
  const { history, aliases } = JSON.parse(stdout) as {
    history: AliasMove[];
    aliases: Record<string, string>;
  };
  const moves = history.filter(({ alias }) => alias === "best");
  if (moves.length !== rounds + 1)
    problems.push(`${moves.length} moves of best in ${rounds} rounds and a first release`);
  for (const [index, { from }] of moves.entries()) {
    const before = moves[index - 1]?.to ?? null;
    if (from !== before) problems.push(`move ${index + 1} is from ${from}, the one before went to ${before}`);
  }
  if (new Set(moves.map(({ key }) => key)).size !== moves.length) problems.push("a key moved twice");
  if (aliases.best !== moves.at(-1)?.to)
    problems.push(`best names ${aliases.best}, the trail ${moves.at(-1)?.to}`);
  const minutes = ((performance.now() - started) / 60_000).toFixed(1);
  const target = process.env.MLFLOW_TRACKING_URI === undefined ? "an embedded registry" : "MLflow";
  console.log(
    `${MACHINE}: ${rounds} rounds on ${target}, ${minutes} min, won by a ${wins.a}, by b ${wins.b}: ${problems.length} problems`,
  );
  for (const problem of problems) console.log(`  ${problem}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = problems.length === 0 ? 0 : 1;

/**
 * Damages files, and answers of an MLflow server, in every way that a disk, an editor or a network can, and looks how commands take it: a
 * documented exit code, no stack trace, no hang, the file named, and a project that goes on afterwards.
 * `node dist/bench/mutants.js [--count 2000] [--seed 1] [--jobs 2] [--only csv,state] [--at NUMBER] [--mlflow URI] [--json]`
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Mutant, runMutants } from "./mutants/campaign.js";
import { KINDS, type Kind, TARGETS } from "./mutants/targets.js";
import { MACHINE, withFolder } from "./support.js";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    jobs: { type: "string", default: "2" },
    only: { type: "string" },
    at: { type: "string" },
    mlflow: { type: "string" },
  },
});
const only = values.only?.split(",") ?? KINDS;
const mlflow = values.mlflow ?? null;
const targets = TARGETS.filter(({ kind }) => only.includes(kind) && (kind !== "mlflow" || mlflow !== null));
if (targets.length === 0) throw new Error(`--only takes ${KINDS.join(", ")}; mlflow needs --mlflow URI`);

const count = Number(values.count);
const jobs = values.at === undefined ? Number(values.jobs) : 1;
const numbers =
  values.at === undefined ? Array.from({ length: count }, (_, number) => number) : [Number(values.at)];
const tally = new Map<Kind, { mutants: number; exits: Map<string, number>; problems: number }>();
const problems: Mutant[] = [];
const started = performance.now();

function onMutant(mutant: Mutant): void {
  const { kind, exitCode, problem } = mutant;
  const entry = tally.get(kind) ?? { mutants: 0, exits: new Map(), problems: 0 };
  tally.set(kind, entry);
  entry.mutants++;
  entry.exits.set(String(exitCode), (entry.exits.get(String(exitCode)) ?? 0) + 1);
  if (problem === null && values.at === undefined) return;
  if (problem !== null) entry.problems++;
  problems.push(mutant);
  if (problems.length <= 40)
    console.log(
      `${mutant.number} ${mutant.damage}\n  ${mutant.command}\n  ${problem ?? `exit code ${exitCode}`}`,
    );
}

await withFolder((folder) =>
  Promise.all(
    Array.from({ length: jobs }, (_, job) =>
      runMutants({
        targets,
        seed: Number(values.seed),
        numbers: numbers.filter((number) => number % jobs === job),
        folder: join(folder, String(job)),
        mlflow,
        onMutant,
      }),
    ),
  ),
);

const minutes = ((performance.now() - started) / 60_000).toFixed(1);
console.log(`${MACHINE}, seed ${values.seed}, ${minutes} min`);
console.log("| what was damaged | mutants | exit codes | problems |\n| --- | --- | --- | --- |");
for (const [kind, { mutants, exits, problems }] of tally) {
  const codes = [...exits].sort().map(([code, times]) => `${code}: ${times}`);
  console.log(`| ${kind} | ${mutants} | ${codes.join(", ")} | ${problems} |`);
}
const broken = problems.filter(({ problem }) => problem !== null).length;
console.log(`${numbers.length} mutants, ${broken} problems`);
process.exitCode = broken === 0 ? 0 : 1;

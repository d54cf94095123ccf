import { join } from "node:path";
import { CommandHost } from "../../scripts/command-host/command-host.js";
import { createRandom, type Random } from "../../src/stats/random.js";
import { problemOf } from "./judge.js";
import { mutate } from "./mutate.js";
import { type MutatingProxy, startMutatingProxy } from "./mutating-proxy.js";
import { makeProject } from "./project.js";
import { type Base, drawTarget, type Kind, type Target } from "./targets.js";
import { Workplace } from "./workplace.js";

/** How long a command may take on a damaged file. */
const LIMIT_MS = 60_000;
/** Calls of a server among which the damaged one is drawn. */
const CALLS = 60;

export interface Asked {
  readonly targets: readonly Target[];
  readonly seed: number;
  /** Numbers of the mutants: what a mutant is follows from the seed and its number alone. */
  readonly numbers: readonly number[];
  /** A folder for the projects. */
  readonly folder: string;
  /** URI of an MLflow server; null: its answers are not damaged. */
  readonly mlflow: string | null;
  readonly onMutant: (mutant: Mutant) => void;
}

export interface Mutant {
  readonly number: number;
  readonly kind: Kind;
  /** What was damaged, and how. */
  readonly damage: string;
  readonly command: string;
  readonly exitCode: number | null;
  readonly problem: string | null;
}

interface Place {
  readonly workplace: Workplace;
  readonly files: readonly string[];
  /** Exit codes of commands on the healthy project. */
  readonly healthy: Map<string, number>;
}

/** One worker of a campaign: damages one file (or one answer) after another, runs a command on it, and judges how that ended. */
export async function runMutants(asked: Asked): Promise<void> {
  const host = new CommandHost({ limitMs: LIMIT_MS });
  const proxy = asked.mlflow === null ? null : await startMutatingProxy(asked.mlflow);
  const own = proxy === null ? {} : { MLFLOW_TRACKING_URI: proxy.uri };
  const env = { ...process.env, NO_COLOR: "1", RETRAIN_WORKERS: "1", ...own };
  const places = new Map<Kind, Place>();
  try {
    for (const number of asked.numbers) {
      const random = createRandom(asked.seed * 1_000_003 + number);
      const target = drawTarget(asked.targets, random);
      const place = places.get(target.kind) ?? (await placeOf(target, asked.folder, host, env));
      places.set(target.kind, place);
      asked.onMutant(await tryMutant({ number, random, target, place, host, proxy, env }));
    }
  } finally {
    host.end();
    proxy?.stop();
  }
}

async function placeOf(
  { kind, base, files }: Target,
  folder: string,
  host: CommandHost,
  env: NodeJS.ProcessEnv,
): Promise<Place> {
  const pristine = join(folder, `${kind}-pristine`);
  await makeProject(base satisfies Base, pristine, host, env);
  const workplace = new Workplace(pristine, join(folder, kind));
  return { workplace, files: files(pristine), healthy: new Map() };
}

interface Trial {
  readonly number: number;
  readonly random: Random;
  readonly target: Target;
  readonly place: Place;
  readonly host: CommandHost;
  readonly proxy: MutatingProxy | null;
  readonly env: NodeJS.ProcessEnv;
}

async function tryMutant({ number, random, target, place, host, proxy, env }: Trial): Promise<Mutant> {
  const { workplace, healthy, files } = place;
  const command = target.commands[random.below(target.commands.length)]!;
  const order = { cwd: workplace.folder, args: command, env };
  const words = command.join(" ");
  const expected = healthy.get(words) ?? (await exitCodeOf(host, order));
  healthy.set(words, expected);
  workplace.restore();

  const path = files.length === 0 ? null : files[random.below(files.length)]!;
  const how = path === null ? "answer" : damage(workplace, path, random);
  if (path === null) proxy?.arm(random.below(CALLS), random);
  const outcome = await host.run(order);
  const answer = path === null ? (proxy?.disarm() ?? "none") : "";
  let problem = problemOf(outcome, path, expected);
  if (problem === null) problem = await isUnusable(place, host, env, path);
  workplace.restore();
  return {
    number,
    kind: target.kind,
    damage: path === null ? `${how} of ${answer}` : `${how} of ${path}`,
    command: `retrain ${words}`,
    exitCode: outcome.kind === "answered" ? outcome.answer.exitCode : null,
    problem,
  };
}

async function exitCodeOf(host: CommandHost, order: Parameters<CommandHost["run"]>[0]): Promise<number> {
  const outcome = await host.run(order);
  if (outcome.kind !== "answered")
    throw new Error(`retrain ${order.args.join(" ")} on a healthy project: ${outcome.kind}`);
  return outcome.answer.exitCode;
}

function damage(workplace: Workplace, path: string, random: Random): string {
  switch (random.below(40)) {
    case 0:
      workplace.remove(path);
      return "removal";
    case 1:
      workplace.putFolder(path);
      return "folder in the place";
    default: {
      const { bytes, name } = mutate(workplace.read(path), random);
      workplace.put(path, bytes);
      return name;
    }
  }
}

/** With the damaged file as it was, and everything else as the command left it, the project must go on. */
async function isUnusable(
  { workplace }: Place,
  host: CommandHost,
  env: NodeJS.ProcessEnv,
  path: string | null,
): Promise<string | null> {
  // Where nothing else was written, what is left is the healthy project itself.
  if (path !== null && !workplace.isChangedBeside(path)) return null;
  if (path !== null) workplace.put(path);
  const args = path?.startsWith(".retrain/") === false ? ["check"] : ["status"];
  const after = await host.run({ cwd: workplace.folder, args, env });
  if (after.kind !== "answered") return `afterwards retrain ${args.join(" ")} ${after.kind}`;
  const { exitCode, stderr } = after.answer;
  return exitCode === 0 || exitCode === 3
    ? null
    : `afterwards retrain ${args.join(" ")} ends with ${exitCode}: ${stderr.slice(-400)}`;
}

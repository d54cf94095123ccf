/**
 * Kills what a person types at each of its calls that change something, and types it again: it must end as if it had not been killed.
 * `node dist/bench/call-kills.js [--only approve,clean] [--every 1] [--offset 0] [--mlflow URI]`
 */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { differences } from "../src/cli/drill/end-state.js";
import type { Orders } from "./call-kills/preload.js";
import { facts, type Place, prepare, SCENARIOS, type Scenario } from "./call-kills/scenarios.js";
import { BINARY, MACHINE } from "./support.js";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    every: { type: "string", default: "1" },
    offset: { type: "string", default: "0" },
    mlflow: { type: "string" },
  },
});
const only = values.only?.split(",") ?? SCENARIOS.map(({ name }) => name);
const [every, offset] = [Number(values.every), Number(values.offset)];
const PRELOAD = fileURLToPath(new URL("./call-kills/preload.js", import.meta.url));

interface Ended {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly talk: string;
}

function type(place: Place, args: readonly string[], orders: Orders | null): Promise<Ended> {
  const flags = orders === null ? [] : ["--import", PRELOAD];
  const env = { ...process.env, ...place.env, NO_COLOR: "1", RETRAIN_WORKERS: "1" };
  const child = spawn(process.execPath, [...flags, BINARY, ...args], {
    cwd: place.folder,
    env: orders === null ? env : { ...env, RETRAIN_CALL_KILLS: JSON.stringify(orders) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let talk = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      talk += chunk.toString();
    });
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (exitCode, signal) => resolve({ exitCode, signal, talk }));
  });
}

async function mustEnd(place: Place, args: readonly string[], exitCode: number): Promise<void> {
  const ended = await type(place, args, null);
  if (ended.exitCode !== exitCode)
    throw new Error(`retrain ${args.join(" ")}: exit ${ended.exitCode ?? ended.signal}\n${ended.talk}`);
}

const root = mkdtempSync(join(tmpdir(), "retrain-call-kills-"));
let problems = 0;
let kills = 0;

/** A place in which the scenario's command can be typed. What lies on a server cannot be copied, and is made anew. */
async function placeFor(scenario: Scenario, name: string): Promise<Place> {
  const pristine = join(root, `${scenario.name}-pristine`);
  const folder = join(root, `${scenario.name}-${name}`);
  if (values.mlflow === undefined && existsSync(pristine)) {
    cpSync(pristine, folder, { recursive: true });
    return { folder, env: {}, model: "drill", mlflow: null };
  }
  const place = prepare(folder, values.mlflow ?? null);
  for (const { args, exitCode } of scenario.before) await mustEnd(place, args, exitCode);
  await scenario.arrange?.(place);
  if (values.mlflow === undefined) cpSync(folder, pristine, { recursive: true });
  return place;
}

/**
 * Each moment that a kill leaves something else at. What is there after a call is there before the next one, so only the first, and those to a
 * server, which answers while nobody listens any more, are killed before; and what was written is there without a sync, as long as the system lives.
 */
function momentsOf(calls: readonly string[]) {
  return calls.flatMap((what, index) => {
    const [, name = ""] = what.split(" ");
    if (/sync/i.test(name.replace(/Sync$/, ""))) return [];
    const whens = [
      ...(index === 0 || name === "write" ? (["before"] as const) : []),
      ...(/^(?:handle\.)?(?:write|append).+|^handle\.write$/.test(name) ? (["half"] as const) : []),
      "after" as const,
    ];
    return whens.map((when) => ({ call: index + 1, when, what }));
  });
}

async function run(scenario: Scenario): Promise<void> {
  const { name, command, exitCode } = scenario;
  const reference = await placeFor(scenario, "reference");
  const record = join(root, `${name}.calls`);
  const whole = await type(reference, command, { folder: reference.folder, die: null, record });
  if (whole.exitCode !== exitCode) throw new Error(`${name}: exit ${whole.exitCode}\n${whole.talk}`);
  await mustEnd(reference, ["clean"], 0);
  const expected = await facts(reference);
  const calls = existsSync(record) ? readFileSync(record, "utf8").trim().split("\n") : [];
  if (calls.length === 0) throw new Error(`${name} changed nothing: there is no moment to kill it at`);
  const moments = momentsOf(calls);
  const chosen = moments.filter((_, index) => index % every === offset % every);
  for (const { call, when, what } of chosen) {
    const place = await placeFor(scenario, `${call}-${when}`);
    const killed = await type(place, command, { folder: place.folder, die: { call, when }, record: null });
    if (killed.signal === "SIGKILL") kills++;
    const again = killed.signal === "SIGKILL" ? await type(place, command, null) : killed;
    const found: string[] = [];
    if (again.exitCode !== exitCode)
      found.push(`typed again it ends with ${again.exitCode}: ${again.talk.slice(-600)}`);
    const cleaned = await type(place, ["clean"], null);
    if (cleaned.exitCode !== 0)
      found.push(`clean ends with ${cleaned.exitCode}: ${cleaned.talk.slice(-400)}`);
    found.push(...differences(expected, await facts(place)));
    if (found.length > 0) {
      problems++;
      console.log(
        `${name}, killed ${when} ${what}\n${found
          .slice(0, 6)
          .map((line) => `  ${line}`)
          .join("\n")}`,
      );
    }
    rmSync(place.folder, { recursive: true, force: true });
  }
  console.log(`${name}: ${calls.length} calls, ${moments.length} moments, ${chosen.length} tried`);
}

const started = performance.now();
try {
  for (const scenario of SCENARIOS) if (only.includes(scenario.name)) await run(scenario);
} finally {
  rmSync(root, { recursive: true, force: true });
}
console.log(
  `${MACHINE}, ${values.mlflow === undefined ? "embedded registry" : "MLflow"}, ${((performance.now() - started) / 60_000).toFixed(1)} min: ${kills} kills, ${problems} differences`,
);
process.exitCode = problems === 0 ? 0 : 1;

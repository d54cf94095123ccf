import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Facts } from "../../src/cli/drill/end-state.js";
import { writeDrillProject } from "../../src/cli/drill/project.js";
import { registryOf } from "../../src/cli/setup.js";
import { stateFolder } from "../../src/engine/state-folder.js";

export interface Place {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly model: string;
  /** Of an MLflow server; null for the embedded registry. */
  readonly mlflow: string | null;
}

export interface Scenario {
  readonly name: string;
  /** What is typed before, with its exit codes. */
  readonly before: readonly { readonly args: readonly string[]; readonly exitCode: number }[];
  /** What happens besides. */
  readonly arrange?: (place: Place) => Promise<void> | void;
  readonly command: readonly string[];
  readonly exitCode: number;
}

const FIRST = { args: ["quarter", "2025Q1"], exitCode: 0 };
const SECOND = { args: ["quarter", "2025Q2"], exitCode: 0 };
const ESCALATED = { args: ["quarter", "2025Q2", "--set", "gate.rules.0.max=0"], exitCode: 3 };
const ON_COPY = ["--set", "registry.uri=file:copy"];
const WORDS = ["--by", "Ada", "--reason", "as a test"];
const EXPIRES = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);

/** What a killed process leaves behind, for `clean` to find. */
function leaveTempFiles({ folder }: Place): void {
  const state = join(folder, ".retrain");
  for (const at of ["objects", "records", "registry"]) {
    mkdirSync(join(state, at), { recursive: true });
    writeFileSync(join(state, at, ".tmp-999999-1"), "left behind");
  }
}

/** The alias is gone, as after a restored backup or a slip in a client; its version is not. */
async function loseAlias({ folder, model, mlflow }: Place): Promise<void> {
  if (mlflow === null) {
    const files = join(folder, ".retrain", "registry", "models", model);
    for (const name of ["alias-log.jsonl", "alias-log.seal.json"]) rmSync(join(files, name), { force: true });
    return;
  }
  const answer = await fetch(`${mlflow}/api/2.0/mlflow/registered-models/alias`, {
    method: "DELETE",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: model, alias: "best" }),
  });
  if (!answer.ok) throw new Error(`the alias was not deleted: ${answer.status}`);
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: "approve",
    before: [FIRST, ESCALATED],
    command: ["approve", ...WORDS, "--expires", EXPIRES],
    exitCode: 0,
  },
  { name: "reject", before: [FIRST, ESCALATED], command: ["reject", ...WORDS], exitCode: 0 },
  { name: "rollback", before: [FIRST, SECOND], command: ["rollback", ...WORDS], exitCode: 0 },
  {
    name: "adopt",
    before: [FIRST],
    arrange: loseAlias,
    command: ["adopt", "1", ...WORDS, "--expires", EXPIRES],
    exitCode: 0,
  },
  {
    name: "push",
    before: [FIRST, ESCALATED],
    command: ["registry", "push", "--to", "file:copy"],
    exitCode: 0,
  },
  {
    name: "pull",
    // The quarters were run on the copy, so the project's own registry has nothing of them yet.
    before: [FIRST, ESCALATED].map(({ args, exitCode }) => ({ args: [...args, ...ON_COPY], exitCode })),
    command: ["registry", "pull", "--from", "file:copy"],
    exitCode: 0,
  },
  { name: "clean", before: [FIRST, ESCALATED], arrange: leaveTempFiles, command: ["clean"], exitCode: 0 },
];

/** Writes a project; on a server its model has a name of its own, since servers are shared. */
export function prepare(folder: string, mlflow: string | null): Place {
  mkdirSync(folder, { recursive: true });
  writeDrillProject(folder, []);
  if (mlflow === null) return { folder, env: {}, model: "drill", mlflow };
  const model = `kills-${process.pid}-${Date.now()}`;
  const path = join(folder, "runbook.yaml");
  const text = readFileSync(path, "utf8").replaceAll("name: drill", `name: ${model}`);
  writeFileSync(path, text.replace("file:.retrain/registry", mlflow));
  return { folder, env: {}, model, mlflow };
}

/** What a registry knows of a model, and the files of the state directory, without instants and names that follow from them. */
export async function facts(place: Place): Promise<Facts> {
  const found: Record<string, string> = {};
  const text = readFileSync(join(place.folder, "runbook.yaml"), "utf8");
  const uris = new Map([["registry", /uri: "([^"]+)"/.exec(text)![1]!]]);
  if (readdirSync(place.folder).includes("copy")) uris.set("copy", "file:copy");
  for (const [name, uri] of uris) Object.assign(found, await registryFacts(name, uri, place));
  for (const path of (readdirSync(join(place.folder, ".retrain"), { recursive: true }) as string[]).sort())
    if (path.includes(".tmp-") || path.endsWith(".lock") || path.endsWith("/lock"))
      found[`left behind ${path}`] = "yes";
  return found;
}

async function registryFacts(name: string, uri: string, { folder, model, mlflow }: Place): Promise<Facts> {
  const registry = await registryOf(uri, stateFolder(join(folder, ".retrain")), folder);
  const found: Record<string, string> = {};
  const ids = new Map<string, string>();
  const runs = await registry.listRuns(model);
  for (const [index, { runId }] of runs.entries()) ids.set(runId, `run ${index + 1}`);
  const plain = (value: unknown): string => {
    let shown = JSON.stringify(value).replaceAll(model, "MODEL").replaceAll(folder, "FOLDER");
    for (const [id, label] of ids) shown = shown.replaceAll(id, label);
    // On a server each place has a model of its own, and what is hashed with its name differs.
    if (mlflow !== null) shown = shown.replaceAll(/[0-9a-f]{12,}/g, "HASH");
    return shown
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "INSTANT")
      .replaceAll(/retrain\.approval\.[\w.-]+/g, "APPROVAL")
      .replaceAll(/\\"id\\":\\"[^"\\]+\\"/g, "ID");
  };
  for (const [index, run] of runs.entries()) {
    const tags = Object.entries(run.tags)
      .map(([tag, value]) => plain([tag, value]))
      .sort();
    found[`${name} run ${index + 1}`] = [plain({ ...run, tags: null, createdAt: null }), ...tags].join(" ");
    found[`${name} artifacts of run ${index + 1}`] = plain(
      [...(await registry.listArtifacts(run.runId))].sort(),
    );
  }
  for (const { createdAt: _, ...version } of await registry.listVersions(model))
    found[`${name} version ${version.version}`] = plain(version);
  for (const [index, { at: _, ...move }] of (await registry.aliasHistory(model)).entries())
    found[`${name} move ${index + 1}`] = plain(move);
  found[`${name} best`] = String(await registry.getAlias(model, "best"));
  return found;
}

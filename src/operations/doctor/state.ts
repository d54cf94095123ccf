import { join } from "node:path";
import type { Engine } from "../../engine/engine.js";
import { parseRecord } from "../../engine/records.js";
import type { StoredRun } from "../../engine/run-store.js";
import { programName } from "../../kit/program-name.js";
import { type Checkup, failed, fine } from "../../report/checkup.js";
import type { Commands } from "../../report/commands.js";
import { explainFailure } from "../../report/failures/explain.js";
import type { FailureContext } from "../../report/failures/text.js";
import { RunDocument } from "../../report/run-document.js";
import { readStored } from "../run-document/stored-json.js";
import { checkDisk, writeProblem } from "./machine.js";

export interface StateInput {
  readonly engine: Engine;
  readonly context: FailureContext;
  /** Models whose lock a process holds that runs, or may. */
  readonly busy: ReadonlySet<string>;
  /** Also the content of every output that is kept. */
  readonly verify: boolean;
}

export async function checkState(input: StateInput): Promise<Checkup[]> {
  const { root } = input.engine.state;
  const problem = writeProblem(root);
  const writable: Checkup =
    problem === null
      ? fine("state.folder", "The state directory can be written", root)
      : {
          id: "state.folder",
          state: "problem",
          title: `The state directory cannot be written: ${problem}`,
          where: root,
          details: [],
          next: ["Give this user the rights, or choose another `--state-dir`"],
        };
  return [
    writable,
    checkDisk("state.disk", "the state directory", root),
    ...(await checkRuns(input)),
    await checkRecords(input.engine),
    ...(input.verify ? [await checkObjects(input.engine)] : []),
  ];
}

async function checkRuns({ engine, context, busy }: StateInput): Promise<Checkup[]> {
  const { readable, unreadable } = await engine.runs.listAll();
  const damaged = unreadable.map(({ run, failure }) => {
    const quarter = /^(.+)-\d+$/.exec(run)?.[1] ?? null;
    const about: FailureContext = { ...context, run, quarter };
    return failed("state.run", explainFailure(failure, about));
  });
  const sound = fine(
    "state.runs",
    `${readable.length} ${readable.length === 1 ? "run" : "runs"} can be read`,
  );
  const documents = await Promise.all(readable.map((run) => checkDocument(engine, run, context.commands)));
  return [
    ...damaged,
    ...(damaged.length === 0 ? [sound] : []),
    ...latest(readable)
      .filter(({ header }) => !busy.has(header.model))
      .flatMap((run) => unfinished(run, context.commands)),
    ...documents.filter((one) => one !== null),
  ];
}

/** The last run of each quarter, model and mode: what went on with an earlier one is over. */
function latest(runs: readonly StoredRun[]): StoredRun[] {
  const last = new Map(
    runs.map((run) => [`${run.header.quarter} ${run.header.dryRun} ${run.header.model}`, run]),
  );
  return [...last.values()];
}

function unfinished({ header, verdict, unfinished }: StoredRun, commands: Commands): Checkup[] {
  // A run that stopped where it was asked to stop is no trouble.
  if (!unfinished || verdict === "completed" || header.dryRun) return [];
  const how =
    verdict === null ? "it was killed, or something kept it from its end" : `its verdict is ${verdict}`;
  return [
    {
      id: "state.unfinished",
      state: "warning",
      title: `Run ${header.run} of ${header.model} is not finished: ${how}`,
      where: null,
      details: [],
      next: [`\`${commands.resume(header.run)}\``, `\`${commands.status(header.run)}\``],
    },
  ];
}

async function checkDocument(engine: Engine, run: StoredRun, commands: Commands): Promise<Checkup | null> {
  if (run.verdict === null) return null;
  const path = join(run.folder, "document.json");
  const stored = await readStored(engine.files, path, RunDocument);
  if (stored.kind === "there") return null;
  return {
    id: "state.document",
    state: "warning",
    title: `The document of run ${run.header.run} is ${stored.kind === "absent" ? "gone" : `damaged: ${stored.why}`}`,
    where: path,
    details: ["commands that need it make it again from the journal and the records"],
    next: [`\`${commands.quarter(run.header.quarter)}\` writes one anew`],
  };
}

async function checkRecords({ state, files }: Engine): Promise<Checkup> {
  const paths = await filesBelow(files, state.records, ".json");
  const broken: string[] = [];
  for (const path of paths) if (parseRecord(await files.readText(path)) === null) broken.push(path);
  if (broken.length === 0) return fine("state.records", `${paths.length} step records are sound`);
  return {
    id: "state.records",
    state: "warning",
    title: `${broken.length} of ${paths.length} step records cannot be read`,
    where: broken[0]!,
    details: ["their steps run again; nothing else is wrong"],
    next: [`\`${programName()} clean\` removes what no run refers to`],
  };
}

async function checkObjects({ state, files }: Engine): Promise<Checkup> {
  const paths = await filesBelow(files, state.objects, "");
  const broken: string[] = [];
  for (const path of paths) {
    const [folder, name] = path.split(/[\\/]/).slice(-2);
    if ((await files.sha256(path)) !== `${folder}${name}`) broken.push(path);
  }
  if (broken.length === 0)
    return fine("state.outputs", `${paths.length} stored outputs are what was written`);
  return {
    id: "state.outputs",
    state: "warning",
    title: `${broken.length} of ${paths.length} stored outputs are not what was written`,
    where: broken[0]!,
    details: ["the steps that made them run again when they are needed"],
    next: ["Look after the disk: what is damaged once may be damaged again"],
  };
}

/** Files named by a hash, `ab/cdef…`. */
async function filesBelow(files: Engine["files"], folder: string, suffix: string): Promise<string[]> {
  const found: string[] = [];
  for (const head of await files.list(folder)) {
    if (!/^[0-9a-f]{2}$/.test(head)) continue;
    for (const name of await files.list(join(folder, head)))
      if (name.endsWith(suffix) && /^[0-9a-f]{62}/.test(name)) found.push(join(folder, head, name));
  }
  return found;
}

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { RUN_TAGS } from "../../history/run-tags.js";
import { fail } from "../../kit/failure.js";
import type { FileOption } from "../../kit/failures/data.js";
import { programName } from "../../kit/program-name.js";
import type { ModelRegistry } from "../../kit/registry.js";
import { withTemporaryFolder } from "../../kit/temporary-folder.js";
import type { TransferReport } from "../../kit/transfer.js";
import { stateOfRunbook, stateOfRuns } from "../../operations/state/find.js";
import { scratchRegistry } from "../../registry/scratch.js";
import { transfer } from "../../registry/transfer/transfer.js";
import { transferText } from "../../report/console/transfer.js";
import { type Adapters, systemAdapters } from "../adapters.js";
import { requireRunbook } from "../require-runbook.js";
import { registryOf } from "../setup.js";
import { openTerminal, type Terminal } from "../terminal.js";
import { transferProgress } from "../transfer-progress.js";

export interface TransferOptions {
  readonly runbook: string;
  readonly stateDir?: string;
  readonly set: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly model?: string;
  /** Numbers in the source; empty for all. */
  readonly version: readonly string[];
  /** Empty for all. */
  readonly alias: readonly string[];
  /** False for `--no-aliases`. */
  readonly aliases: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

type Direction = "push" | "pull";

/** The embedded registry of the state directory. */
const LOCAL = "state:registry";

export const push = (options: TransferOptions, adapters?: Adapters) => run("push", options, adapters);
export const pull = (options: TransferOptions, adapters?: Adapters) => run("pull", options, adapters);

async function run(
  command: Direction,
  options: TransferOptions,
  adapters: Adapters = systemAdapters,
): Promise<void> {
  checkOptions(command, options);
  const terminal = openTerminal();
  const { model, from, to } = await openBoth(command, options, terminal, adapters);
  const report = await inScratch(to, options.dryRun ?? false, adapters, (target) =>
    copy(command, { model, from, to: target }, options, terminal, adapters),
  );
  terminal.show(options.json, report, (style) => transferText(report, style));
  failIfDiverged(command, report);
}

interface Ends {
  readonly model: string;
  readonly from: ModelRegistry;
  readonly to: ModelRegistry;
}

async function copy(
  command: Direction,
  { model, from, to }: Ends,
  { version, alias, aliases }: TransferOptions,
  terminal: Terminal,
  { files, clock }: Adapters,
): Promise<TransferReport> {
  const progress = transferProgress(command, terminal, clock);
  try {
    return await transfer(
      from,
      to,
      {
        model,
        versions: version.length === 0 ? null : version,
        aliases: !aliases ? [] : alias.length === 0 ? null : alias,
      },
      { files, versionTag: RUN_TAGS.version, onProgress: progress.show },
    );
  } finally {
    progress.close();
  }
}

/** A dry run copies to a layer over the target, which is gone afterwards. */
async function inScratch<T>(
  target: ModelRegistry,
  dryRun: boolean,
  { files, clock }: Adapters,
  use: (target: ModelRegistry) => Promise<T>,
): Promise<T> {
  if (!dryRun) return use(target);
  return withTemporaryFolder("dry-run", (folder) =>
    use(scratchRegistry(target, { folder: join(folder, "registry"), files, clock })),
  );
}

async function openBoth(
  command: Direction,
  options: TransferOptions,
  terminal: Terminal,
  adapters: Adapters,
): Promise<Ends> {
  const book = await runbookOf(options, terminal);
  const model = options.model ?? book?.model.name;
  if (model === undefined) {
    return fail({
      code: "usage.invalid",
      retryable: false,
      message: `there is no ${options.runbook} to say which model is meant`,
      next: `${programName()} registry ${command} --model NAME`,
    });
  }
  const remote = process.env.MLFLOW_TRACKING_URI || book?.registryUri;
  const given = { push: { from: LOCAL, to: remote }, pull: { from: remote, to: LOCAL } }[command];
  const [from, to] = [options.from ?? given.from, options.to ?? given.to];
  if (from === undefined || to === undefined || from === to) return noOtherSide(command, from === to);
  const { state } =
    book === null
      ? stateOfRuns({ stateDir: options.stateDir })
      : stateOfRunbook(options, { path: resolve(options.runbook), model });
  const open = (uri: string, named: FileOption) =>
    registryOf(uri, state, book?.folder ?? process.cwd(), adapters, book?.name, undefined, named);
  const end = async (side: "from" | "to", uri: string) =>
    open(uri, options[side] === undefined ? "registry.uri" : `--${side}`);
  const ends = { model, from: await end("from", from), to: await end("to", to) };
  return ends.from.uri === ends.to.uri ? noOtherSide(command, true) : ends;
}

async function runbookOf(options: TransferOptions, terminal: Terminal) {
  // A model and an address need no runbook.
  if (options.runbook === "runbook.yaml" && !existsSync(options.runbook)) return null;
  return (await requireRunbook(options.runbook, options.set, terminal)).runbook;
}

function noOtherSide(command: Direction, isSame: boolean): never {
  const flag = command === "push" ? "--to" : "--from";
  return fail({
    code: "usage.invalid",
    retryable: false,
    message: isSame
      ? "source and target are the same registry"
      : `nothing says which registry to ${command} ${command === "push" ? "to" : "from"}`,
    next: `${programName()} registry ${command} ${flag} http://HOST:5000, or MLFLOW_TRACKING_URI, or registry.uri in the runbook`,
  });
}

function checkOptions(command: Direction, { version, alias, aliases }: TransferOptions): void {
  const invalid = (message: string) =>
    fail({
      code: "usage.invalid",
      retryable: false,
      message,
      next: `${programName()} registry ${command} --help`,
    });
  if (alias.length > 0 && !aliases) invalid("--alias and --no-aliases exclude each other");
  if (version.length > 0 && alias.length > 0) {
    invalid("--version copies versions only: the moves of an alias need all the versions that it ever named");
  }
}

function failIfDiverged(command: Direction, { model, from, to, aliases }: TransferReport): void {
  const diverged = aliases.flatMap(({ alias, cause, source, target }) =>
    cause === null ? [] : [{ alias, cause, source, target }],
  );
  if (diverged.length === 0) return;
  const others = aliases.filter(({ cause }) => cause === null).map(({ alias }) => alias);
  fail({ code: "registry.diverged", retryable: false, command, model, from, to, aliases: diverged, others });
}

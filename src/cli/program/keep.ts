import { type Command, Option } from "commander";
import {
  collect,
  examples,
  json,
  OPTION_GROUPS,
  overrides,
  runbook,
  runbookOfState,
  stateDir,
} from "./options.js";

const LOCAL = "the embedded registry of the state directory";
const REMOTE = "MLFLOW_TRACKING_URI, else registry.uri of the runbook";

/** Commands that keep state directories and registries in order. */
export function addKeepCommands(program: Command): void {
  program.commandsGroup("Keep in order:");

  const registry = program
    .command("registry")
    .description("copy runs, versions and the history of aliases between two registries");
  addTransfer(registry, "push", "copy what the embedded registry has to a shared one", [LOCAL, REMOTE]);
  addTransfer(registry, "pull", "copy what a shared registry has to the embedded one", [REMOTE, LOCAL]);

  examples(
    program
      .command("clean")
      .description("remove what no run refers to: old outputs, step records, leftovers of killed processes")
      .optionsGroup(OPTION_GROUPS.what)
      .option("--dry-run", "say what would be removed, and how much it is, without removing it")
      .addOption(runbookOfState())
      .addOption(stateDir())
      .addOption(json("print it as JSON, file by file"))
      .action(async (options) => (await import("../commands/clean.js")).clean(options)),
    ["clean --dry-run", "how much it would be"],
  );

  examples(
    program
      .command("unlock")
      .description("remove the lock of a process that is dead, or that must not write any more")
      .optionsGroup(OPTION_GROUPS.what)
      .option("--model <name>", "the model whose runs are locked")
      .option("--lock <file>", "a lock file, e.g. one of the registry, instead of a model's")
      .option(
        "--i-know-it-is-dead",
        "also when nobody here can tell: its holder is on another host, or unknown",
      )
      .option("--force", "also when its holder runs on this host; it can write nothing more then")
      .addOption(runbookOfState())
      .addOption(stateDir())
      .addOption(json("print what was removed as JSON"))
      .action(async (options) => (await import("../commands/unlock.js")).unlock(options)),
    ["unlock --model room-demand", "where a run says that it is locked"],
  );

  examples(
    program
      .command("drill")
      .description(
        "kill a run on a small panel at every boundary and resume it: it must end as if it had not been killed",
      )
      .optionsGroup(OPTION_GROUPS.what)
      .option("--jobs <n>", "attempts at once", "2")
      .option("--sample <n>", "kill only at about this many points, evenly spread")
      .option("--every-tear", "tear every write of a whole file, not one of each kind")
      .option("--keep", "keep the folders of attempts that ended differently")
      .addOption(json("print every attempt as JSON"))
      .action(async (options) => (await import("../commands/drill.js")).drill(options)),
    ["drill --sample 20", "at twenty points"],
  );
}

function addTransfer(
  registry: Command,
  command: "push" | "pull",
  description: string,
  [from, to]: readonly [from: string, to: string],
): void {
  registry
    .command(command)
    .description(description)
    .optionsGroup(OPTION_GROUPS.what)
    .addOption(new Option("--from <uri>", "registry to read").default(undefined, from))
    .addOption(new Option("--to <uri>", "registry to copy to").default(undefined, to))
    .option("--model <name>", "the model to copy, instead of the runbook's")
    .addOption(
      new Option("--version <n>", "only this version, with its run and without aliases (may be repeated)")
        .argParser(collect)
        .default([], "all"),
    )
    .addOption(
      new Option("--alias <name>", "only the moves of this alias (may be repeated)")
        .argParser(collect)
        .default([], "all"),
    )
    .option("--no-aliases", "leave aliases as they are")
    .option("--dry-run", "say what would be copied, and copy nothing")
    .addOption(runbook())
    .addOption(stateDir())
    .addOption(overrides())
    .addOption(json("print what was copied as JSON"))
    .action(async (options) => (await import("../commands/registry.js"))[command](options));
}

import { type Command, Option } from "commander";
import { examples, json, OPTION_GROUPS, overrides, runbook, stateDir } from "./options.js";

const RUN = "a run, or a quarter for its latest one (the latest run if none is named)";
const DOCUMENT = "print what was done as JSON, and ask nothing";

const by = () => new Option("--by <name>", "who decides; asked for at a terminal");
const reason = () => new Option("--reason <text>", "why, for the registry's audit trail");
const decision = () => new Option("--decision <digest>", "refuse to answer any other decision than this one");

/** Commands by which people decide what is live. */
export function addDecideCommands(program: Command): void {
  program.commandsGroup("Decide what is live:");

  examples(
    program
      .command("approve")
      .description("let the candidate of an escalated run go live, as an override of the rules that failed")
      .argument("[run]", RUN)
      .optionsGroup(OPTION_GROUPS.what)
      .addOption(by())
      .addOption(reason())
      .option("--expires <date>", "last day that the override counts, at most 92 days from now")
      .addOption(decision())
      .option("--despite-newer", "although a newer quarter was run since")
      .addOption(runbook())
      .addOption(stateDir())
      .addOption(overrides())
      .addOption(json(DOCUMENT))
      .action(async (run: string | undefined, options) =>
        (await import("../commands/approve.js")).approve(run, options),
      ),
    ["approve", "the latest run; asks for what it needs at a terminal"],
  );

  examples(
    program
      .command("reject")
      .description("close an escalated run: its candidate does not go live")
      .argument("[run]", RUN)
      .optionsGroup(OPTION_GROUPS.what)
      .addOption(by())
      .addOption(reason())
      .addOption(decision())
      .addOption(runbook())
      .addOption(stateDir())
      .addOption(overrides())
      .addOption(json(DOCUMENT))
      .action(async (run: string | undefined, options) =>
        (await import("../commands/reject.js")).reject(run, options),
      ),
    ["reject 2025Q2", "the latest run of a quarter; asks at a terminal"],
  );

  examples(
    program
      .command("rollback")
      .description("put the version live again that was live before")
      .optionsGroup(OPTION_GROUPS.what)
      .option("--to <version>", "another version that was live once")
      .addOption(by())
      .addOption(reason())
      .addOption(runbook())
      .addOption(stateDir())
      .addOption(overrides())
      .addOption(json(DOCUMENT))
      .action(async (options) => (await import("../commands/rollback.js")).rollback(options)),
    ["rollback", "asks at a terminal before it moves anything"],
  );

  examples(
    program
      .command("adopt")
      .description("name a version as the baseline where what was live is gone, or start anew on purpose")
      .argument("[version]", "a version of the registry")
      .optionsGroup(OPTION_GROUPS.what)
      .option("--none", "none: what was live is left behind, and the next quarter is a first release")
      .addOption(by())
      .addOption(reason())
      .option("--expires <date>", "last day that it counts, at most 92 days from now (the default)")
      .addOption(runbook())
      .addOption(stateDir())
      .addOption(overrides())
      .addOption(json(DOCUMENT))
      .action(async (version: string | undefined, options) =>
        (await import("../commands/adopt.js")).adopt(version, options),
      ),
    ["adopt --none", "start anew: asks at a terminal"],
  );
}

import { type Command, Option } from "commander";
import {
  examples,
  json,
  OPTION_GROUPS,
  open,
  overrides,
  runbook,
  runbookOfState,
  stateDir,
} from "./options.js";

const RUN = "a run, or a quarter for its latest one (the latest run if none is named)";

/** Commands that show what runs left. */
export function addLookCommands(program: Command): void {
  program.commandsGroup("See what happened:");

  examples(
    program
      .command("runs")
      .description("list the runs of a state directory, and what people decided about them")
      .addOption(runbookOfState())
      .addOption(stateDir())
      .addOption(json("print them as JSON"))
      .action(async (options) => (await import("../commands/runs.js")).runs(options)),
    ["runs", "oldest first"],
  );

  examples(
    program
      .command("status")
      .description("what a run has done, how far one is that runs now, and what was decided since")
      .argument("[run]", RUN)
      .addOption(runbookOfState())
      .addOption(stateDir())
      .addOption(json("print the run's document as JSON"))
      .action(async (run: string | undefined, options) =>
        (await import("../commands/status.js")).status(run, options),
      ),
    ["status", "of the latest run"],
    ["status 2025Q2", "of the latest run of a quarter"],
  );

  examples(
    program
      .command("report")
      .description("where a run's report is, or the report itself")
      .argument("[run]", RUN)
      .addOption(runbookOfState())
      .addOption(stateDir())
      .addOption(
        new Option("--format <format>", "print the report itself: a page, JUnit XML or a GitHub job summary")
          .choices(["html", "junit", "github"])
          .conflicts("json")
          .helpGroup(OPTION_GROUPS.output),
      )
      .addOption(open("open the page in the browser"))
      .addOption(json("print the paths as JSON"))
      .action(async (run: string | undefined, options) =>
        (await import("../commands/report.js")).report(run, options),
      ),
    ["report --open", "in the browser"],
    ["report 2025Q2 --format junit", "for CI"],
  );

  examples(
    program
      .command("escalation")
      .description("why a run escalated, and what to do")
      .argument(
        "[run]",
        "a run, or a quarter for its latest one (if none is named, the latest that waits for an answer)",
      )
      .addOption(runbookOfState())
      .addOption(stateDir())
      .addOption(open("open the page in the browser"))
      .addOption(json("print escalation.json"))
      .addOption(
        new Option("--rows", "print the rows furthest from what was to be expected, as CSV")
          .conflicts("json")
          .helpGroup(OPTION_GROUPS.output),
      )
      .action(async (run: string | undefined, options) =>
        (await import("../commands/escalation.js")).escalation(run, options),
      ),
    ["escalation", "what on-call reads"],
    ["escalation --open", "the same in the browser"],
  );

  examples(
    program
      .command("models")
      .description("versions, aliases and who moved them when")
      .optionsGroup(OPTION_GROUPS.what)
      .option("--verify", "read every file of every version, not only of those that an alias names")
      .addOption(runbook())
      .addOption(stateDir())
      .addOption(overrides())
      .addOption(json("print them as JSON"))
      .action(async (options) => (await import("../commands/models.js")).models(options)),
    ["models", "what is live, and how it came to be"],
  );
}

import { Argument, type Command, Option } from "commander";
import { SHELLS } from "../completion/scripts.js";
import { examples, fiscalStart, json, OPTION_GROUPS, overrides, runbook, stateDir } from "./options.js";

/** Commands around a runbook, before and beside its runs. */
export function addSetUpCommands(program: Command): void {
  program.commandsGroup("Set up and check:");

  examples(
    program
      .command("init")
      .description("look at a panel and write a runbook that fits it; asks only what the data does not tell")
      .argument("[data]", "a CSV, Parquet or Excel file, or a glob (default: the one in this folder)")
      .optionsGroup(OPTION_GROUPS.what)
      .option("--yes", "ask nothing: take the likeliest answer to what the data does not tell")
      .option("--target <column>", "column to forecast; of a wide table: what its values are called")
      .option("--time <columns>", "column with the month or quarter, or two, e.g. year,month")
      .option("--id <columns>", "column that names the series, or several, e.g. state,shop")
      .option("--no-id", "no column names the series: the table is one")
      .addOption(new Option("--frequency <frequency>", "of the rows").choices(["month", "quarter"]))
      .addOption(
        new Option("--shape <shape>", "a row for each value, or a column for each series or period").choices([
          "long",
          "wide",
        ]),
      )
      .option("--columns <columns>", "of a wide table: those that hold values, or a regular expression")
      .option("--attributes <columns>", "columns that never change for a series")
      .option("--known <columns>", "columns of numbers that are known for the future too")
      .option("--observed <columns>", "columns of numbers that are known only up to now")
      .option("--time-format <format>", "how the time column is written, e.g. %d.%m.%Y")
      .option("--time-zone <zone>", "zone in which its instants are months, e.g. Europe/Berlin")
      .option("--sheet <name>", "sheet of an Excel workbook")
      .option("--encoding <label>", "encoding of a CSV file, e.g. windows-1252")
      .option("--delimiter <character>", "field delimiter of a CSV file")
      .option("--horizon <periods>", "periods to forecast")
      .option("--name <name>", "name of the runbook and its model (default: that of the file)")
      .addOption(fiscalStart())
      .addOption(new Option("--runbook <file>", "the runbook to write").default("runbook.yaml"))
      .option("--force", "write files anew that are there already")
      .addOption(json("print what was found and written as JSON"))
      .action(async (data: string | undefined, options) =>
        (await import("../commands/init.js")).init(data, options),
      ),
    ["init sales.csv", "a runbook for the panel in a file"],
  );

  examples(
    program
      .command("check")
      .description("validate a runbook without running it")
      .argument("[runbook]", "the runbook", "runbook.yaml")
      .addOption(overrides())
      .addOption(json("print the errors as JSON"))
      .action(async (file: string, options) => (await import("../commands/check.js")).check(file, options)),
    ["check", "every mistake at once, with file:line:column"],
  );

  examples(
    program
      .command("doctor")
      .description("look at all that a quarter relies on, and say what to type; changes nothing")
      .optionsGroup(OPTION_GROUPS.what)
      .option(
        "--verify",
        "also read every version of the model and every stored output, and compare their hashes",
      )
      .addOption(runbook())
      .addOption(stateDir())
      .addOption(overrides())
      .addOption(json("print the findings as JSON"))
      .action(async (options) => (await import("../commands/doctor.js")).doctor(options)),
    ["doctor", "when something is odd"],
  );

  program
    .command("schema")
    .description("print the JSON schema of the runbook")
    .action(async () => (await import("../commands/schema.js")).schema());

  examples(
    program
      .command("notify")
      .description("the channels that people are told through")
      .command("test")
      .description("send a test message to every channel of escalation.notify")
      .optionsGroup(OPTION_GROUPS.what)
      .option("--channel <n>", "only this item of escalation.notify, from 1")
      .addOption(runbook())
      .addOption(overrides())
      .addOption(json("print one JSON document at the end"))
      .action(async (options) => (await import("../commands/notify.js")).notifyTest(options)),
    ["notify test --channel 1", "the first channel of the runbook"],
  );

  examples(
    program
      .command("completion")
      .description("print a script by which a shell completes commands, flags, quarters, runs and steps")
      .addArgument(new Argument("<shell>", "the shell").choices(SHELLS))
      .action(async (shell: string) => (await import("../commands/completion.js")).completion(shell)),
    ["completion bash >> ~/.bashrc", "for bash"],
    ["completion zsh >> ~/.zshrc", "for zsh"],
    ["completion fish > ~/.config/fish/completions/retrain.fish", "for fish"],
    ["completion powershell >> $PROFILE", "for PowerShell"],
  );

  // What those scripts ask: words so far in, candidates out.
  program
    .command("complete", { hidden: true })
    .argument("[words...]")
    .allowUnknownOption()
    .helpOption(false)
    .action(async (words: string[]) => (await import("../commands/completion.js")).complete(program, words));
}

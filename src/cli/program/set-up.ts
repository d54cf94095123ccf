import { Argument, type Command } from "commander";
import { SHELLS } from "../completion/scripts.js";
import { examples, json, OPTION_GROUPS, overrides, runbook, stateDir } from "./options.js";

/** Commands around a runbook, before and beside its runs. */
export function addSetUpCommands(program: Command): void {
  program.commandsGroup("Set up and check:");

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

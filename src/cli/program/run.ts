import type { Command } from "commander";
import {
  events,
  examples,
  fiscalStart,
  json,
  OPTION_GROUPS,
  open,
  overrides,
  runbook,
  runbookOfState,
  stateDir,
} from "./options.js";

const QUARTER = "the quarter whose actuals have just closed, e.g. 2025Q2";

/** Commands that run a quarter, or say what a run would do. */
export function addRunCommands(program: Command): void {
  program.commandsGroup("Run a quarter:");

  examples(
    program
      .command("quarter")
      .description("run the quarter, or continue its unfinished run")
      .argument("<quarter>", QUARTER)
      .optionsGroup(OPTION_GROUPS.what)
      .option(
        "--dry-run",
        "do everything against a scratch registry; nothing outside the state directory changes",
      )
      .option("--fresh", "start a new run and reuse nothing")
      .option("--from <step>", "run again from this step on")
      .option("--until <step>", "stop after this step")
      .option("--plan <digest>", "refuse to run anything else than this plan (exit code 5)")
      .addOption(runbook())
      .addOption(stateDir())
      .addOption(overrides())
      .addOption(fiscalStart())
      .addOption(open("open the page in the browser: why it escalated, or else the report"))
      .addOption(json("print one JSON document at the end"))
      .addOption(events())
      .action(async (quarter: string, options) =>
        (await import("../commands/quarter.js")).quarter(quarter, options),
      ),
    ["quarter 2025Q2", "validate, train, register, judge; then promote or escalate"],
    ["quarter 2025Q2 --dry-run", "the same, and nothing goes live"],
    ["quarter 2025Q2 --from gate", "judge again, with what was made before"],
    ["quarter 2025Q2 --set train.folds=4", "with another value of the runbook"],
  );

  examples(
    program
      .command("plan")
      .description("what would run, what is reused, and why")
      .argument("<quarter>", QUARTER)
      .optionsGroup(OPTION_GROUPS.what)
      .option("--dry-run", "plan a dry run")
      .option("--fresh", "plan a run that reuses nothing")
      .option("--from <step>", "run again from this step on")
      .option("--until <step>", "stop after this step")
      .addOption(runbook())
      .addOption(stateDir())
      .addOption(overrides())
      .addOption(fiscalStart())
      .addOption(json("print the plan as JSON, with the digest for `quarter --plan`"))
      .action(async (quarter: string, options) =>
        (await import("../commands/plan.js")).plan(quarter, options),
      ),
    ["plan 2025Q2", "before a run"],
    ["plan 2025Q2 --json", "with the digest that `quarter --plan` takes"],
  );

  examples(
    program
      .command("explain")
      .description("field by field, why a step would run or be reused")
      .argument("<quarter>", QUARTER)
      .argument("<step>", "id of the step in the runbook")
      .optionsGroup(OPTION_GROUPS.what)
      .option("--dry-run", "explain a dry run")
      .addOption(runbook())
      .addOption(stateDir())
      .addOption(overrides())
      .addOption(fiscalStart())
      .addOption(json("print the explanation as JSON"))
      .action(async (quarter: string, step: string, options) =>
        (await import("../commands/explain.js")).explain(quarter, step, options),
      ),
    ["explain 2025Q2 train", "why the training would run again"],
  );

  examples(
    program
      .command("resume")
      .description("go on with an unfinished run, as it was started")
      .argument("[run]", "the latest unfinished one if none is named")
      .addOption(runbookOfState())
      .addOption(stateDir())
      .addOption(open("open the page in the browser: why it escalated, or else the report"))
      .addOption(json("print one JSON document at the end"))
      .addOption(events())
      .action(async (run: string | undefined, options) =>
        (await import("../commands/resume.js")).resume(run, options),
      ),
    ["resume", "after Ctrl-C, a kill or a failure"],
  );

  examples(
    program
      .command("backtest")
      .description(
        "replay past quarters: accuracy of each outlook against what happened, and what the gate would have said",
      )
      .argument("<quarters...>", "quarters and ranges of them, e.g. 2014Q1..2016Q4")
      .optionsGroup(OPTION_GROUPS.what)
      .option("--keep", "keep the runs and the registry of the replay")
      .addOption(runbook())
      .addOption(stateDir())
      .addOption(overrides())
      .addOption(fiscalStart())
      .addOption(open("open the page in the browser"))
      .addOption(json("print one JSON document at the end"))
      .action(async (quarters: string[], options) =>
        (await import("../commands/backtest.js")).backtest(quarters, options),
      ),
    ["backtest 2024Q4..2025Q2", "three quarters, one after the other"],
  );

  examples(
    program
      .command("tune")
      .description(
        "search for better parameters of the training step by cross-validation; writes a runbook patch",
      )
      .argument("<quarter>", "the quarter to tune for; its own rows are left for the gate")
      .optionsGroup(OPTION_GROUPS.what)
      .option("--space <file>", "the parameters to search (default: tune.yaml beside the runbook)")
      .option("--budget <n|time>", "trials, e.g. 50, or their time, e.g. 30m, instead of the space's")
      .option("--seed <n>", "of a random search, instead of the space's")
      .option("--strategy <grid|random>", "how points are taken, instead of the space's")
      .option("--apply", "change the runbook as the patch says")
      .addOption(runbook())
      .addOption(stateDir())
      .addOption(json("print one JSON document at the end"))
      .action(async (quarter: string, options) =>
        (await import("../commands/tune.js")).tune(quarter, options),
      ),
    ["tune 2025Q2 --budget 20", "twenty trials of what tune.yaml names"],
  );
}

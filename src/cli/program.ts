import { Command, Option } from "commander";
import { programName } from "../kit/program-name.js";
import { VERSION } from "./version.js";

const collect = (value: string, previous: string[]): string[] => [...previous, value];

const stateDir = () =>
  new Option(
    "--state-dir <dir>",
    "where runs, outputs and the embedded registry are kept (default: .retrain beside the runbook)",
  ).env("RETRAIN_STATE_DIR");
const runbook = () => new Option("--runbook <file>", "the runbook to run").default("runbook.yaml");
/** Of a command that does not read it. */
const runbookOfState = () =>
  new Option("--runbook <file>", "the runbook beside which the state directory lies").default(
    undefined,
    "the one in this folder or the nearest above",
  );
const fiscalStart = () =>
  new Option(
    "--fiscal-start <month>",
    "month (1 to 12) in which the fiscal year starts, instead of the runbook's",
  );
const json = (what: string) => new Option("--json", what);
const overrides = () =>
  new Option("--set <path=value>", "override a value of the runbook, e.g. train.folds=5 (may be repeated)")
    .argParser(collect)
    .default([], "none");

/** The command line. A command's code is loaded only when it is the one that was typed. */
export function createProgram(): Command {
  const program = new Command(programName())
    .description("Retrain a forecasting model every quarter from one declarative runbook.")
    .version(VERSION, "-V, --version")
    .showSuggestionAfterError()
    .showHelpAfterError(`(${programName()} --help shows what there is)`)
    .exitOverride()
    .enablePositionalOptions();

  program
    .command("quarter")
    .description("run the quarter, or continue its unfinished run")
    .argument("<quarter>", "the quarter whose actuals have just closed, e.g. 2025Q2")
    .addOption(runbook())
    .addOption(stateDir())
    .option(
      "--dry-run",
      "do everything against a scratch registry; nothing outside the state directory changes",
    )
    .option("--fresh", "start a new run and reuse nothing")
    .option("--from <step>", "run again from this step on")
    .option("--until <step>", "stop after this step")
    .addOption(overrides())
    .addOption(fiscalStart())
    .option("--plan <digest>", "refuse to run anything else than this plan (exit code 5)")
    .addOption(json("print one JSON document at the end"))
    .option("--events <file>", "write the events as JSON lines to a file, or - for standard output")
    .action(async (quarter: string, options) =>
      (await import("./commands/quarter.js")).quarter(quarter, options),
    );

  program
    .command("plan")
    .description("what would run, what is reused, and why")
    .argument("<quarter>")
    .addOption(runbook())
    .addOption(stateDir())
    .option("--dry-run", "plan a dry run")
    .option("--fresh", "plan a run that reuses nothing")
    .option("--from <step>", "run again from this step on")
    .option("--until <step>", "stop after this step")
    .addOption(overrides())
    .addOption(fiscalStart())
    .addOption(json("print the plan as JSON, with the digest for `quarter --plan`"))
    .action(async (quarter: string, options) => (await import("./commands/plan.js")).plan(quarter, options));

  program
    .command("explain")
    .description("field by field, why a step would run or be reused")
    .argument("<quarter>")
    .argument("<step>", "id of the step in the runbook")
    .addOption(runbook())
    .addOption(stateDir())
    .option("--dry-run", "explain a dry run")
    .addOption(overrides())
    .addOption(fiscalStart())
    .addOption(json("print the explanation as JSON"))
    .action(async (quarter: string, step: string, options) =>
      (await import("./commands/explain.js")).explain(quarter, step, options),
    );

  program
    .command("check")
    .description("validate a runbook without running it")
    .argument("[runbook]", "the runbook", "runbook.yaml")
    .addOption(overrides())
    .addOption(json("print the errors as JSON"))
    .action(async (file: string, options) => (await import("./commands/check.js")).check(file, options));

  program
    .command("doctor")
    .description("look at all that a quarter relies on, and say what to type; changes nothing")
    .addOption(runbook())
    .addOption(stateDir())
    .addOption(overrides())
    .option(
      "--verify",
      "also read every version of the model and every stored output, and compare their hashes",
    )
    .addOption(json("print the findings as JSON"))
    .action(async (options) => (await import("./commands/doctor.js")).doctor(options));

  program
    .command("schema")
    .description("print the JSON schema of the runbook")
    .action(async () => (await import("./commands/schema.js")).schema());

  program
    .command("runs")
    .description("list the runs of a state directory")
    .addOption(runbookOfState())
    .addOption(stateDir())
    .addOption(json("print them as JSON"))
    .action(async (options) => (await import("./commands/runs.js")).runs(options));

  program
    .command("status")
    .description("what a run has done (the latest one if none is named)")
    .argument("[run]")
    .addOption(runbookOfState())
    .addOption(stateDir())
    .addOption(json("print the run's document as JSON"))
    .action(async (run: string | undefined, options) =>
      (await import("./commands/status.js")).status(run, options),
    );

  program
    .command("resume")
    .description("go on with an unfinished run, as it was started")
    .argument("[run]")
    .addOption(runbookOfState())
    .addOption(stateDir())
    .addOption(json("print one JSON document at the end"))
    .option("--events <file>", "write the events as JSON lines to a file, or - for standard output")
    .action(async (run: string | undefined, options) =>
      (await import("./commands/resume.js")).resume(run, options),
    );

  program
    .command("report")
    .description("where a run's report is, or the report itself")
    .argument("[run]")
    .addOption(runbookOfState())
    .addOption(stateDir())
    .addOption(
      new Option("--format <format>", "print the report itself: a page, JUnit XML or a GitHub job summary")
        .choices(["html", "junit", "github"])
        .conflicts("json"),
    )
    .addOption(json("print the paths as JSON"))
    .action(async (run: string | undefined, options) =>
      (await import("./commands/report.js")).report(run, options),
    );

  program
    .command("escalation")
    .description("why a run escalated, and what to do")
    .argument("[run]")
    .addOption(runbookOfState())
    .addOption(stateDir())
    .addOption(json("print escalation.json"))
    .addOption(
      new Option("--rows", "print the rows furthest from what was to be expected, as CSV").conflicts("json"),
    )
    .action(async (run: string | undefined, options) =>
      (await import("./commands/escalation.js")).escalation(run, options),
    );

  program
    .command("unlock")
    .description("remove the lock of a process that is dead, or that must not write any more")
    .option("--model <name>", "the model whose runs are locked")
    .option("--lock <file>", "a lock file, e.g. one of the registry, instead of a model's")
    .addOption(runbookOfState())
    .addOption(stateDir())
    .option(
      "--i-know-it-is-dead",
      "also when nobody here can tell: its holder is on another host, or unknown",
    )
    .option("--force", "also when its holder runs on this host; it can write nothing more then")
    .addOption(json("print what was removed as JSON"))
    .action(async (options) => (await import("./commands/unlock.js")).unlock(options));

  program
    .command("clean")
    .description("remove what no run refers to: old outputs, step records, leftovers of killed processes")
    .addOption(runbookOfState())
    .addOption(stateDir())
    .option("--dry-run", "say what would be removed, and how much it is, without removing it")
    .addOption(json("print it as JSON, file by file"))
    .action(async (options) => (await import("./commands/clean.js")).clean(options));

  const by = () => new Option("--by <name>", "who decides; asked for at a terminal");
  const reason = () => new Option("--reason <text>", "why, for the registry's audit trail");
  const decision = () =>
    new Option("--decision <digest>", "refuse to answer any other decision than this one");

  program
    .command("approve")
    .description("let the candidate of an escalated run go live, as an override of the rules that failed")
    .argument("[run]", "a run, or a quarter for its latest one (the latest run if none is named)")
    .addOption(by())
    .addOption(reason())
    .option("--expires <date>", "last day that the override counts, at most 92 days from now")
    .addOption(decision())
    .addOption(runbook())
    .addOption(stateDir())
    .addOption(overrides())
    .addOption(json("print what was done as JSON, and ask nothing"))
    .action(async (run: string | undefined, options) =>
      (await import("./commands/approve.js")).approve(run, options),
    );

  program
    .command("reject")
    .description("close an escalated run: its candidate does not go live")
    .argument("[run]", "a run, or a quarter for its latest one (the latest run if none is named)")
    .addOption(by())
    .addOption(reason())
    .addOption(decision())
    .addOption(runbook())
    .addOption(stateDir())
    .addOption(overrides())
    .addOption(json("print what was done as JSON, and ask nothing"))
    .action(async (run: string | undefined, options) =>
      (await import("./commands/reject.js")).reject(run, options),
    );

  program
    .command("rollback")
    .description("put the version live again that was live before")
    .option("--to <version>", "another version that was live once")
    .addOption(by())
    .addOption(reason())
    .addOption(runbook())
    .addOption(stateDir())
    .addOption(overrides())
    .addOption(json("print what was done as JSON, and ask nothing"))
    .action(async (options) => (await import("./commands/rollback.js")).rollback(options));

  program
    .command("adopt")
    .description("name a version as the baseline where what was live is gone, or start anew on purpose")
    .argument("[version]", "a version of the registry")
    .option("--none", "none: what was live is left behind, and the next quarter is a first release")
    .addOption(by())
    .addOption(reason())
    .option("--expires <date>", "last day that it counts, at most 92 days from now (the default)")
    .addOption(runbook())
    .addOption(stateDir())
    .addOption(overrides())
    .addOption(json("print what was done as JSON, and ask nothing"))
    .action(async (version: string | undefined, options) =>
      (await import("./commands/adopt.js")).adopt(version, options),
    );

  program
    .command("models")
    .description("versions, aliases and who moved them when")
    .addOption(runbook())
    .addOption(stateDir())
    .addOption(overrides())
    .option("--verify", "read every file of every version, not only of those that an alias names")
    .addOption(json("print them as JSON"))
    .action(async (options) => (await import("./commands/models.js")).models(options));

  const registry = program
    .command("registry")
    .description("copy runs, versions and the history of aliases between two registries");
  for (const command of ["push", "pull"] as const) {
    const isPush = command === "push";
    const local = "the embedded registry of the state directory";
    const remote = "MLFLOW_TRACKING_URI, else registry.uri of the runbook";
    registry
      .command(command)
      .description(
        isPush
          ? "copy what the embedded registry has to a shared one"
          : "copy what a shared registry has to the embedded one",
      )
      .addOption(new Option("--from <uri>", "registry to read").default(undefined, isPush ? local : remote))
      .addOption(new Option("--to <uri>", "registry to copy to").default(undefined, isPush ? remote : local))
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
      .action(async (options) => (await import("./commands/registry.js"))[command](options));
  }

  program
    .command("tune")
    .description(
      "search for better parameters of the training step by cross-validation; writes a runbook patch",
    )
    .argument("<quarter>", "the quarter to tune for; its own rows are left for the gate")
    .addOption(runbook())
    .addOption(stateDir())
    .addOption(
      new Option("--space <file>", "the parameters to search").default(
        undefined,
        "tune.yaml beside the runbook",
      ),
    )
    .option("--budget <n|time>", "trials, e.g. 50, or their time, e.g. 30m, instead of the space's")
    .option("--seed <n>", "of a random search, instead of the space's")
    .option("--strategy <grid|random>", "how points are taken, instead of the space's")
    .option("--apply", "change the runbook as the patch says")
    .addOption(json("print one JSON document at the end"))
    .action(async (quarter: string, options) => (await import("./commands/tune.js")).tune(quarter, options));

  program
    .command("notify")
    .description("the channels that people are told through")
    .command("test")
    .description("send a test message to every channel of escalation.notify")
    .addOption(runbook())
    .addOption(overrides())
    .option("--channel <n>", "only this item of escalation.notify, from 1")
    .addOption(json("print one JSON document at the end"))
    .action(async (options) => (await import("./commands/notify.js")).notifyTest(options));

  program
    .command("backtest")
    .description(
      "replay past quarters: accuracy of each outlook against what happened, and what the gate would have said",
    )
    .argument("<quarters...>", "quarters and ranges of them, e.g. 2014Q1..2016Q4")
    .addOption(runbook())
    .addOption(stateDir())
    .addOption(overrides())
    .addOption(fiscalStart())
    .option("--keep", "keep the runs and the registry of the replay")
    .addOption(json("print one JSON document at the end"))
    .action(async (quarters: string[], options) =>
      (await import("./commands/backtest.js")).backtest(quarters, options),
    );

  program
    .command("drill")
    .description(
      "kill a run on a small panel at every boundary and resume it: it must end as if it had not been killed",
    )
    .option("--jobs <n>", "attempts at once", "2")
    .option("--sample <n>", "kill only at about this many points, evenly spread")
    .option("--every-tear", "tear every write of a whole file, not one of each kind")
    .option("--keep", "keep the folders of attempts that ended differently")
    .addOption(json("print every attempt as JSON"))
    .action(async (options) => (await import("./commands/drill.js")).drill(options));

  return program;
}

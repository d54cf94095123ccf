import { fail } from "../../kit/failure.js";
import { programName } from "../../kit/program-name.js";
import type { Frequency } from "../../kit/quarter.js";
import type { Answers, Question } from "../../operations/init/answers.js";
import { type InitPlan, type InitRequest, planInit } from "../../operations/init/init.js";
import { writeInit } from "../../operations/init/write.js";
import { commandsFor, shellWord } from "../../report/commands.js";
import { type InitReport, initText } from "../../report/init.js";
import { EXIT } from "../exit-codes.js";
import { flagsToRepeat } from "../flags.js";
import { atTerminal, canAsk } from "../prompt.js";
import { openTerminal, type Terminal } from "../terminal.js";
import { installed } from "../version.js";

export interface InitOptions {
  readonly runbook: string;
  readonly name?: string;
  readonly time?: string;
  readonly target?: string;
  /** `false` is `--no-id`: the table is one series. */
  readonly id?: string | false;
  readonly frequency?: Frequency;
  readonly shape?: "long" | "wide";
  readonly columns?: string;
  readonly attributes?: string;
  readonly known?: string;
  readonly observed?: string;
  readonly timeFormat?: string;
  readonly timeZone?: string;
  readonly sheet?: string;
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly horizon?: string;
  readonly fiscalStart?: string;
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Looks at a panel and writes a runbook for it, asking only what the data does not tell. */
export async function init(data: string | undefined, options: InitOptions): Promise<void> {
  const terminal = openTerminal();
  let request: InitRequest = {
    data: data ?? null,
    runbook: options.runbook,
    answers: answersFrom(options),
    force: options.force ?? false,
    schema: installed("runbook.schema.json"),
  };
  let plan = await planInit(request);
  if (plan.questions.length > 0 && options.yes !== true) {
    if (!canAsk(terminal, options.json ?? false)) refuse(plan, data);
    while (plan.questions.length > 0) {
      const said = await ask(plan.questions[0]!, terminal);
      if (said === null) return sayUnchanged(terminal);
      request = answered(request, plan.questions[0]!, said);
      plan = await planInit(request);
    }
  }
  await writeInit(plan.files);
  const report = reportOf(plan, options);
  if (options.json) terminal.data(`${JSON.stringify(report, null, 2)}\n`);
  else terminal.talk(initText(report, terminal.talkStyle));
  process.exitCode = plan.problems.length === 0 ? EXIT.ok : EXIT.failed;
}

function sayUnchanged(terminal: Terminal): void {
  terminal.talk("Nothing was written.\n");
  process.exitCode = EXIT.usage;
}

const listOf = (text: string | undefined): readonly string[] | undefined =>
  text
    ?.split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");

function answersFrom(options: InitOptions): Answers {
  const { name, target, frequency, shape, timeFormat, timeZone, sheet, encoding, delimiter, columns, id } =
    options;
  return {
    name,
    target,
    frequency,
    shape,
    timeFormat,
    timeZone,
    sheet,
    encoding,
    delimiter: delimiter === "\\t" ? "\t" : delimiter,
    // Names with commas between them, or a pattern.
    columns: columns?.includes(",") === true ? listOf(columns) : columns,
    time: listOf(options.time),
    id: id === false ? [] : listOf(id),
    attributes: listOf(options.attributes),
    known: listOf(options.known),
    observed: listOf(options.observed),
    horizon: wholeNumber("horizon", options.horizon, 120),
    fiscalStart: wholeNumber("fiscal-start", options.fiscalStart, 12),
  };
}

function wholeNumber(flag: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > most) {
    fail({
      code: "usage.invalid",
      retryable: false,
      message: `--${flag} is ${JSON.stringify(text)}, expected a whole number from 1 to ${most}`,
      next: null,
    });
  }
  return number;
}

function refuse({ questions }: InitPlan, data: string | undefined): never {
  const flagOf = ({ flag, candidates }: Question) =>
    flag === "data" ? candidates[0]! : `--${flag} ${shellWord(candidates[0]!)}`;
  const asked = questions.map(
    ({ flag, question, candidates }) =>
      `${flag === "data" ? "DATA" : `--${flag}`}: ${question} ${candidates.join(" | ")}`,
  );
  return fail({
    code: "usage.invalid",
    retryable: false,
    message: `the data does not tell, and there is no terminal to ask at (--yes takes the first of each): ${asked.join("; ")}`,
    next: [
      `${programName()} init`,
      ...(data === undefined ? [] : [shellWord(data)]),
      ...questions.map(flagOf),
    ].join(" "),
  });
}

/** What was said, or null when the person went away. */
async function ask({ question, candidates }: Question, terminal: Terminal): Promise<string | null> {
  terminal.talk(`${question}\n${candidates.map((one, at) => `  ${at + 1}) ${one}\n`).join("")}`);
  const chosen = await atTerminal(async (askPerson) => {
    for (;;) {
      const said = await askPerson("[1] ");
      const found =
        said === ""
          ? candidates[0]
          : (candidates[Number(said) - 1] ?? candidates.find((one) => one === said));
      if (found !== undefined) return found;
      terminal.talk(`  a number from 1 to ${candidates.length}\n`);
    }
  });
  if (chosen === null) terminal.talk("\n");
  return chosen;
}

function answered(request: InitRequest, { flag }: Question, said: string): InitRequest {
  const set = (more: Partial<Answers>): InitRequest => ({
    ...request,
    answers: { ...request.answers, ...more },
  });
  switch (flag) {
    case "data":
      return { ...request, data: said };
    case "time":
      return set({ time: listOf(said) });
    case "id":
      return set({ id: listOf(said) });
    case "time-format":
      return set({ timeFormat: said });
    case "shape":
      return set({ shape: said as "long" | "wide" });
    default:
      return set({ [flag]: said });
  }
}

function reportOf(
  { data, layout, recipe, rows, span, files, problems, questions }: InitPlan,
  options: InitOptions,
): InitReport {
  const { shape, frequency, series, time, target, attributes, known, observed } = layout;
  const commands = commandsFor(flagsToRepeat({ runbook: options.runbook, overrides: [], dryRun: false }));
  return {
    data,
    shape,
    frequency,
    rows,
    series: recipe.series,
    first: span[0],
    last: span[1],
    quarter: recipe.quarter,
    columns: { series, time, target, attributes, known, observed },
    horizon: recipe.horizon,
    guessed: questions.map(({ flag, candidates }) => ({ flag, answer: candidates[0]!, candidates })),
    files: files.map(({ path, why }) => ({ path, why })),
    problems,
    next: [commands.check(), commands.plan(recipe.quarter), commands.quarter(recipe.quarter)],
  };
}

import { execFileSync } from "node:child_process";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { createProgram } from "../../../src/cli/program.js";
import { type CommandFlags, type Commands, commandsFor } from "../../../src/report/commands.js";
import { explainFailure } from "../../../src/report/failures/explain.js";
import { failureContext, NO_CONTEXT } from "../../../src/report/failures/text.js";
import { commandsIn, filled } from "../../support/printed-commands.js";
import { FAILURES } from "../report/failures/every-failure.js";

/** The command line, whose commands do nothing. */
function idle(): Command {
  const program = createProgram();
  const quiet = { writeOut: () => undefined, writeErr: () => undefined };
  const still = (command: Command): void => {
    command.configureOutput(quiet);
    if (command.commands.length === 0) command.action(() => undefined);
    for (const sub of command.commands) still(sub);
  };
  still(program);
  return program;
}

/** Words as a shell takes them apart. */
const words = (command: string): string[] =>
  execFileSync("sh", ["-c", `printf '%s\\n' ${filled(command)}`], { encoding: "utf8" })
    .trimEnd()
    .split("\n");

async function mustParse(command: string): Promise<void> {
  const [program, ...rest] = words(command).filter((word, i) => i > 0 || !/^[A-Z_]+=/.test(word));
  expect(program).toBe("retrain");
  await expect(idle().parseAsync(rest, { from: "user" }), command).resolves.toBeDefined();
}

const FLAGS: CommandFlags = {
  runbook: "some where/runbook.yaml",
  stateDir: "it's/state",
  overrides: ["gate.rules.1.max=0.1", "data.source=a b.csv"],
  dryRun: true,
};
const CONTEXTS = [
  NO_CONTEXT,
  failureContext({ run: "2025Q2-1", quarter: "2025Q2", reportTo: "us", ...FLAGS }),
  failureContext({ run: null, quarter: "2025Q2", reportTo: "us", ...FLAGS, dryRun: false }),
];

test.each(Object.values(FAILURES).map((failure) => [failure.code, failure] as const))(
  "what %s tells to type is understood",
  async (_, failure) => {
    for (const context of CONTEXTS) {
      const { title, where, expected, details, next } = explainFailure(failure, context);
      const text = [title, where ?? "", expected ?? "", ...details, ...next].join("\n");
      expect(text).not.toMatch(/retrain[^\n`]* <[a-z]/);
      for (const command of commandsIn(text)) await mustParse(command);
    }
  },
);

test("every command of the pages is understood, with the flags of its run", async () => {
  for (const flags of [FLAGS, { runbook: null, stateDir: null, overrides: [], dryRun: false }]) {
    const commands: Commands = commandsFor(flags);
    const lines = [
      commands.quarter("2025Q2"),
      commands.quarter("2025Q2", "gate"),
      commands.resume("2025Q2-1"),
      commands.plan("2025Q2"),
      commands.check(),
      commands.runs(),
      commands.status("2025Q2-1"),
      commands.report("2025Q2-1"),
      commands.escalation("2025Q2-1"),
      commands.rows("2025Q2-1"),
      commands.approve("2025Q2-1"),
      commands.reject("2025Q2-1"),
      commands.rollback(),
      commands.rollback("2"),
      commands.adopt(null),
      commands.adopt("2"),
      commands.push("file:a", "file:b c"),
      commands.models(),
      commands.unlock({ model: "a b" }),
      commands.unlock({ path: "/a b" }, "force"),
    ];
    for (const line of lines) await mustParse(line);
  }
});

test("every example of the help is understood", async () => {
  const program = createProgram();
  const helps: string[] = [];
  const visit = (command: Command): void => {
    let text = "";
    command.configureOutput({ writeOut: (part) => (text += part) });
    command.outputHelp();
    helps.push(text);
    for (const sub of command.commands) visit(sub);
  };
  visit(program);
  const examples = helps.flatMap((help) => commandsIn(help.split("\nExamples:\n")[1] ?? ""));
  expect(examples.length).toBeGreaterThan(25);
  for (const example of examples) await mustParse(example.replace(/ >>? .*$/, ""));
});

import { type Command, CommanderError } from "commander";
import { programName } from "../kit/program-name.js";
import { secretsOfEnvironment } from "../kit/secrets/environment.js";
import { hideSecrets, maskSecrets } from "../kit/secrets/hidden.js";
import { EXIT } from "./exit-codes.js";
import { isOutputBegun, keepStandardOutput, outliveReaders, standardError } from "./streams.js";

/**
 * Parses, runs and turns whatever is thrown into prose and an exit code. The code is set, not exited with, so that standard
 * output is written to its end also into a slow pipe.
 */
export async function runProgram(program: Command, argv: readonly string[]): Promise<void> {
  hideSecrets(secretsOfEnvironment(process.env));
  outliveReaders();
  keepStandardOutput((line) => standardError(`${maskSecrets(line)}\n`));
  const words = argv.slice(2);
  const isJson = words.includes("--json");
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
      if (isJson && process.exitCode === EXIT.usage && !isOutputBegun())
        await tellMisuse(error, program, words);
      return;
    }
    const { reportError, typedContext } = await import("./report-error.js");
    process.exitCode = reportError(error, typedContext(words), isJson);
  }
}

/** The command line could not be understood, which commander has said in words. */
async function tellMisuse(
  { message }: CommanderError,
  program: Command,
  words: readonly string[],
): Promise<void> {
  const [{ failureDocument }, { typedContext }, { openTerminal }] = await Promise.all([
    import("../report/failures/document.js"),
    import("./report-error.js"),
    import("./terminal.js"),
  ]);
  const said = message.replace(/^error: /, "");
  const command = program.commands.find((one) => one.name() === words[0]);
  const next = `\`${programName()} ${command === undefined ? "" : `${command.name()} `}--help\``;
  const failure = { code: "usage.invalid", retryable: false, message: said, next } as const;
  openTerminal().document(failureDocument(failure, EXIT.usage, typedContext(words)));
}

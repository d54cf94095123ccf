import { type Command, CommanderError } from "commander";
import { secretsOfEnvironment } from "../kit/secrets/environment.js";
import { hideSecrets } from "../kit/secrets/hidden.js";
import { EXIT } from "./exit-codes.js";

/**
 * Parses, runs and turns whatever is thrown into prose and an exit code. The code is set, not exited with, so that standard
 * output is written to its end also into a slow pipe.
 */
export async function runProgram(program: Command, argv: readonly string[]): Promise<void> {
  hideSecrets(secretsOfEnvironment(process.env));
  // A reader that went away (`retrain runs | head -1`) is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(EXIT.ok);
  });
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
      return;
    }
    const { reportError, typedContext } = await import("./report-error.js");
    process.exitCode = reportError(error, typedContext(argv.slice(2)));
  }
}

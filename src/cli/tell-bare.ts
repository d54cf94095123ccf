/**
 * For an error before the program, or what puts errors into words, could be loaded: with too few open files allowed, no module can be read. So it
 * imports nothing. Answers the exit code.
 */
export function tellBare(error: unknown): number {
  const { code, path, stack } = error as NodeJS.ErrnoException;
  const isLimit = code === "EMFILE" || code === "ENFILE";
  const text = isLimit
    ? [
        `✖ retrain could not be loaded: too many open files (${code})`,
        `  where     ${path ?? process.argv[1]}`,
        "  expected  a limit of at least 256 open files",
        "  next      `ulimit -n 1024`, then the same command again; finished steps are kept",
      ]
    : [`✖ retrain could not be loaded: ${stack ?? String(error)}`];
  process.stderr.write(`${text.join("\n")}\n`);
  return 1;
}

import { FailureError } from "./failure.js";
import type { FileOption } from "./failures/data.js";

/** Runs what reads or writes files of one place, and names that place where the operating system refuses. */
export async function namingFiles<T>(option: FileOption, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw named(error, option);
  }
}

/** The same functions, each of which names the place of the files that it is about. */
export function namingFilesOf<T extends object>(option: FileOption, functions: T): T {
  const members = Object.entries(functions).map(([key, member]) => [
    key,
    typeof member === "function"
      ? (...args: unknown[]) => namingFiles(option, () => member.apply(functions, args))
      : member,
  ]);
  return Object.fromEntries(members) as T;
}

function named(error: unknown, option: FileOption): unknown {
  if (!(error instanceof FailureError)) return error;
  const { failure } = error;
  if (failure.code !== "fs.failed" || failure.option !== undefined) return error;
  return new FailureError({ ...failure, option }, { cause: error });
}

import { readFileSync } from "node:fs";
import { fail } from "../kit/failure.js";

/**
 * A file that a person named.
 * @param what it is, e.g. `the runbook`
 * @param next what to type instead
 * @throws FailureError `usage.invalid` when it cannot be read
 */
export function readText(file: string, what: string, next: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code;
    const why =
      errno === "ENOENT" ? "there is no such file" : errno === "EISDIR" ? "it is a folder" : `${errno}`;
    const message = `cannot read ${what} ${file}: ${why}`;
    return fail({ code: "usage.invalid", retryable: false, message, next }, error);
  }
}

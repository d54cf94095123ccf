import { stat } from "node:fs/promises";
import { join } from "node:path";
import { fail } from "../../kit/failure.js";
import type { Place } from "./part.js";

/**
 * The first of the names that is a file of the folder.
 * @throws FailureError `learner.output-missing`
 */
export async function existingFile(folder: string, names: readonly string[], place: Place): Promise<string> {
  for (const name of names) {
    const isFile = await stat(join(folder, name)).then(
      (found) => found.isFile(),
      (error: NodeJS.ErrnoException) => (error.code === "ENOENT" ? false : Promise.reject(error)),
    );
    if (isFile) return name;
  }
  fail({ code: "learner.output-missing", retryable: false, ...place, file: names[0]! });
}

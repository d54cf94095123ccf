import { FailureError } from "../../kit/failure.js";
import type { DataSpec } from "../../kit/specs.js";
import { CopyProblem, copiesChangedAfter } from "../../panel/changed-copy.js";
import { sourceFiles } from "../../panel/source-files.js";
import type { Canary, CanaryVerdict } from "./canary.js";

/**
 * A canary over the files that a panel was read from. The state directory is hidden: it holds panels too, and what earlier folds were given.
 * @param stateFolder absolute path
 */
export async function panelCanary(
  data: DataSpec,
  fiscalYearStart: number,
  stateFolder: string,
  report: (verdict: CanaryVerdict) => void,
): Promise<Canary> {
  const files = await sourceFiles(data).catch(() => []);
  return {
    files,
    report,
    async changedAfter(origin, folder) {
      try {
        const replaced = await copiesChangedAfter(data, fiscalYearStart, origin, folder);
        return { replaced, hidden: [stateFolder] };
      } catch (error) {
        if (error instanceof CopyProblem) return error.message;
        // Moved or edited since it was validated: the panel at hand is another artifact, and complete.
        if (error instanceof FailureError)
          return `the panel's files cannot be read any more (${error.failure.code})`;
        throw error;
      }
    },
  };
}

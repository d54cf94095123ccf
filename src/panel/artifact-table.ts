import type { Artifact, ArtifactReader } from "../kit/artifact.js";
import { FailureError, fail } from "../kit/failure.js";
import type { Column } from "./column.js";
import { readTable, type TypedColumn } from "./table.js";
import { tableProblem } from "./table-problem.js";

/**
 * `readTable` of a file of an artifact.
 * @throws FailureError `step.artifact-invalid`, `step.artifact-file-missing`
 */
export const readArtifactTable = (
  artifact: ArtifactReader,
  file: string,
  columns: readonly TypedColumn[],
): Promise<Column[]> => {
  const path = artifact.file(file);
  return readingArtifact(artifact, file, () => readTable(path, columns));
};

/**
 * What is wrong with a table of an artifact is said of the artifact, which a step made, and not of the source. A step of the user's own may
 * have made it, so its content is no bug of ours.
 * @throws FailureError `step.artifact-invalid`
 */
export async function readingArtifact<T>(
  { kind }: Pick<Artifact, "kind">,
  file: string,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const detail = tableProblem(error);
    if (detail === null) throw withoutOption(error);
    return fail({ code: "step.artifact-invalid", retryable: false, kind, file, detail }, error);
  }
}

/** A file of the state directory is named by no option. */
function withoutOption(error: unknown): unknown {
  if (!(error instanceof FailureError) || error.failure.code !== "fs.failed") return error;
  const { option: _, ...failure } = error.failure;
  return new FailureError(failure, { cause: error });
}

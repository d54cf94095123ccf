import type { ArtifactKind } from "../kit/artifact.js";
import { FailureError } from "../kit/failure.js";
import type { Engine } from "./engine.js";
import type { StepRecord } from "./records.js";

/** A file of what a step has made: null where it has no such output, or where that cannot be read any more. */
export async function readOutput<T>(
  { objects }: Pick<Engine, "objects">,
  record: StepRecord | null,
  kind: ArtifactKind,
  file: string,
  schema: { parse(value: unknown): T },
): Promise<T | null> {
  const artifact = Object.values(record?.outputs ?? {}).find((output) => output.kind === kind);
  if (artifact === undefined) return null;
  try {
    return await objects.reader(artifact).readJson(file, schema);
  } catch (error) {
    if (error instanceof FailureError) return null;
    throw error;
  }
}

import { join } from "node:path";
import type { ArtifactKind } from "../kit/artifact.js";
import { Decision } from "../kit/artifacts/decision.js";
import { Promotion } from "../kit/artifacts/promotion.js";
import { Registered } from "../kit/artifacts/registered.js";
import { FailureError } from "../kit/failure.js";
import type { Engine } from "./engine.js";
import type { StepRecord } from "./records.js";
import type { StoredRun } from "./run-store.js";

/** What a run of the state directory left of its release; null where it came to none of it, or where that cannot be read any more. */
export interface RunRelease {
  readonly registered: Registered | null;
  readonly decision: Decision | null;
  readonly promotion: Promotion | null;
}

export async function readRelease(
  engine: Pick<Engine, "files" | "runs" | "objects">,
  { header, folder }: StoredRun,
): Promise<RunRelease> {
  let [registered, decision, promotion]: [Registered | null, Decision | null, Promotion | null] = [
    null,
    null,
    null,
  ];
  for (const name of await engine.files.list(join(folder, "steps"))) {
    if (name.endsWith(".log")) continue;
    const record = await engine.runs.stepRecord(header.run, name);
    registered ??= await read(engine, record, "registered-version", "registered.json", Registered);
    decision ??= await read(engine, record, "decision", "decision.json", Decision);
    promotion ??= await read(engine, record, "promotion", "promotion.json", Promotion);
  }
  return { registered, decision, promotion };
}

/** Null where the step has no such output, or where it cannot be read any more. */
async function read<T>(
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

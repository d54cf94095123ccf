import { join } from "node:path";
import { Decision } from "../kit/artifacts/decision.js";
import { Promotion } from "../kit/artifacts/promotion.js";
import { Registered } from "../kit/artifacts/registered.js";
import type { Engine } from "./engine.js";
import { readOutput } from "./outputs.js";
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
    registered ??= await readOutput(engine, record, "registered-version", "registered.json", Registered);
    decision ??= await readOutput(engine, record, "decision", "decision.json", Decision);
    promotion ??= await readOutput(engine, record, "promotion", "promotion.json", Promotion);
  }
  return { registered, decision, promotion };
}

import { join } from "node:path";
import type { Engine } from "../engine/engine.js";
import type { StoredRun } from "../engine/run-store.js";
import type { RunDocument } from "../report/run-document.js";
import { readDeliveries } from "./conclude/notify-people.js";

/** The document that a run left when it came to its end, or null when it was killed before. */
export async function readDocument(engine: Engine, run: StoredRun): Promise<RunDocument | null> {
  const text = await engine.files.readText(join(run.folder, "document.json"));
  if (text === null) return null;
  return { ...(JSON.parse(text) as RunDocument), notifications: await readDeliveries(engine, run) };
}

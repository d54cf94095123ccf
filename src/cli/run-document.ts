import { join } from "node:path";
import type { Engine } from "../engine/engine.js";
import type { StoredRun } from "../engine/run-store.js";
import type { RunDocument } from "../report/run-document.js";

/** The document that a run left when it came to its end, or null when it was killed before. */
export async function readDocument(engine: Engine, run: StoredRun): Promise<RunDocument | null> {
  const text = await engine.files.readText(join(run.folder, "document.json"));
  return text === null ? null : (JSON.parse(text) as RunDocument);
}

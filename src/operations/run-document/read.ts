import { join } from "node:path";
import type { Engine } from "../../engine/engine.js";
import type { StoredRun } from "../../engine/run-store.js";
import { FailureError, fail } from "../../kit/failure.js";
import type { FailureContext } from "../../report/failures/text.js";
import { RunDocument } from "../../report/run-document.js";
import { readDeliveries } from "./deliveries.js";
import { remakeDocument } from "./remake.js";
import { readStored } from "./stored-json.js";

/** What a finished run left for programs and people. */
export interface LeftDocument {
  readonly document: RunDocument;
  /** What was wrong with its files, one line each; the document is then made of what else there is of the run. */
  readonly damage: readonly string[];
}

/**
 * The document that a run left, or null when it was killed before it had one. Of a run that came to its end, one that is damaged or gone is made
 * again, so that an escalation can still be answered.
 * @throws FailureError `store.corrupt` where what it would be made of is damaged too
 */
export async function readDocument(
  engine: Engine,
  run: StoredRun,
  context: FailureContext,
): Promise<LeftDocument | null> {
  const path = join(run.folder, "document.json");
  const stored = await readStored(engine.files, path, RunDocument.loose());
  const { deliveries, damage } = await readDeliveries(engine, run);
  const untold =
    damage === null ? [] : [`notifications.json of run ${run.header.run} is damaged (${damage})`];
  if (stored.kind === "there" && isAbout(stored.value, run))
    return { document: { ...stored.value, notifications: deliveries }, damage: untold };
  if (run.verdict === null) return null;
  const why =
    stored.kind === "there" ? "it is of another run" : stored.kind === "absent" ? "it is gone" : stored.why;
  try {
    const document = await remakeDocument(engine, run, context);
    const told = `document.json of run ${run.header.run} is damaged (${why}); this is made again from the run's journal and records`;
    return { document: { ...document, notifications: deliveries }, damage: [told, ...untold] };
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    const expected = "the document of a run, or a journal, records and outputs to make it again from";
    return fail({ code: "store.corrupt", retryable: false, path, expected, actual: why }, error);
  }
}

const isAbout = (document: RunDocument, { header, verdict }: StoredRun): boolean =>
  document.run === header.run && (verdict === null || document.verdict === verdict);

import { createHash } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { ValidationReport } from "../kit/artifacts/validation.js";
import { FailureError, fail } from "../kit/failure.js";
import type { ModelRegistry } from "../kit/registry.js";
import type { IdFolding } from "../kit/specs.js";
import type { PreviousRun } from "../panel/checks/restated.js";
import { HISTORY_FILE, readHistory } from "../panel/history.js";
import type { Panel } from "../panel/panel.js";
import { previousArtifact } from "./previous.js";
import { readIfThere } from "./read-if-there.js";

const REPORT = "validation/validation.json";

interface Scope {
  readonly model: string;
  readonly quarter: string;
}

/** The validation report of the newest earlier quarter that left one; it names the digest of the history beside it. */
export const previousValidation = (registry: ModelRegistry, scope: Scope) =>
  previousArtifact(registry, scope, REPORT);

/**
 * What that run saw: totals by period and, unless it is of a version that kept none, its rows.
 * @param on.workFile where the rows are put while they are read
 * @throws FailureError `registry.corrupt`
 */
export async function readPreviousValidation(
  registry: ModelRegistry,
  scope: Scope,
  on: { readonly panel: Panel; readonly ids: IdFolding | undefined; readonly workFile: string },
): Promise<PreviousRun | null> {
  const found = await previousValidation(registry, scope);
  if (found === null) return null;
  const { quarter, runId } = found;
  const path = `validation/${HISTORY_FILE}`;
  let file = REPORT;
  try {
    const text = new TextDecoder().decode(found.bytes);
    const { profile, history } = ValidationReport.parse(JSON.parse(text));
    const bytes = history === null ? null : await readIfThere(registry, runId, path);
    if (bytes === null) return { quarter, profile, history: null };
    file = path;
    if (createHash("sha256").update(bytes).digest("hex") !== history) {
      throw new RangeError("it is not the file that the run wrote");
    }
    await writeFile(on.workFile, bytes);
    return { quarter, profile, history: await readHistory(on.workFile, on.panel, on.ids) };
  } catch (error) {
    if (error instanceof FailureError) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    fail({ code: "registry.corrupt", retryable: false, path: `run ${runId}: ${file}`, detail }, error);
  } finally {
    await rm(on.workFile, { force: true });
  }
}

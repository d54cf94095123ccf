import { createHash } from "node:crypto";
import { Decision } from "../kit/artifacts/decision.js";
import { fail } from "../kit/failure.js";
import { canonicalJson } from "../kit/json.js";
import type { ModelRegistry } from "../kit/registry.js";
import { previousArtifact } from "./previous.js";
import { readIfThere } from "./read-if-there.js";

/** In a registry run. */
export const DECISION_ARTIFACT = "decision/decision.json";

/** `sha256:` + hex over the canonical JSON of the record without its `digest`. The gate writes it, promotion checks it. */
export function decisionDigest(decision: Omit<Decision, "digest"> & { readonly digest?: string }): string {
  const { digest: _, ...judged } = decision;
  return `sha256:${createHash("sha256").update(canonicalJson(judged)).digest("hex")}`;
}

/** The decision of the newest closed run of the latest quarter before `quarter`, or null where there is none. */
export async function previousDecision(
  registry: ModelRegistry,
  scope: { readonly model: string; readonly quarter: string },
): Promise<Decision | null> {
  const found = await previousArtifact(registry, scope, DECISION_ARTIFACT);
  if (found === null) return null;
  try {
    return Decision.parse(JSON.parse(new TextDecoder().decode(found.bytes)));
  } catch (error) {
    const path = `run ${found.runId}: ${DECISION_ARTIFACT}`;
    return fail({ code: "registry.corrupt", retryable: false, path, detail: String(error) }, error);
  }
}

/** The decision of a registry run, or null where it has none that can be read. */
export async function decisionOfRun(registry: ModelRegistry, runId: string): Promise<Decision | null> {
  const bytes = await readIfThere(registry, runId, DECISION_ARTIFACT);
  if (bytes === null) return null;
  try {
    return Decision.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return null;
  }
}

import { sha256 } from "../../durable/hash.js";
import type { RunRequest } from "../../engine/engine.js";
import { canonicalJson, type Json } from "../../kit/json.js";
import { sourceFingerprint } from "../../panel/source-files.js";
import { TOOLS } from "../version.js";

/** Bump it when the same id would mean other figures. */
const FORMAT = 1;

/**
 * Names a backtest by what its figures follow from, so that the same command finds what a killed one left, and one on other data starts anew.
 * @param requests oldest quarter first, not empty
 * @throws FailureError `data.source-missing`
 */
export async function backtestId(requests: readonly RunRequest[]): Promise<string> {
  const { graph, scope, runbook } = requests[0]!;
  const identity: Json = {
    format: FORMAT,
    tools: { ...TOOLS },
    runbook: runbook.digest,
    params: graph.nodes.map(({ id, step }) => [id, step.recordedParams]),
    model: { ...scope.model },
    quarters: requests.map(({ quarter }) => quarter.label),
    sources: await sourceFingerprint(scope.data),
  };
  return sha256(canonicalJson(identity)).slice(0, 12);
}

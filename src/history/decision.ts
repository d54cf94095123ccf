import { createHash } from "node:crypto";
import type { Decision } from "../kit/artifacts/decision.js";
import { canonicalJson } from "../kit/json.js";

/** `sha256:` + hex over the canonical JSON of the record without its `digest`. The gate writes it, promotion checks it. */
export function decisionDigest(decision: Omit<Decision, "digest"> & { readonly digest?: string }): string {
  const { digest: _, ...judged } = decision;
  return `sha256:${createHash("sha256").update(canonicalJson(judged)).digest("hex")}`;
}

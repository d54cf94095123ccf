import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { decisionDigest } from "../../../src/history/decision.js";
import type { Decision } from "../../../src/kit/artifacts/decision.js";

const judged: Omit<Decision, "digest"> = {
  verdict: "pass",
  alias: "best",
  baseline: null,
  candidate: { version: "1", digest: "sha256:aa" },
  cutoff: "2025-06-30",
  firstRelease: true,
  inputs: { git: null, panel: "p", retrain: "0.1.0", runbook: "r", training: "t" },
  model: "demand",
  quarter: "2025Q2",
  rules: [],
  loosened: [],
  policy: null,
  overrides: [],
};
/** The canonical text, written by hand. */
const TEXT =
  '{"alias":"best","baseline":null,"candidate":{"digest":"sha256:aa","version":"1"},"cutoff":"2025-06-30","firstRelease":true,' +
  '"inputs":{"git":null,"panel":"p","retrain":"0.1.0","runbook":"r","training":"t"},"loosened":[],"model":"demand","overrides":[],' +
  '"policy":null,"quarter":"2025Q2","rules":[],"verdict":"pass"}';

describe("decisionDigest", () => {
  test("is the sha256 of the canonical record without its digest", () => {
    const expected = `sha256:${createHash("sha256").update(TEXT).digest("hex")}`;
    expect(decisionDigest(judged)).toBe(expected);
    expect(decisionDigest({ ...judged, digest: "sha256:other" })).toBe(expected);
    expect(decisionDigest({ ...judged, verdict: "fail" })).not.toBe(expected);
  });
});

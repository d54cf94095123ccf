import type { Diagnosis } from "../../../../src/diagnosis/finding.js";
import { buildEscalation } from "../../../../src/report/escalation/build.js";
import type { Escalation } from "../../../../src/report/escalation/escalation.js";
import { decision, escalationInput, promotion, rule } from "../sample.js";

const scope = { attribute: "region", value: "coast", series: 21, of: 22 };

/** What a degraded coast looks like. */
export const diagnosis: Diagnosis = {
  findings: [
    {
      cause: "level-shift",
      score: 0.82,
      scope,
      factor: 0.42,
      first: "2025-04",
      last: "2025-06",
      error: 0.58,
      errorUndone: 0.11,
      errorBefore: 0.09,
      history: false,
    },
    {
      cause: "feature-changed",
      score: 0.51,
      feature: "price_index",
      distance: 0.371,
      distanceBefore: 0.09,
      factor: 1.25,
      scope,
    },
    {
      cause: "one-segment",
      score: 0.25,
      segment: "coast/mid",
      excessShare: 0.94,
      volumeShare: 0.43,
      wmape: 0.532,
      expected: 0.104,
    },
  ],
  distributions: [
    {
      feature: "price_index",
      reference: "2024-04 to 2024-06",
      edges: Array.from({ length: 17 }, (_, i) => 88 + 3 * i),
      before: [1, 3, 8, 16, 22, 20, 14, 8, 4, 2, 1, 1, 0, 0, 0, 0].map((n) => n / 100),
      now: [0, 1, 4, 9, 12, 11, 8, 5, 4, 5, 9, 12, 10, 6, 3, 1].map((n) => n / 100),
      nBefore: 174,
      n: 176,
      medianBefore: 100.1,
      median: 109.4,
    },
  ],
};

/** Pages of every kind that differs in its layout. */
export function escalationPages(): Readonly<Record<string, Escalation>> {
  const interval = { level: 0.9, lo: 0.241, hi: 0.352 };
  const judged = decision(true);
  const grouped = rule("accuracy", {
    verdict: "FAIL",
    blocks: true,
    observed: 0.295,
    interval,
    by: "segment",
    groups: [
      {
        key: "coast/mid",
        verdict: "FAIL",
        observed: 0.532,
        n: 66,
        pAdjusted: 0.001,
        interval: { level: 0.9, lo: 0.48, hi: 0.59 },
        why: null,
      },
      {
        key: "city/business",
        verdict: "PASS",
        observed: 0.11,
        n: 72,
        pAdjusted: 0.4,
        interval: null,
        why: null,
      },
    ],
  });
  const nobody = { owner: null, deadline: null };
  return {
    degraded: buildEscalation(
      escalationInput({
        diagnosis,
        decision: { ...judged, rules: [grouped, ...judged.rules.slice(1)] },
      }),
    ),
    "first release": buildEscalation(
      escalationInput({
        ...nobody,
        promotion: { ...promotion(true), before: null, after: null },
        accuracy: null,
        checkpoints: null,
        validation: null,
        training: null,
      }),
    ),
    "long names": buildEscalation(
      escalationInput({
        diagnosis,
        decision: {
          ...judged,
          model: "room-demand",
          rules: [
            rule("a-rule-with-a-very-long-name-that-somebody-chose-in-a-hurry", {
              verdict: "FAIL",
              blocks: true,
              metric: "accuracy.segment.coast-and-inland-and-mountains.wmape",
              observed: 0.4,
            }),
          ],
          loosened: [{ rule: "accuracy", what: "max", before: 0.2, now: 0.35, decision: judged.digest }],
        },
        runbook: "teams/forecasting/room-demand/production/runbooks/quarterly/runbook.yaml",
      }),
    ),
    "dry run": buildEscalation(escalationInput({ dryRun: true })),
  };
}

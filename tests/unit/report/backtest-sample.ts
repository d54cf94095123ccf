import type { BacktestDocument, BacktestQuarter, BacktestScores } from "../../../src/kit/backtest.js";
import { rule } from "./sample.js";

const scores = (wmape: number, n = 180): BacktestScores => ({
  n,
  excluded: 2,
  wmape,
  mase: wmape * 8,
  bias: wmape / 10 - 0.005,
  naive: { wmape: wmape + 0.02, mase: wmape * 8 + 0.2 },
});

const said = (change: Parameters<typeof rule>[1]) => {
  const { detail: _d, groups: _g, ...rest } = rule("accuracy", change);
  return rest;
};

function quarter(label: string, i: number, change: Partial<BacktestQuarter> = {}): BacktestQuarter {
  const wmape = 0.1 + 0.01 * (i % 4);
  const fails = i % 3 === 2;
  return {
    quarter: label,
    cutoff: `${label.slice(0, 4)}-03-31`,
    horizon: 6,
    ...scores(wmape),
    verdict: fails ? "would-escalate" : "would-promote",
    rules: [
      {
        ...said({
          verdict: fails ? "FAIL" : "PASS",
          blocks: fails,
          observed: fails ? 0.23 : wmape,
          limit: 0.2,
        }),
        judged: wmape,
      },
      {
        ...said({ verdict: "UNKNOWN", blocks: i === 5, observed: null, why: "too-few-quarters" }),
        id: "drift",
        kind: "ks",
        metric: "ks.price_index",
        judged: null,
      },
    ],
    seconds: 3.2,
    candidate: String(i + 1),
    champion: i === 0 ? null : { version: String(i), n: 170, wmape: wmape + 0.004, candidate: { wmape } },
    live: fails ? "champion" : "candidate",
    byLead: [],
    bySegment: [],
    coverage: [],
    snapshot: null,
    failure: null,
    ...change,
  };
}

/** Eight quarters of which three would escalate and one could not be run. */
export const backtestDocument = (): BacktestDocument => {
  const quarters = Array.from({ length: 8 }, (_, i) =>
    quarter(`${2023 + Math.floor(i / 4)}Q${(i % 4) + 1}`, i),
  );
  quarters[7] = quarter("2024Q4", 7, {
    verdict: "failed",
    rules: [],
    wmape: null,
    failure: { code: "data.invalid", step: "validate", title: "The data breaks 2 checks" },
  });
  return {
    model: { name: "room-demand", alias: "best" },
    quarters,
    pooled: {
      ...scores(0.112, 1260),
      byLead: [1, 2, 3, 4, 5, 6].map((lead) => ({ ...scores(0.09 + 0.008 * lead, 210), lead })),
      bySegment: ["coast/mid", "city/business", "mountain/leisure"].map((segment, i) => ({
        ...scores(0.09 + 0.02 * i, 420),
        segment,
      })),
      coverage: [
        { level: 0.8, observed: 0.741, n: 1260 },
        { level: 0.95, observed: 0.948, n: 1260 },
      ],
    },
    compared: {
      quarters: 6,
      n: 1020,
      candidate: { wmape: 0.112 },
      champion: { wmape: 0.116 },
      live: { wmape: 0.1135 },
      best: { wmape: 0.11 },
    },
    firing: [
      { rule: "drift", severity: "block", fired: 0, unknown: 7, blocked: 1, quarters: 7 },
      { rule: "accuracy", severity: "block", fired: 2, unknown: 0, blocked: 2, quarters: 7 },
    ],
    sweeps: [
      {
        rule: "accuracy",
        metric: "accuracy.wmape",
        kind: "threshold",
        severity: "block",
        direction: "max",
        measured: 7,
        compared: 6,
        n: 1020,
        limits: [0.1, 0.15, 0.2, 0.25].map((limit, i) => ({
          limit,
          isRunbook: limit === 0.2,
          fired: 6 - 2 * i,
          escalated: 7 - 2 * i,
          wmape: 0.114 - 0.0004 * i,
          difference: 0.0008 - 0.0004 * i,
        })),
      },
    ],
  };
};

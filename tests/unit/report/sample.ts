import type { AccuracyReport, Scores } from "../../../src/kit/artifacts/accuracy.js";
import type { Checkpoints } from "../../../src/kit/artifacts/checkpoints.js";
import type { Decision, RuleResult } from "../../../src/kit/artifacts/decision.js";
import type { Promotion } from "../../../src/kit/artifacts/promotion.js";
import type { Segments } from "../../../src/kit/artifacts/segments.js";
import type { LearnerScore, TrainingReport } from "../../../src/kit/artifacts/training.js";
import type { ValidationReport } from "../../../src/kit/artifacts/validation.js";
import type { MetricMap } from "../../../src/kit/step.js";
import { buildEscalation, type EscalationInput } from "../../../src/report/escalation/build.js";
import { failureContext } from "../../../src/report/failures/text.js";
import type { Fan, OutlookTotals, QuarterInput } from "../../../src/report/quarter/input.js";
import { buildRunDocument, type RunDocumentInput } from "../../../src/report/run-document.js";
import { NO_NAMES } from "../../../src/report/series-names.js";

/** A quarter of sixty hotels in three regions: one run that is promoted, one that escalates. */

export const RUN = "2025Q2-4f1c09";
const hash = (letter: string) => `sha256:${letter.repeat(64)}`;
const flags = { runbook: null, stateDir: null, overrides: [], dryRun: false };

const scores = (n: number, absoluteError: number, absoluteActual: number, bias: number): Scores => ({
  n,
  excluded: 0,
  wmape: absoluteError / absoluteActual,
  bias,
  mase: (absoluteError / absoluteActual) * 8.1,
  absoluteError,
  absoluteActual,
});
const group = (key: string, ...rest: Parameters<typeof scores>) => ({ key, ...scores(...rest) });

export const accuracy = (degraded: boolean): AccuracyReport => {
  const coast = degraded ? 21800 : 4200;
  const error = coast + 3900 + 2600;
  return {
    quarter: "2025Q2",
    snapshots: [
      { source: "registry room-demand", cutoff: "2025-03-31", version: "3", pairs: 180 },
      { source: "registry room-demand", cutoff: "2024-12-31", version: "2", pairs: 180 },
    ],
    total: scores(180, error, 96000, degraded ? 0.21 : 0.012),
    naive: scores(180, 15100, 96000, -0.031),
    bySegment: [
      group("coast/mid", 66, coast, 41000, degraded ? 0.44 : 0.02),
      group("city/business", 72, 3900, 34000, 0.011),
      group("mountain/leisure", 42, 2600, 21000, -0.024),
    ],
    byPeriod: [
      group("2025-04", 60, error * 0.28, 31000, 0.01),
      group("2025-05", 60, error * 0.33, 32000, 0.05),
      group("2025-06", 60, error * 0.39, 33000, 0.09),
    ],
    byLead: [1, 2, 3, 4, 5, 6].map((lead) => group(String(lead), 60, 2800 + 420 * lead, 32000, 0.01 * lead)),
    worstSeries: ["P014", "P022", "P031", "P007", "P044", "P019", "P053", "P002"].map((key, i) => ({
      ...group(key, 3, error * (0.16 - 0.018 * i), 1900 - 90 * i, 0.3 - 0.05 * i),
      segment: i < 5 ? "coast/mid" : "city/business",
      share: 0.16 - 0.018 * i,
    })),
    drawn: {
      level: 0.8,
      series: ["P014", "P022"].map((key, i) => ({
        key,
        actuals: Array.from({ length: 27 }, (_, t) => ({
          period: `${2023 + Math.floor((t + 3) / 12)}-${String(((t + 3) % 12) + 1).padStart(2, "0")}`,
          actual: t === 4 ? null : 600 - 90 * i + Math.round(180 * Math.sin((t / 6) * Math.PI)),
        })),
        forecasts: ["2025-04", "2025-05", "2025-06"].map((period, lead) => ({
          period,
          forecast: 640 + 30 * lead,
          lo: 560 + 10 * lead,
          hi: 720 + 50 * lead,
        })),
      })),
    },
    coverage: [
      { level: 0.8, observed: degraded ? 0.611 : 0.817, n: 180 },
      { level: 0.95, observed: degraded ? 0.783 : 0.944, n: 180 },
    ],
  };
};

const learner = (id: string, wmape: number, n: number): LearnerScore => ({
  learner: id,
  wmape,
  mase: wmape * 8.4,
  bias: wmape / 20,
  n,
});

export const training: TrainingReport = {
  horizon: 6,
  season: 12,
  context: 96,
  series: 60,
  learners: [
    { id: "seasonal-naive", description: "the value of the same month last year" },
    { id: "pooled-ridge", description: "one ridge regression over all series on scaled lags" },
    { id: "segment-ridge", description: "one ridge regression a segment on scaled lags" },
  ],
  ensemble: {
    asked: "auto",
    method: "single",
    why: "WMAPE and MASE together, as multiples of the seasonal naive's, are lowest with single: 1.483 against four 1.512, full 1.520",
    candidates: [
      learner("single", 0.1042, 1062),
      learner("four", 0.1063, 1062),
      learner("full", 0.1068, 1062),
    ],
    weights: [
      { learner: "seasonal-naive", weight: 0 },
      { learner: "pooled-ridge", weight: 1 },
      { learner: "segment-ridge", weight: 0 },
    ],
    residual: 0,
  },
  folds: ["2023-12", "2024-06", "2024-12"].map((origin, i) => ({
    fold: i + 1,
    origin,
    series: 58 + i,
    pairs: 348 + 6 * i,
    scores: [
      learner("seasonal-naive", 0.148 - 0.006 * i, 348),
      learner("pooled-ridge", 0.111 - 0.004 * i, 348),
      learner("segment-ridge", 0.104 + 0.003 * i, 348),
    ],
  })),
  segments: [
    { segment: "coast/mid", series: 22, chosen: "segment-ridge", scores: [0.161, 0.119, 0.108] },
    { segment: "city/business", series: 24, chosen: "pooled-ridge", scores: [0.122, 0.094, 0.099] },
    { segment: "mountain/leisure", series: 14, chosen: "seasonal-naive", scores: [0.131, 0.133, 0.142] },
  ].map(({ scores: [naive, pooled, own], ...segment }) => ({
    ...segment,
    scores: [
      learner("seasonal-naive", naive!, 396),
      learner("pooled-ridge", pooled!, 396),
      learner("segment-ridge", own!, 396),
    ],
  })),
  cv: learner("composite", 0.1042, 1062),
  naive: learner("seasonal-naive", 0.1421, 1062),
  learnerTotals: [
    learner("seasonal-naive", 0.1421, 1062),
    learner("pooled-ridge", 0.1071, 1062),
    learner("segment-ridge", 0.1069, 1062),
  ],
  conformal: { levels: [0.8, 0.95], halfWidths: [[1], [2]], residuals: [1062] },
  intervals: {
    levels: [
      { level: 0.8, coverage: 0.784, n: 708, meanWidth: 1.94 },
      { level: 0.95, coverage: 0.941, n: 708, meanWidth: 3.71 },
    ],
    wql: 0.0812,
    naiveWql: 0.1107,
    n: 708,
  },
};

export const segments: Segments = {
  method: "attributes",
  segments: [
    { id: "coast/mid", label: "region=coast, tier=mid", series: 22, volumeShare: 0.427, centre: [] },
    { id: "city/business", label: "region=city, tier=business", series: 24, volumeShare: 0.354, centre: [] },
    {
      id: "mountain/leisure",
      label: "region=mountain, tier=leisure",
      series: 14,
      volumeShare: 0.219,
      centre: [],
    },
  ],
  assignment: { P001: "coast/mid" },
  moved: [
    { series: "P017", from: "city/business", to: "coast/mid" },
    { series: "P040", from: "mountain/leisure", to: "city/business" },
  ],
  newSeries: ["P059", "P060"],
  lostSeries: [],
  previous: "2025Q1",
};

/** Values at probabilities 0, 1/40 … 1 around a middle. */
const spread = (middle: number) => Array.from({ length: 41 }, (_, i) => middle * (0.8 + i / 100));

export const validation = (drifted: boolean): ValidationReport => ({
  rows: 5736,
  series: 60,
  firstPeriod: "2017-01",
  lastPeriod: "2025-06",
  futureRows: 60,
  checks: [
    ["types", "every column has its type", "5,736 rows read"],
    ["required columns", "property_id, month and room_nights have no empty cell", "none empty"],
    ["duplicate keys", "one row a series and period", "none"],
    ["gaps", "no missing period inside a series", "none"],
    ["range", "room_nights ≥ 0", "none below"],
  ]
    .map(([id, expected, detail]) => ({
      id: id!,
      status: "pass" as "pass" | "warn",
      count: 0,
      expected: expected!,
      detail: detail!,
      examples: [] as string[],
    }))
    .concat([
      {
        id: "nulls",
        status: "warn",
        count: 4,
        expected: "at most 1% of price_index empty",
        detail: "4 of 180 rows this quarter (2.2%)",
        examples: ["line 2114: property P031, 2025-05: price_index is empty"],
      },
    ]),
  lostSeries: drifted ? ["P009", "P033"] : [],
  newSeries: ["P059", "P060"],
  rowsThisQuarter: 180,
  rowsLastQuarter: 174,
  driftAhead: [],
  restated: null,
  history: null,
  driftTest: { statistic: 0.2, alpha: 0.05, guard: "auto" },
  drift: [
    {
      feature: "price_index",
      reference: "same quarter last year (2024Q2)",
      statistic: drifted ? 0.371 : 0.094,
      pAdjusted: drifted ? 2e-9 : 0.52,
      n: 176,
      nReference: 174,
      past: { quarters: 24, asLarge: drifted ? 0 : 12 },
      verdict: drifted ? "FAIL" : "PASS",
      why: null,
    },
    {
      feature: "lead_days",
      reference: "same quarter last year (2024Q2)",
      statistic: null,
      pAdjusted: null,
      n: 12,
      nReference: 0,
      past: null,
      verdict: "UNKNOWN",
      why: "too-few-rows",
    },
  ],
  distributions: [
    ["target", 310, 305],
    ["price_index", drifted ? 118 : 101, 100],
    ["lead_days", 14, 0],
  ].map(([feature, now, before]) => ({
    feature: String(feature),
    reference: "same-quarter-last-year",
    now: spread(Number(now)),
    before: before === 0 ? [] : spread(Number(before)),
  })),
  profile: [],
});

export const checkpoints: Checkpoints = {
  previous: { quarter: "2025Q1", version: "3", source: "registry room-demand", cutoff: "2025-03-31" },
  months: [
    { period: "2025-07", before: 38200, after: 36900, revision: 36900 / 38200 - 1, series: 58 },
    { period: "2025-08", before: 41100, after: 44720, revision: 44720 / 41100 - 1, series: 58 },
    { period: "2025-09", before: 33900, after: 34400, revision: 34400 / 33900 - 1, series: 58 },
  ],
  segments: [
    {
      segment: "coast/mid",
      period: "2025-08",
      before: 19800,
      after: 23100,
      revision: 23100 / 19800 - 1,
      series: 22,
    },
    { segment: "city/business", period: "2025-08", before: 0, after: 120, revision: null, series: 24 },
  ],
  maxRevision: 44720 / 41100 - 1,
  maxSegmentRevision: 23100 / 19800 - 1,
  monthlyAccuracy: [
    {
      period: "2025-04",
      wmape: 0.094,
      n: 60,
      previousPeriod: "2025-01",
      previousWmape: 0.101,
      previousN: 58,
    },
    {
      period: "2025-05",
      wmape: 0.108,
      n: 60,
      previousPeriod: "2025-02",
      previousWmape: 0.098,
      previousN: 58,
    },
    { period: "2025-06", wmape: 0.127, n: 60, previousPeriod: null, previousWmape: null, previousN: 0 },
  ],
};

export const rule = (id: string, change: Partial<RuleResult> = {}): RuleResult => ({
  id,
  kind: "threshold",
  verdict: "PASS",
  severity: "block",
  blocks: false,
  metric: "accuracy.wmape",
  observed: 0.111,
  limit: 0.2,
  direction: "max",
  n: 180,
  why: null,
  detail: "",
  interval: null,
  by: null,
  groups: [],
  ...change,
});

const rules = (degraded: boolean): RuleResult[] => {
  const failed = { verdict: "FAIL", blocks: true } as const;
  return [
    rule("accuracy", degraded ? { ...failed, observed: 28300 / 96000 } : {}),
    rule("candidate", { metric: "train.cv.wmape", observed: 0.1042, limit: 0.15, n: 1062 }),
    rule(
      "beats-champion",
      degraded
        ? {
            kind: "champion",
            metric: "champion.wmape",
            verdict: "UNKNOWN",
            blocks: true,
            observed: null,
            limit: 0.01,
            n: null,
            why: "no-common-rows",
          }
        : { kind: "champion", metric: "champion.wmape", observed: -0.018, limit: 0.01, n: 60 },
    ),
    rule("drift", {
      kind: "ks",
      metric: "ks.price_index",
      observed: degraded ? 0.371 : 0.094,
      limit: 0.2,
      n: 176,
      ...(degraded ? failed : {}),
    }),
    rule("checkpoints", {
      metric: "checkpoints.maxRevision",
      observed: 44720 / 41100 - 1,
      limit: degraded ? 0.05 : 0.25,
      n: 3,
      severity: "warn",
      ...(degraded ? { verdict: "FAIL" as const } : {}),
    }),
  ];
};

export const decision = (degraded: boolean): Decision => ({
  digest: hash("d"),
  quarter: "2025Q2",
  cutoff: "2025-06-30",
  model: "room-demand",
  alias: "best",
  candidate: { version: "4", digest: hash("c") },
  baseline: { version: "3", digest: hash("b") },
  firstRelease: false,
  verdict: degraded ? "fail" : "pass",
  rules: rules(degraded),
  loosened: [],
  policy: null,
  overrides: [],
  inputs: { panel: hash("1"), training: hash("2"), runbook: hash("3"), retrain: "0.1.0", git: null },
});

export const promotion = (degraded: boolean): Promotion => ({
  outcome: degraded ? "escalated" : "promoted",
  reason: degraded ? "gate-failed" : "gate-passed",
  model: "room-demand",
  alias: "best",
  candidate: "4",
  before: "3",
  after: degraded ? "3" : "4",
  decision: hash("d"),
  registryRun: "r-18",
});

const METRICS: Readonly<Record<string, MetricMap>> = {
  accuracy: {
    wmape: { value: 0.1114583, n: 180 },
    "naive.wmape": { value: 0.1572917, n: 180 },
    coverage: { value: null },
  },
  train: { "cv.wmape": { value: 0.1042 }, "naive.wmape": { value: 0.1421 } },
};

export const steps: RunDocumentInput["steps"] = (
  [
    ["validate", "validate-data", 0.38, "5,736 rows, 60 series, 1 warning"],
    ["accuracy", "accuracy-report", 0.12, "180 pairs, WMAPE 11.1%, naive 15.7%"],
    ["segments", "refresh-segments", 0.04, "3 segments, 2 series moved"],
    ["train", "train-pooled-cv", 4.61, "CV WMAPE 10.4%, naive 14.2%, 3 folds"],
    ["register", "register-model", 0.08, "room-demand version 4"],
    ["artifacts", "build-artifacts", 0.93, "one graph, equal to the trainer on 60 series"],
    ["outlook", "generate-outlook", 0.41, "360 forecasts with 80% and 95% intervals"],
    ["checkpoints", "compare-checkpoints", 0.06, "3 months, largest revision 8.8%"],
    ["gate", "gate", 0.03, "5 of 5 rules pass"],
    ["promote", "promote", 0.05, "best → version 4"],
  ] as const
).map(([id, type, seconds, summary], i) => ({
  id,
  type,
  status: i === 2 ? ("reused" as const) : ("succeeded" as const),
  seconds,
  summary,
  metrics: METRICS[id] ?? {},
  failure: null,
}));

const fan = (scale: number): Fan => ({
  basis: "sums",
  levels: [0.8, 0.95],
  history: Array.from({ length: 36 }, (_, t) => {
    const i = t + 66;
    const total = 24000 + 95 * i + 6200 * Math.sin(((i - 3) / 6) * Math.PI) + 500 * Math.sin(i * 2.1);
    return {
      period: `${2017 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, "0")}`,
      total: Math.round(total * scale),
    };
  }),
  forecast: Array.from({ length: 6 }, (_, h) => {
    const i = 102 + h;
    const forecast = Math.round((24000 + 95 * i + 6200 * Math.sin(((i - 3) / 6) * Math.PI)) * scale);
    return {
      period: `2025-${String(7 + h).padStart(2, "0")}`,
      forecast,
      bands: [1, 2].map((width) => ({
        lo: forecast - (1400 + 260 * h) * scale * width,
        hi: forecast + (1500 + 270 * h) * scale * width,
      })),
    };
  }),
});

const outlook: OutlookTotals = {
  target: "room_nights",
  total: fan(1),
  leftOut: [],
  segments: [
    { segment: "coast/mid", ...fan(0.427) },
    { segment: "city/business", ...fan(0.354) },
    { segment: "mountain/leisure", ...fan(0.219) },
  ],
};

export const documentInput = (degraded = false): RunDocumentInput => ({
  run: {
    id: RUN,
    quarter: "2025Q2",
    cutoff: "2025-06-30",
    dryRun: false,
    verdict: degraded ? "escalated" : "promoted",
    exitCode: degraded ? 3 : 0,
    seconds: 6.73,
    model: { name: "room-demand", alias: "best" },
    champion: degraded ? { before: "3", after: "3" } : { before: "3", after: "4" },
    live: { version: degraded ? "3" : "4", source: "registry" },
  },
  steps,
  decision: decision(degraded),
  registered: {
    registry: "file:.retrain/registry",
    name: "room-demand",
    version: "4",
    runId: "r-18",
    identity: null,
  },
  files: {
    report: `.retrain/runs/${RUN}/report.html`,
    outlook: `.retrain/runs/${RUN}/steps/outlook/outlook/outlook.csv`,
    snapshot: `.retrain/runs/${RUN}/steps/outlook/snapshot/snapshot.parquet`,
    escalation: degraded ? `.retrain/runs/${RUN}/escalation/escalation.md` : null,
  },
  context: failureContext({ run: RUN, quarter: "2025Q2", reportTo: "https://example.org/issues", ...flags }),
});

export const escalationInput = (change: Partial<EscalationInput> = {}): EscalationInput => ({
  run: RUN,
  dryRun: false,
  decision: decision(true),
  promotion: promotion(true),
  accuracy: accuracy(true),
  checkpoints,
  validation: validation(true),
  training,
  names: NO_NAMES,
  diagnosis: null,
  steps: steps.map(({ id, type }) => ({ id, type })),
  owner: "forecasting",
  deadline: "2025-07-14",
  registry: "file:.retrain/registry",
  runbook: "runbook.yaml",
  files: [{ label: "Report", path: `.retrain/runs/${RUN}/report.html` }],
  flags,
  ...change,
});

export const reportInput = (degraded = false): QuarterInput => ({
  document: buildRunDocument(documentInput(degraded)),
  validation: validation(degraded),
  accuracy: accuracy(degraded),
  segments,
  training,
  outlook,
  checkpoints,
  escalation: degraded ? buildEscalation(escalationInput()) : null,
  names: NO_NAMES,
  files: [],
  lineage: {
    startedAt: "2025-07-09T08:15:00.000Z",
    retrain: "0.1.0",
    git: null,
    runbook: { path: "runbook.yaml", hash: hash("3") },
    registry: "file:.retrain/registry",
    sources: ["fixtures/demand.csv"],
    artifacts: [
      { step: "validate", kind: "panel", hash: hash("1") },
      { step: "train", kind: "trained-model", hash: hash("2") },
      { step: "artifacts", kind: "forecaster", hash: hash("c") },
    ],
  },
});

/** A quarter that its validation stopped. */
export function failedInput(): QuarterInput {
  const input = documentInput(false);
  const failure = { code: "data.empty", retryable: false, file: "fixtures/demand.csv" } as const;
  const document = buildRunDocument({
    ...input,
    run: {
      ...input.run,
      verdict: "failed",
      exitCode: 1,
      champion: { before: "3", after: "3" },
      live: { version: "3", source: "registry" },
    },
    steps: steps.map((step, i) =>
      i === 0
        ? { ...step, status: "failed" as const, summary: failure.code, failure, metrics: {} }
        : { ...step, status: "skipped" as const, summary: "validate has no result", metrics: {} },
    ),
    decision: null,
    registered: null,
  });
  return {
    ...reportInput(false),
    document: {
      ...document,
      diagnosis: [{ cause: "stale-data", title: "No rows", evidence: ["The file is empty."], score: 0.9 }],
    },
    validation: null,
    accuracy: null,
    segments: null,
    training: null,
    outlook: null,
    checkpoints: null,
    escalation: null,
  };
}

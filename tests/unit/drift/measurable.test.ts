import { expect, test } from "vitest";
import { type CountedRule, mostObservations } from "../../../src/drift/measurable.js";
import type { Panel } from "../../../src/panel/panel.js";

/** Months 0 to 27 of 8 series; the last series begins in month 20, `price` is there for two series alone. */
const MONTHS = 28;
const starts = [0, 0, 0, 0, 0, 0, 0, 20];
const rows = starts.flatMap((start, s) =>
  Array.from({ length: MONTHS - start }, (_, at) => ({ s, period: start + at })),
);
const panel: Panel = {
  calendar: { frequency: "month", fiscalYearStart: 1 },
  series: starts.map((_, s) => `s${s}`),
  offsets: Int32Array.from([0, ...starts.map((_, s) => rows.filter((row) => row.s <= s).length)]),
  period: Int32Array.from(rows, ({ period }) => period),
  target: Float64Array.from(rows, ({ s, period }) => s + period),
  targetName: "sales",
  attributes: [],
  known: {},
  observed: { price: Float64Array.from(rows, ({ s }) => (s < 2 ? 1 : Number.NaN)) },
  lastPeriod: MONTHS - 1,
};
const segments = panel.series.map((_, s) => (s < 5 ? "big" : "small"));
const scope = { quarterPeriods: { first: 25, last: 27 }, segments, leadIsPeriod: false };
const drift = { reference: "same-quarter-last-year", values: "relative" } as const;

test.each<[string, Omit<CountedRule, "id">, object, { key: string | null; n: number }[] | null]>([
  // Seven series have the quarter a year before; the eighth never does.
  ["ks", { ks: { ...drift, features: ["target"] } }, {}, [{ key: "target", n: 21 }]],
  [
    "ks of the quarter before",
    { ks: { ...drift, reference: "previous-quarter", features: ["sales"] } },
    {},
    [{ key: "sales", n: 24 }],
  ],
  [
    "ks by segment",
    { ks: { ...drift, features: ["price"], by: "segment" } },
    {},
    [
      { key: "price of big", n: 6 },
      { key: "price of small", n: 0 },
    ],
  ],
  [
    "psi",
    { psi: { reference: "training-window", features: ["price", "target"] } },
    {},
    [
      { key: "price", n: 6 },
      { key: "target", n: 24 },
    ],
  ],
  [
    "missing counts cells without a value",
    { missing: { reference: "previous-quarter", features: ["price"] } },
    {},
    [{ key: "price", n: 24 }],
  ],
  ["champion", { compare: "champion", metric: "wmape" }, {}, [{ key: null, n: 24 }]],
  [
    "champion by lead",
    { compare: "champion", metric: "wmape", by: "lead" },
    {},
    [{ key: "each lead", n: 8 }],
  ],
  [
    "champion by segment",
    { compare: "champion", by: "segment" },
    {},
    [
      { key: "big", n: 15 },
      { key: "small", n: 9 },
    ],
  ],
  [
    "accuracy by lead, forecasts of any month",
    { metric: "accuracy.wmape", by: "lead" },
    {},
    [{ key: null, n: 24 }],
  ],
  [
    "accuracy by lead, forecasts of quarters' ends",
    { metric: "accuracy.wmape", by: "lead" },
    { leadIsPeriod: true },
    [{ key: "each lead", n: 8 }],
  ],
  ["a metric that the panel does not bound", { metric: "train.cv.wmape" }, {}, null],
])("%s", (_name, rule, more, expected) => {
  const found = mostObservations(panel, { id: "r", ...rule }, { ...scope, ...more }, (metric) =>
    metric.startsWith("accuracy."),
  );
  expect(found).toEqual(expected);
});

test("the quarter with most counts, not the last one", () => {
  const stopped: Panel = {
    ...panel,
    target: panel.target.map((value, row) => (panel.period[row]! > 24 ? Number.NaN : value)),
  };
  const rule = { id: "r", ks: { ...drift, features: ["target"] } };
  expect(mostObservations(stopped, rule, scope, () => false)).toEqual([{ key: "target", n: 21 }]);
});

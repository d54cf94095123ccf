import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { modelIdentity } from "../../../../src/forecast/forecaster/identity.js";
import type { SegmentCodes } from "../../../../src/forecast/segment-codes.js";
import type { Panel } from "../../../../src/panel/panel.js";
import "../../../support/fast-check.js";
import { withFeatures } from "../../../support/panels.js";
import { smallPanel } from "./support.js";

const HORIZON = 6;
const PANEL: Panel = (() => {
  const panel = withFeatures(smallPanel());
  const cells = Float64Array.from({ length: panel.series.length * 8 }, (_, i) => i % 5);
  return { ...panel, ahead: { periods: 8, known: { holidays: cells } } };
})();
const SEGMENTS: SegmentCodes = { ids: ["a", "b"], codes: Int32Array.from(PANEL.series, (_, s) => s % 2) };
const TRAINED = {
  files: [
    { path: "holdout.parquet", sha256: "h", bytes: 1 },
    { path: "model.json", sha256: "m", bytes: 1 },
    { path: "reconciliation.json", sha256: "r", bytes: 1 },
    { path: "training.json", sha256: "t", bytes: 1 },
  ],
};

const of = (
  panel: Panel = PANEL,
  segments = SEGMENTS,
  trained: typeof TRAINED = TRAINED,
  horizon = HORIZON,
) => modelIdentity(trained, panel, segments, horizon);
const withFile = (path: string, sha256: string | null) => ({
  files: TRAINED.files.flatMap((file) =>
    file.path !== path ? [file] : sha256 === null ? [] : [{ ...file, sha256 }],
  ),
});
const changed = (values: Float64Array, at: number, to: number): Float64Array =>
  values.map((value, i) => (i === at ? to : value));
const withAhead = (change: (cells: Float64Array) => Float64Array, periods = 8): Panel => ({
  ...PANEL,
  ahead: { periods, known: { holidays: change(PANEL.ahead!.known.holidays!) } },
});

/** A row without any number, after the last row of the first series. */
function withEmptyRow(panel: Panel): Panel {
  const at = panel.offsets[1]!;
  const put = (values: Float64Array) =>
    Float64Array.from([...values.slice(0, at), Number.NaN, ...values.slice(at)]);
  const period = panel.period[at - 1]! + 1;
  const all = (columns: Panel["known"]) =>
    Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, put(values)]));
  return {
    ...panel,
    offsets: panel.offsets.map((offset, s) => (s === 0 ? 0 : offset + 1)),
    period: Int32Array.from([...panel.period.slice(0, at), period, ...panel.period.slice(at)]),
    target: put(panel.target),
    known: all(panel.known),
    observed: all(panel.observed),
  };
}

describe("stays the same", () => {
  const cases: [string, string][] = [
    ["with other scores and prose of the training", of(PANEL, SEGMENTS, withFile("training.json", "other"))],
    ["with another holdout", of(PANEL, SEGMENTS, withFile("holdout.parquet", "other"))],
    ["without a holdout", of(PANEL, SEGMENTS, withFile("holdout.parquet", null))],
    ["with a row that holds no number", of(withEmptyRow(PANEL))],
    [
      "with columns in another order",
      of({ ...PANEL, known: { ...PANEL.known }, attributes: [...PANEL.attributes].reverse() }),
    ],
    ["with known features beyond the horizon", of(withAhead((cells) => changed(cells, 7, 99)))],
    [
      "as another fiscal year counts its quarters",
      of({ ...PANEL, calendar: { frequency: "month", fiscalYearStart: 4 } }),
    ],
  ];
  test.each(cases)("%s", (_, identity) => expect(identity).toBe(of()));

  test("with −0 for 0 and any bits of NaN", () => {
    const zero = PANEL.series.indexOf("f-zero");
    const at = PANEL.offsets[zero]!;
    expect(PANEL.target[at]).toBe(0);
    expect(of({ ...PANEL, target: changed(PANEL.target, at, -0) })).toBe(of());
    const bits = new BigUint64Array([0x7ff8_0000_0000_0001n]);
    const odd = new Float64Array(bits.buffer)[0]!;
    const missing = { ...PANEL, target: changed(PANEL.target, 3, Number.NaN) };
    expect(of({ ...PANEL, target: changed(PANEL.target, 3, odd) })).toBe(of(missing));
  });
});

describe("is another one", () => {
  const [first] = PANEL.series;
  const cases: [string, string][] = [
    ["with another model", of(PANEL, SEGMENTS, withFile("model.json", "other"))],
    ["with another reconciliation", of(PANEL, SEGMENTS, withFile("reconciliation.json", "other"))],
    ["without reconciliation", of(PANEL, SEGMENTS, withFile("reconciliation.json", null))],
    [
      "with a series in another segment",
      of(PANEL, { ...SEGMENTS, codes: SEGMENTS.codes.map((code, s) => (s === 2 ? 1 - code : code)) }),
    ],
    ["with segments of other names", of(PANEL, { ...SEGMENTS, ids: ["a", "c"] })],
    ["with another id", of({ ...PANEL, series: [`${first} `, ...PANEL.series.slice(1)] })],
    [
      "with another label",
      of({ ...PANEL, attributes: [{ ...PANEL.attributes[0]!, levels: ["north", "South"] }] }),
    ],
    ["with another attribute", of({ ...PANEL, attributes: [] })],
    ["with another last period", of({ ...PANEL, lastPeriod: PANEL.lastPeriod + 1 })],
    ["with another feature", of({ ...PANEL, observed: { cost: PANEL.observed.price! } })],
    [
      "with a known feature taken for an observed one",
      of({ ...PANEL, known: {}, ahead: undefined as never, observed: { ...PANEL.observed, ...PANEL.known } }),
    ],
    ["with another known feature ahead", of(withAhead((cells) => changed(cells, 3, 99)))],
    ["without known features ahead", of({ ...PANEL, ahead: undefined as never })],
    ["with a longer horizon, where more is known", of(PANEL, SEGMENTS, TRAINED, 8)],
    ["by the quarter", of({ ...PANEL, calendar: { frequency: "quarter", fiscalYearStart: 1 } })],
  ];
  test.each(cases)("%s", (_, identity) => expect(identity).not.toBe(of()));
  test("each from every other", () => {
    const all = cases.map(([, identity]) => identity);
    expect(new Set(all).size).toBe(all.length);
  });

  test("with any other number in any column, missing or there", () => {
    const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(Number.NaN));
    const columns = [
      ["target", (values: Float64Array): Panel => ({ ...PANEL, target: values }), PANEL.target],
      [
        "known",
        (values: Float64Array): Panel => ({ ...PANEL, known: { holidays: values } }),
        PANEL.known.holidays!,
      ],
      [
        "observed",
        (values: Float64Array): Panel => ({ ...PANEL, observed: { price: values } }),
        PANEL.observed.price!,
      ],
    ] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...columns),
        fc.nat(PANEL.period.length - 1),
        number,
        ([, put, values], at, to) => {
          const isSame = values[at] === to || (Number.isNaN(values[at]!) && Number.isNaN(to));
          expect(of(put(changed(values, at, to))) === of()).toBe(isSame);
        },
      ),
    );
  });

  test("with a row that moved from one series to the next, and one fewer", () => {
    const moved = PANEL.offsets.map((offset, s) => (s === 1 ? offset - 1 : offset));
    expect(of({ ...PANEL, offsets: moved })).not.toBe(of());
    const later = PANEL.period.map((period, row) => (row === 0 ? period - 1 : period));
    expect(of({ ...PANEL, period: later })).not.toBe(of());
  });
});

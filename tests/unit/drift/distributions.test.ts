import { expect, test } from "vitest";
import { featureDistributions } from "../../../src/drift/distributions.js";
import type { Panel } from "../../../src/panel/panel.js";

/** One series of 24 months; the target of month t is t, the feature is missing in the first year. */
const panel: Panel = {
  calendar: { frequency: "month", fiscalYearStart: 1 },
  series: ["a"],
  offsets: Int32Array.of(0, 24),
  period: Int32Array.from({ length: 24 }, (_, t) => t),
  lastPeriod: 23,
  target: Float64Array.from({ length: 24 }, (_, t) => t),
  observed: {
    price: Float64Array.from({ length: 24 }, (_, t) => (t < 12 ? Number.NaN : t === 22 ? 30 : 10)),
  },
  known: {},
  attributes: [],
} as unknown as Panel;

test("has the quantiles of the target and of every feature, in the quarter and in the reference", () => {
  const [target, price, ...rest] = featureDistributions(panel, {
    reference: "same-quarter-last-year",
    quarterPeriods: { first: 21, last: 23 },
  });
  expect(rest).toEqual([]);
  // Of 21, 22, 23 the value at probability p is 21 + 2p.
  expect(target!.now).toEqual(Array.from({ length: 41 }, (_, i) => Number((21 + i / 20).toPrecision(7))));
  expect(target!.before.at(0)).toBe(9);
  expect(target!.before.at(-1)).toBe(11);
  expect([price!.now[0], price!.now[20], price!.now[30], price!.now[40]]).toEqual([10, 10, 20, 30]);
  expect(price!.before).toEqual([]);
});

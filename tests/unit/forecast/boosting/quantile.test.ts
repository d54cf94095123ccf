import { describe, expect, test } from "vitest";
import { quantileOf } from "../../../../src/forecast/boosting/quantile.js";
import { createRandom } from "../../../../src/stats/random.js";

/** Type 7 of Hyndman & Fan, from sorted values. */
function expected(values: Float64Array, p: number): number {
  const sorted = values.slice().sort();
  const position = p * (sorted.length - 1);
  const low = sorted[Math.floor(position)]!;
  const share = position - Math.floor(position);
  return share === 0 ? low : low + share * (sorted[Math.floor(position) + 1]! - low);
}

const random = createRandom(7);
const columns: Record<string, (i: number, length: number) => number> = {
  anything: () => random.uniform() - 0.5,
  "few distinct": () => random.below(3),
  "one value": () => 42,
  rising: (i) => i,
  falling: (i) => -i,
  "very unequal": () => 10 ** (600 * (random.uniform() - 0.5)),
  // Every place that 128 or 512 even steps look at holds the same, which is far from the middle.
  "not like its sample": (i, length) =>
    [128, 512].some((size) => Math.floor((Math.ceil((i * size) / length) * length) / size) === i) ? 9 : -i,
};

describe.each(Object.keys(columns))("a quantile of values: %s", (name) => {
  test.each([1, 2, 3, 10, 499, 500, 501, 3000, 8000, 20_001])("%i of them", (length) => {
    const values = Float64Array.from({ length }, (_, i) => columns[name]!(i, length));
    for (const p of [0, 0.01, 0.25, 0.5, 0.9, 0.999, 1]) {
      expect(quantileOf(values.slice(), null, p), `p = ${p}`).toBe(expected(values, p));
    }
  });
});

test("with weights, a quantile is the lowest value below which so much of the weight lies", () => {
  const weight = Float64Array.of(1, 0, 5, 2, 2);
  const quantile = (p: number) => quantileOf(Float64Array.of(3, -9, 1, 8, 5), weight, p);
  expect([0.1, 0.5, 0.51, 0.6, 0.61, 0.8, 0.81, 1].map(quantile)).toEqual([1, 1, 3, 3, 5, 5, 8, 8]);
});

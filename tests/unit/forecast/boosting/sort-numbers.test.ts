import fc from "fast-check";
import { expect, test } from "vitest";
import { sortNumbers } from "../../../../src/forecast/boosting/sort-numbers.js";

test("sorts any float32 as `sort` does, and leaves out what is missing", () => {
  const any = fc.oneof(
    fc.float(),
    fc.constantFrom(0, -0, Number.NaN, Number.NEGATIVE_INFINITY, 1e-45, -1e-45),
  );
  fc.assert(
    fc.property(fc.array(any, { maxLength: 300 }), (values) => {
      const sample = Float32Array.from(values);
      const sorted = sortNumbers(sample);
      expect(sorted).toEqual(sample.filter((value) => !Number.isNaN(value)).sort());
      expect(sample).toEqual(Float32Array.from(values));
    }),
    { numRuns: 300 },
  );
});

test("sorts part of a longer array", () => {
  const column = Float32Array.of(9, 9, 3, Number.NaN, -1, 2, 9).subarray(2, 6);
  expect(Array.from(sortNumbers(column))).toEqual([-1, 2, 3]);
});

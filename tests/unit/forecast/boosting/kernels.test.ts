import fc from "fast-check";
import { expect, test } from "vitest";
import { makeKernels } from "../../../../src/forecast/boosting/kernels.js";
import { makeSharedMemory } from "../../../../src/kit/web-assembly.js";

const STRIDE = 16;
const FEATURES = 12;
/** Bytes from one array to the next; no test needs more. */
const ROOM = 2 ** 16;

const memory = makeSharedMemory(8 * ROOM);
const kernels = makeKernels(memory);
const at = (place: number) => place * ROOM;
const doubles = (place: number) => new Float64Array(memory.buffer, at(place), ROOM / 8);
const numbers = (place: number) => new Int32Array(memory.buffer, at(place), ROOM / 4);
const bytes = (place: number) => new Uint8Array(memory.buffer, at(place), ROOM);

const table = fc.integer({ min: 1, max: 60 }).chain((rows) =>
  fc.record({
    bins: fc.uint8Array({ minLength: rows * STRIDE, maxLength: rows * STRIDE }),
    amounts: fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: rows, maxLength: rows }),
    order: fc.subarray([...Array(rows).keys()]),
  }),
);

/** Adds row by row and feature by feature. */
function summed(bins: Uint8Array, amounts: readonly number[], from: number, to: number): Float64Array {
  const sums = new Float64Array(FEATURES * 256);
  amounts.forEach((amount, row) => {
    for (let feature = from; feature < to; feature++)
      sums[feature * 256 + bins[row * STRIDE + feature]!]! += amount;
  });
  return sums;
}

test("amounts are added to the bins of eight or four features, and to nothing else", () => {
  fc.assert(
    fc.property(table, ({ bins, amounts }) => {
      doubles(0).fill(0);
      bytes(1).set(bins);
      doubles(2).set(amounts);
      kernels.addEight(at(0), at(1), STRIDE, at(2), amounts.length);
      expect(doubles(0).slice(0, FEATURES * 256)).toEqual(summed(bins, amounts, 0, 8));
      doubles(0).fill(0);
      kernels.addFour(at(0) + 8 * 256 * 8, at(1) + 8, STRIDE, at(2), amounts.length);
      expect(doubles(0).slice(0, FEATURES * 256)).toEqual(summed(bins, amounts, 8, 12));
    }),
  );
});

test("rows and amounts come side by side in the order asked for", () => {
  fc.assert(
    fc.property(table, ({ bins, amounts, order }) => {
      bytes(1).set(bins);
      doubles(2).set(amounts);
      numbers(3).set(order);
      bytes(4).fill(7);
      doubles(5).fill(7);
      kernels.gather(at(3), order.length, at(1), STRIDE, at(4));
      kernels.pick(at(3), order.length, at(2), at(5));
      order.forEach((row, place) => {
        const own = bins.slice(row * STRIDE, (row + 1) * STRIDE);
        expect(bytes(4).slice(place * STRIDE, (place + 1) * STRIDE)).toEqual(own);
        expect(doubles(5)[place]).toBe(amounts[row]);
      });
      expect(bytes(4)[order.length * STRIDE]).toBe(7);
      expect(doubles(5)[order.length]).toBe(7);
    }),
  );
});

test("a division keeps the order of both sides, in place or not", () => {
  const sides = fc.uint8Array({ minLength: 256, maxLength: 256, max: 1 });
  fc.assert(
    fc.property(table, sides, fc.boolean(), ({ bins, order }, goesLeft, isInPlace) => {
      bytes(1).set(bins);
      numbers(3).set(order);
      bytes(4).set(goesLeft);
      const left = isInPlace ? 3 : 5;
      const count = kernels.divide(at(3), order.length, at(1), at(4), at(left), at(6));
      const onLeft = order.filter((row) => goesLeft[bins[row]!] === 1);
      expect(Array.from(numbers(left).subarray(0, count))).toEqual(onLeft);
      const onRight = order.filter((row) => goesLeft[bins[row]!] === 0);
      expect(Array.from(numbers(6).subarray(0, order.length - count))).toEqual(onRight);
    }),
  );
});

test("more than pointers reach is refused", () => {
  expect(() => makeSharedMemory(2 ** 32 + 1)).toThrow(RangeError);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Domain,
  gridPoints,
  gridSize,
  randomPoints,
  type Space,
} from "../../../../src/forecast/tune/space.js";

const choice = (...values: (string | number)[]): Domain => ({ kind: "choice", values });
const range = (min: number, max: number, more: Partial<Extract<Domain, { kind: "range" }>> = {}): Domain => ({
  kind: "range",
  min,
  max,
  scale: "linear",
  integer: false,
  points: 4,
  ...more,
});

const take = <T>(points: Iterable<T>, count: number): T[] => {
  const taken: T[] = [];
  for (const point of points) if (taken.push(point) === count) break;
  return taken;
};

test("a grid goes through all points, the last parameter fastest", () => {
  const space: Space = [
    { path: "a", domain: choice("x", "y") },
    { path: "b", domain: choice(1, 2, 3) },
  ];
  expect(gridSize(space)).toBe(6);
  expect([...gridPoints(space)].map(({ a, b }) => `${a}${b}`)).toEqual(["x1", "x2", "x3", "y1", "y2", "y3"]);
});

test("a range in a grid has its ends and evenly spread points between them on its scale", () => {
  const values = (domain: Domain) => [...gridPoints([{ path: "a", domain }])].map(({ a }) => a);
  expect(values(range(0, 3))).toEqual([0, 1, 2, 3]);
  expect(values(range(1e-6, 1e-3, { scale: "log" }))).toEqual([1e-6, 1e-5, 1e-4, 1e-3]);
  expect(values(range(7, 63, { scale: "log", integer: true }))).toEqual([7, 15, 30, 63]);
  expect(values(range(1, 3, { integer: true, points: 9 }))).toEqual([1, 2, 3]);
});

test("every drawn value is inside its range, and whole where only whole numbers are taken", () => {
  const bounds = fc
    .tuple(fc.double({ min: 1e-9, max: 1e6, noNaN: true }), fc.double({ min: 1.001, max: 1e6, noNaN: true }))
    .map(([min, factor]) => [min, min * factor] as const);
  fc.assert(
    fc.property(bounds, fc.boolean(), fc.boolean(), fc.nat(), ([min, max], log, integer, seed) => {
      const ends = integer
        ? ([Math.ceil(min), Math.ceil(min) + Math.ceil(max)] as const)
        : ([min, max] as const);
      const domain = range(ends[0], ends[1], { scale: log ? "log" : "linear", integer });
      for (const { a } of take(randomPoints([{ path: "a", domain }], seed), 20)) {
        expect(a).toBeGreaterThanOrEqual(ends[0]);
        expect(a).toBeLessThanOrEqual(ends[1]);
        if (integer) expect(Number.isInteger(a)).toBe(true);
      }
    }),
  );
});

test("a log scale draws every factor of ten as often", () => {
  const space: Space = [{ path: "a", domain: range(1e-6, 1e-2, { scale: "log" }) }];
  const counts = [0, 0, 0, 0];
  for (const { a } of take(randomPoints(space, 7), 4000)) counts[Math.floor(Math.log10(a as number)) + 6]!++;
  // 1000 each, with a standard deviation of 27.
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(140);
});

test("whole numbers are equally likely, the ends too", () => {
  const space: Space = [{ path: "a", domain: range(1, 4, { integer: true }) }];
  const counts = [0, 0, 0, 0];
  for (const { a } of take(randomPoints(space, 3), 4000)) counts[(a as number) - 1]!++;
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(140);
});

test("the seed decides the points", () => {
  const space: Space = [
    { path: "a", domain: range(0, 1) },
    { path: "b", domain: choice("x", "y", "z") },
  ];
  const draw = (seed: number) => take(randomPoints(space, seed), 30);
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { optimalAssignment } from "../../../../src/forecast/segmentation/optimal-assignment.js";

function* permutations(items: readonly number[]): Generator<number[]> {
  if (items.length === 0) yield [];
  for (const item of items)
    for (const rest of permutations(items.filter((i) => i !== item))) yield [item, ...rest];
}

/** Smallest total cost over every way to give each row of the shorter side its own column. */
function cheapest(cost: readonly (readonly number[])[]): number {
  const columns = cost[0]!.length;
  const size = Math.max(cost.length, columns);
  let best = Number.POSITIVE_INFINITY;
  for (const order of permutations(Array.from({ length: size }, (_, i) => i))) {
    best = Math.min(
      best,
      order.reduce((sum, column, row) => sum + (cost[row]?.[column] ?? 0), 0),
    );
  }
  return best;
}

const table = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
  .chain(([rows, columns]) =>
    fc.array(fc.array(fc.integer({ min: -20, max: 20 }), { minLength: columns, maxLength: columns }), {
      minLength: rows,
      maxLength: rows,
    }),
  );

test("is as cheap as the best of all assignments, and uses no column twice", () => {
  fc.assert(
    fc.property(table, (cost) => {
      const columnOf = optimalAssignment(cost);
      const used = columnOf.filter((column) => column >= 0);
      expect(new Set(used).size).toBe(used.length);
      expect(used.length).toBe(Math.min(cost.length, cost[0]!.length));
      const total = columnOf.reduce((sum, column, row) => sum + (column < 0 ? 0 : cost[row]![column]!), 0);
      expect(total).toBe(cheapest(cost));
    }),
  );
});

describe("edges", () => {
  test("a greedy choice is not the best one", () => {
    expect(
      optimalAssignment([
        [1, 2],
        [2, 30],
      ]),
    ).toEqual([1, 0]);
  });
  test("nothing to assign", () => {
    expect(optimalAssignment([])).toEqual([]);
    expect(optimalAssignment([[], []])).toEqual([-1, -1]);
  });
});

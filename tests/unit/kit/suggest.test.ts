import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { editDistance, nearest } from "../../../src/kit/suggest.js";

/** Optimal string alignment by its definition: the best last step, over all of them. */
function bruteDistance(a: string, b: string): number {
  if (a === "" || b === "") return a.length + b.length;
  const last = a.at(-1) === b.at(-1) ? 0 : 1;
  const steps = [
    bruteDistance(a.slice(0, -1), b) + 1,
    bruteDistance(a, b.slice(0, -1)) + 1,
    bruteDistance(a.slice(0, -1), b.slice(0, -1)) + last,
  ];
  if (a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1))
    steps.push(bruteDistance(a.slice(0, -2), b.slice(0, -2)) + 1);
  return Math.min(...steps);
}

const word = fc.stringMatching(/^[abc]{0,6}$/);

describe("editDistance", () => {
  test.each([
    ["", "", 0],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
    ["metric", "metirc", 1],
    ["ca", "abc", 3],
    ["flaw", "lawn", 2],
    ["train", "trian", 1],
  ] as const)("%j and %j: %d", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  test("is what trying every step finds", () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(bruteDistance(a, b));
      }),
    );
  });
});

describe("nearest", () => {
  test.each<[string, readonly string[], string | null]>([
    ["validat", ["validate", "train"], "validate"],
    ["TRAIN", ["validate", "train"], "train"],
    ["trian", ["train"], "train"],
    ["x", ["train"], null],
    ["weather", ["train", "validate", "gate"], null],
    ["gat", ["gate", "gat1"], "gate"],
    ["gate", [], null],
    ["", ["a"], "a"],
    ["", ["ab"], null],
  ])("%j among %j: %j", (typed, candidates, meant) => {
    expect(nearest(typed, candidates)).toBe(meant);
  });

  test("is the first of the candidates that are nearest, if that is near enough", () => {
    fc.assert(
      fc.property(word, fc.array(word, { maxLength: 6 }), (typed, candidates) => {
        const limit = Math.max(1, Math.floor(typed.length / 3));
        const distances = candidates.map((candidate) => bruteDistance(typed, candidate));
        const best = Math.min(...distances);
        expect(nearest(typed, candidates)).toBe(best <= limit ? candidates[distances.indexOf(best)] : null);
      }),
    );
  });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { COPY_TAGS, parseNumbers, versionHere } from "../../../src/kit/copied.js";

const tags = (numbers: string) => ({ [COPY_TAGS.numbers]: numbers, other: "2=9" });

test.each([
  ["an original has no numbers of another registry", {}, "2", "2"],
  ["one that was translated", tags("2=7 3=8"), "3", "8"],
  ["one that was not", tags("2=7 3=8"), "1", "1"],
  ["a number is not a part of another", tags("12=7"), "2", "2"],
  ["nor of what it became", tags("1=2 2=3"), "1", "2"],
  ["the version of the file is none here", tags("2=0"), "2", "0"],
  ["an empty tag", tags(""), "2", "2"],
])("%s", (_name, given, number, here) => {
  expect(versionHere(given, number)).toBe(here);
});

test("every number that a copy translates is found, and all others stay", () => {
  const number = fc.integer({ min: 1, max: 500 }).map(String);
  fc.assert(
    fc.property(fc.uniqueArray(number), fc.infiniteStream(number), number, (from, stream, asked) => {
      const numbers = new Map(from.map((one) => [one, stream.next().value as string]));
      const text = [...numbers].map(([one, to]) => `${one}=${to}`).join(" ");
      expect(parseNumbers(text)).toEqual(numbers);
      expect(versionHere(tags(text), asked)).toBe(numbers.get(asked) ?? asked);
    }),
  );
});

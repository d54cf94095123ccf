import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createStyle } from "../../../src/report/style.js";
import { textTable } from "../../../src/report/table.js";
import { columns, cut, oneLine, pad, visible, wrap } from "../../../src/report/text.js";

describe("width in columns", () => {
  test.each([
    ["abc", 3],
    ["Zürich", 6],
    ["e\u0301", 1],
    ["東京", 4],
    ["한국", 4],
    ["👩‍👩‍👧", 2],
    ["✔", 1],
    ["", 0],
  ])("%s", (text, width) => {
    expect(columns(text)).toBe(width);
  });
});

describe("cut", () => {
  test("says that something is missing, and never splits a character", () => {
    expect(cut("a long summary", 8)).toBe("a long…");
    expect(cut("東京大阪", 6)).toBe("東京…");
    expect(cut("東京大阪", 8)).toBe("東京大阪");
    expect(cut("👩‍👩‍👧👩‍👩‍👧", 3)).toBe("👩‍👩‍👧…");
  });

  test("is never wider than asked, and pad fills to exactly that", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 30 }), (text, width) => {
        const shown = cut(oneLine(text), width);
        expect(columns(shown)).toBeLessThanOrEqual(width);
        expect(columns(pad(shown, width))).toBe(width);
      }),
    );
  });
});

test("text of a user cannot drive the terminal", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(oneLine(`\u001b[31m${text}\u0007`)).not.toMatch(/\p{Cc}/u);
      expect(visible(text)).not.toMatch(/[^\P{Cc}\n]/u);
    }),
    { numRuns: 30 },
  );
  expect(oneLine("\u001b[2Ja\nb\tc")).toBe("a b c");
});

test("wrap breaks at spaces and keeps long words whole", () => {
  expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
  expect(wrap("see /a/very/long/path now", 8)).toEqual(["see", "/a/very/long/path", "now"]);
});

test("a table aligns numbers on the right and takes width from text only", () => {
  const table = textTable(
    [
      { label: "Series", numeric: false },
      { label: "WMAPE", numeric: true },
    ],
    [
      ["a rather long name of a series", "9.5%"],
      ["b", "110.0%"],
    ],
    createStyle({ color: false, width: 24 }),
  );
  expect(table.split("\n")).toEqual([
    "  Series           WMAPE",
    "  a rather long…    9.5%",
    "  b               110.0%",
  ]);
});

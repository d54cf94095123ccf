import { describe, expect, test } from "vitest";
import {
  answerKey,
  rejectedAlias,
  releases,
  rollbackKey,
  withdrawalOf,
} from "../../../src/history/alias-trail.js";
import type { AliasMove } from "../../../src/kit/registry.js";

/** `2` moves the alias, `<1` rolls it back, `x3` rejects a version, `other:9` moves another alias. */
function trail(...words: readonly string[]): AliasMove[] {
  const named = new Map<string, string>();
  return words.map((word, i) => {
    const said = { at: `2025-01-01T00:00:0${i}Z`, by: "t", reason: "", decision: null };
    const alias = word.startsWith("x") ? rejectedAlias("best") : word.startsWith("other:") ? "other" : "best";
    const to = word.replace(/^(<|x|other:)/, "");
    const key = word.startsWith("<") ? rollbackKey("best", String(i)) : `promote ${i}`;
    const from = named.get(alias) ?? null;
    named.set(alias, to);
    return { alias, from, to, key, ...said };
  });
}

describe("releases", () => {
  test.each([
    [["1"], ["1"]],
    [
      ["1", "2", "3"],
      ["1", "2", "3"],
    ],
    [
      ["1", "2", "2"],
      ["1", "2"],
    ],
    [["1", "2", "<1"], ["1"]],
    [
      ["1", "2", "3", "<2"],
      ["1", "2"],
    ],
    [
      ["1", "2", "3", "<2", "4"],
      ["1", "2", "4"],
    ],
    [
      ["1", "2", "3", "<2", "4", "<3"],
      ["1", "2", "3"],
    ],
    [["1", "2", "3", "<2", "<1"], ["1"]],
    [
      ["1", "2", "1"],
      ["1", "2", "1"],
    ],
    [
      ["1", "other:5", "x4", "2"],
      ["1", "2"],
    ],
    [[], []],
  ])("%j names %j", (words, expected) => {
    expect(releases(trail(...words), "best")).toEqual(expected);
  });
});

describe("withdrawalOf", () => {
  test.each<[string, string[], string, string | null]>([
    ["never rolled back", ["1", "2"], "2", null],
    ["replaced by a promotion", ["1", "2"], "1", null],
    ["rolled back", ["1", "2", "<1"], "2", "<1"],
    ["rolled back, and others came since", ["1", "2", "<1", "3"], "2", "<1"],
    ["put back by a person", ["1", "2", "<1", "<2"], "2", null],
    ["put back by an approval", ["1", "2", "<1", "2"], "2", null],
    ["rejected", ["1", "x2"], "2", "x2"],
    ["rejected and approved by a later decision", ["1", "x2", "2"], "2", null],
    ["another one was rejected", ["1", "x3"], "2", null],
    ["nothing happened", [], "2", null],
  ])("%s", (_name, words, version, expected) => {
    const moves = trail(...words);
    const withdrawal = withdrawalOf(moves, "best", { version, identity: null, digest: null });
    expect(withdrawal === null ? null : words[moves.indexOf(withdrawal)]).toBe(expected);
  });
});

test("an approval and a rejection of a decision have one key", () => {
  expect(answerKey("best", "sha256:aa")).toBe("decide best sha256:aa");
  expect(rejectedAlias("best")).not.toBe("best");
});

import { describe, expect, test } from "vitest";
import {
  expiryProblem,
  isSamePerson,
  lastDay,
  nameProblem,
  reasonProblem,
  tidy,
} from "../../../src/approval/words.js";

const today = "2025-07-03";

describe("the last day of an approval", () => {
  test.each(["2025-07-03", "2025-07-04", "2025-10-03", " 2025-09-30 "])("%s is fine", (text) => {
    expect(expiryProblem(text, today)).toBeNull();
  });

  test.each([
    ["2025-07-02", /has passed: today is 2025-07-03/],
    ["2025-10-04", /at most 92 days, until 2025-10-03/],
    ["9999-12-31", /at most 92 days/],
    ["2025-02-30", /is no day/],
    ["2025-9-30", /is no day/],
    ["30.09.2025", /is no day/],
    ["2025-09-30T12:00:00Z", /is no day/],
    ["tomorrow", /is no day/],
    ["", /is no day/],
    ["+092025-09-30", /is no day/],
  ])("%j is refused", (text, why) => {
    expect(expiryProblem(text, today)).toMatch(why);
  });

  test("ninety-two days, over a leap day too", () => {
    expect(lastDay("2024-01-01")).toBe("2024-04-02");
    expect(lastDay("2025-12-31")).toBe("2026-04-02");
  });
});

describe("names and reasons", () => {
  test.each([
    "Ada Lovelace",
    "Søren Kierkegård",
    "佐藤 花子",
    "مريم",
    "O'Neil, Ann-Marie (ops)",
    "👩🏽‍🔬 Zoë",
  ])("%s is a name", (text) => expect(nameProblem(text)).toBeNull());

  test.each([
    ["", /name is needed/],
    ["  \t", /name is needed/],
    ["a".repeat(201), /at most 200 characters, this one 201/],
    ["Ada\nLovelace", /one line/],
    ["\u001b[31mAda", /one line/],
    ["\ud800", /one line/],
    ["Ada\u2028Lovelace", /one line/],
  ])("%j is none", (text, why) => expect(nameProblem(text)).toMatch(why));

  test.each([
    ["", /reason is needed/],
    [" \n ", /reason is needed/],
    ["r".repeat(2001), /at most 2000 characters, this one 2001/],
    ["bell \u0007", /plain text/],
  ])("%j is no reason", (text, why) => expect(reasonProblem(text)).toMatch(why));

  test("a reason of several lines becomes one", () => {
    expect(reasonProblem("first\nsecond\tthird")).toBeNull();
    expect(reasonProblem("r".repeat(2000))).toBeNull();
    expect(tidy(" first\n  second\tthird ")).toBe("first second third");
  });

  test("one person in other spellings is no second person", () => {
    expect(isSamePerson("Ada Lovelace", " ada  LOVELACE")).toBe(true);
    expect(isSamePerson("Zoë", "Zoe\u0308")).toBe(true);
    expect(isSamePerson("Ａda", "Ada")).toBe(true);
    expect(isSamePerson("Ada", "Ben")).toBe(false);
  });
});

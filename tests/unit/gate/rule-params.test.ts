import { describe, expect, test } from "vitest";
import { ChampionRule, DriftRule, Rules, ThresholdRule } from "../../../src/gate/rule-params.js";

const messages = (
  schema: { safeParse(value: unknown): { error?: { issues: readonly unknown[] } } },
  value: unknown,
) =>
  (schema.safeParse(value).error?.issues ?? []).map((issue) => {
    const { path, message } = issue as { path: PropertyKey[]; message: string };
    return `${path.join(".")}: ${message}`;
  });

test("what is left out has its default", () => {
  expect(
    Rules.parse([
      { id: "a", metric: "x.y", max: 0 },
      { id: "b", compare: "champion", maxIncrease: 0.01 },
      { id: "c", ks: { features: ["target"], statistic: 1 } },
    ]),
  ).toEqual([
    { id: "a", severity: "block", whenUnknown: "escalate", metric: "x.y", max: 0 },
    {
      id: "b",
      severity: "block",
      whenUnknown: "escalate",
      compare: "champion",
      metric: "wmape",
      maxIncrease: 0.01,
      confidence: 0.9,
      test: "point",
      correction: "bh",
    },
    {
      id: "c",
      severity: "block",
      whenUnknown: "escalate",
      ks: {
        features: ["target"],
        statistic: 1,
        alpha: 0.05,
        correction: "bh",
        reference: "same-quarter-last-year",
        values: "relative",
        guard: "auto",
        quarters: 24,
        minN: 30,
      },
    },
  ]);
});

describe("messages", () => {
  const threshold = { id: "a", metric: "x.y", max: 1 };

  test.each<[string, unknown, string[]]>([
    ["neither limit", { id: "a", metric: "x.y" }, [": a threshold needs one of `max`, `min` and `maxAbs`"]],
    ["both limits", { ...threshold, min: 0 }, [": a threshold needs one of `max`, `min` and `maxAbs`"]],
    ["a limit of 0 is one", { id: "a", metric: "x.y", min: 0 }, []],
    [
      "a bad id",
      { ...threshold, id: "9 lives" },
      ["id: an id starts with a letter and holds letters, digits, - and _"],
    ],
    ["an unknown key", { ...threshold, maximum: 2 }, [': Unrecognized key: "maximum"']],
    [
      "a text for a limit",
      { ...threshold, max: "1" },
      ["max: Invalid input: expected number, received string"],
    ],
    [
      "a limit that is not a number",
      { ...threshold, max: Number.NaN },
      ["max: Invalid input: expected number, received NaN"],
    ],
    [
      "an unknown severity",
      { ...threshold, severity: "info" },
      ['severity: Invalid option: expected one of "block"|"warn"'],
    ],
  ])("threshold: %s", (_name, value, expected) => {
    expect(messages(ThresholdRule, value)).toEqual(expected);
  });

  test.each<[string, unknown, string[]]>([
    [
      "no limit",
      { id: "a", compare: "champion" },
      [": a champion rule needs either `maxIncrease` or `maxRelativeIncrease`"],
    ],
    [
      "compared with something else",
      { id: "a", compare: "candidate", maxIncrease: 0 },
      ['compare: Invalid input: expected "champion"'],
    ],
    [
      "an unknown metric",
      { id: "a", compare: "champion", metric: "rmse", maxIncrease: 0 },
      ['metric: Invalid option: expected one of "wmape"|"mase"|"bias"'],
    ],
  ])("champion: %s", (_name, value, expected) => {
    expect(messages(ChampionRule, value)).toEqual(expected);
  });

  const ks = { features: ["target"], statistic: 0.3 };
  test.each<[string, object, string[]]>([
    ["no feature", { features: [] }, ["ks.features: Too small: expected array to have >=1 items"]],
    ["D of 0", { statistic: 0 }, ["ks.statistic: Too small: expected number to be >0"]],
    ["D above 1", { statistic: 1.01 }, ["ks.statistic: Too big: expected number to be <=1"]],
    ["alpha of 1", { alpha: 1 }, ["ks.alpha: Too big: expected number to be <1"]],
    ["half a row", { minN: 1.5 }, ["ks.minN: Invalid input: expected int, received number"]],
    ["no row", { minN: 0 }, ["ks.minN: Too small: expected number to be >=1"]],
  ])("drift: %s", (_name, change, expected) => {
    expect(messages(DriftRule, { id: "a", ks: { ...ks, ...change } })).toEqual(expected);
  });

  test("no rule at all is no gate", () => {
    expect(messages(Rules, [])).toEqual([": Too small: expected array to have >=1 items"]);
  });

  test("two rules of one id: the later one", () => {
    const other = { id: "b", compare: "champion", maxIncrease: 0 };
    expect(messages(Rules, [threshold, other, threshold, threshold])).toEqual([
      '2.id: two rules have the id "a"',
      '3.id: two rules have the id "a"',
    ]);
  });
});

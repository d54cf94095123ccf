// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how references to the environment look
import { describe, expect, test } from "vitest";
import { change, diagnosticsOf, FILE, marked, SMALL } from "./support.js";

/** One diagnostic as [line, marked text, message, suggestion]. */
const shown = (text: string) =>
  diagnosticsOf(text).map((one) => [one.span?.line, marked(one), one.message, one.suggestion]);

test("the small runbook is valid", () => {
  expect(diagnosticsOf(SMALL)).toEqual([]);
});

describe("places", () => {
  test.each([
    ["a scalar in a block mapping", "frequency: month", "frequency: day", 5, "day"],
    ["a scalar in a flow mapping", "horizon: 6", "horizon: six", 11, "six"],
    ["an item of a list", "[region]", "[region, 7]", 10, "7"],
    ["a quoted scalar, with its quotes", "horizon: 6", 'horizon: "6"', 11, '"6"'],
    ["the key of an unknown entry", "horizon: 6", "horizon: 6, speed: 3", 11, "speed"],
    ["a value inside a step", "folds: 3", "folds: 0", 17, "0"],
    ["a value inside a rule", "max: 0.15", "max: low", 22, "low"],
    ["a rule that lacks its limit", ", max: 0.15", "", 22, "{ id: candidate, metric: train.cv.wmape }"],
  ])("%s", (_, from, to, line, text) => {
    const [first] = diagnosticsOf(change(from, to));
    expect([first!.span?.line, marked(first!), first!.span?.file]).toEqual([line, text, FILE]);
  });

  test("a value through an alias is marked at the alias", () => {
    const text = change("name: demand\n", "name: &never demand\n").replace(
      "frequency: month",
      "frequency: *never",
    );
    expect(shown(text)).toEqual([[5, "*never", 'expected one of month, quarter, got "demand"', null]]);
  });

  test("a missing key is marked at the key of the block mapping that lacks it", () => {
    expect(shown(change("    target: sales\n", ""))).toEqual([
      [6, "columns", '"target" is missing in data.columns: expected text', null],
    ]);
  });

  test("a byte order mark and CRLF line ends do not shift anything", () => {
    const [plain] = diagnosticsOf(change("folds: 3", "folds: 0"));
    const [other] = diagnosticsOf(`\uFEFF${change("folds: 3", "folds: 0").replaceAll("\n", "\r\n")}`);
    expect(other).toEqual(plain);
  });

  test("diagnostics come in the order of the file, all of them", () => {
    const text = change("horizon: 6", "horizon: six").replace("folds: 3", "fold: 3").replace("month", "day");
    const lines = diagnosticsOf(text).map(({ span }) => span!.line);
    expect(lines).toEqual([5, 11, 17]);
  });
});

describe("messages", () => {
  test("a misspelt key is reported once, and not as missing under its right name too", () => {
    expect(shown(change("horizon: 6", "horizons: 6"))).toEqual([
      [11, "horizons", 'unknown key "horizons"', 'did you mean "horizon"?'],
    ]);
  });

  test("two keys of which one is misspelt and another one missing are two diagnostics", () => {
    expect(
      shown(change("model: { name: demand, horizon: 6 }", "model: { nmae: demand }")).map(([, , m]) => m),
    ).toEqual(['"horizon" is missing in model: expected a number', 'unknown key "nmae"']);
  });

  test.each([
    [
      "{ id: c, compare: champion, maxIncrease: 1, confidance: 0.9 }",
      "confidance",
      'did you mean "confidence"?',
    ],
    ["{ id: c, metrc: train.cv.wmape, max: 1 }", "metrc", 'did you mean "metric"?'],
    ["{ id: c, ks: { features: [x], statistics: 0.2 } }", "statistics", 'did you mean "statistic"?'],
  ])("a rule is judged as the kind it is most like: %s", (rule, key, suggestion) => {
    const found = diagnosticsOf(change("{ id: candidate, metric: train.cv.wmape, max: 0.15 }", rule));
    expect(found.map((one) => [one.message, one.suggestion])).toEqual([[`unknown key "${key}"`, suggestion]]);
  });

  test("the choices of a union of words and mappings are named, with the nearest one", () => {
    const [found] = diagnosticsOf(change("folds: 3", "learners: [pooled-rigde]"));
    expect(found).toMatchObject({
      message:
        "expected one of seasonal-naive, season-average, ets-bank, theta, ses, damped-trend, pooled-ridge, " +
        'centred-ridge, boosted-trees, got "pooled-rigde"',
      suggestion: 'did you mean "pooled-ridge"?',
    });
  });

  test("what is there is told by its kind, and numbers that JSON does not have by their name", () => {
    const message = (value: string) => diagnosticsOf(change("horizon: 6", `horizon: ${value}`))[0]!.message;
    expect(message("[1]")).toBe("expected a number, got a list");
    expect(message("{}")).toBe("expected a number, got a mapping");
    expect(message("")).toBe("expected a number, got nothing");
    expect(message(".nan")).toBe("expected a number, got NaN");
    expect(message("2.5")).toBe("expected a whole number, got 2.5");
  });
});

describe("YAML", () => {
  test("a key that stands twice does not hide other errors", () => {
    const found = shown(
      change("name: demand\n", "name: demand\nname: other\n").replace("folds: 3", "folds: 0"),
    );
    expect(found).toEqual([
      [3, "name", 'the key "name" stands twice in one mapping, first on line 2', null],
      [18, "0", "expected at least 1, got 0", null],
    ]);
  });

  test.each([
    ["a tab", "  frequency", "\tfrequency", 5, "a tab in the indentation: YAML takes spaces only"],
    ["an open double quote", "name: demand\n", 'name: "demand\n', 2, "this quote is never closed"],
    ["an open single quote", "name: demand\n", "name: 'demand\n", 2, "this quote is never closed"],
    ["a reference in braces", "folds: 3", "folds: ${A}", 17, "inside { } and [ ] a reference needs quotes"],
    ["an unknown alias", "horizon: 6", "horizon: *none", 11, "no anchor &none before this"],
    [
      "an alias inside its anchor",
      "[region]",
      "&all [region, *all]",
      10,
      "*all stands inside its own anchor",
    ],
    [
      "a second document",
      "model:",
      "---\nmodel:",
      11,
      "a second document starts here: a runbook is one document",
    ],
  ])("%s", (_, from, to, line, message) => {
    expect(shown(change(from, to)).map((one) => one.slice(0, 3))).toEqual([
      [line, expect.any(String), message],
    ]);
  });

  test("aliases that expand without end are refused", () => {
    const list = (name: string, of: string) => `${name}: &${name} [${Array(10).fill(of).join(", ")}]\n`;
    const bomb = list("a", "1") + list("b", "*a") + list("c", "*b") + list("d", "*c");
    expect(shown(bomb)).toMatchObject([[2, "*a", expect.stringContaining("expand"), null]]);
  });

  test("nesting without end is refused", () => {
    expect(shown("[".repeat(20_000))[0]![2]).toMatch(/deep|end with a \]/);
  });

  test.each(["", "# nothing\n", "---\n", "~\n"])("an empty file: %j", (text) => {
    expect(shown(text)).toMatchObject([[1, expect.any(String), "the runbook is empty", null]]);
  });
});

describe("a NUL character, which quotes can make", () => {
  const MESSAGE = "there is a NUL character in it, which no name and no path may have";
  test.each([
    ["a path", "source: [a.csv, b.csv]", 'source: ["a\\0.csv", b.csv]', '"a\\0.csv"'],
    ["a column", "target: sales", 'target: "sa\\0les"', '"sa\\0les"'],
    ["an attribute", "[region]", '[region, "\\u0000"]', '"\\u0000"'],
  ])("is refused in %s, with its place", (_name, from, to, text) => {
    const found = diagnosticsOf(change(from, to)).find(({ message }) => message === MESSAGE);
    expect(found === undefined ? null : marked(found)).toBe(text);
  });

  test("is refused in a key and from the command line", () => {
    const messages = (text: string, set: string[] = []) =>
      diagnosticsOf(text, { set }).map(({ message }) => message);
    expect(messages(change("horizon: 6", 'horizon: 6, "a\\0b": 1'))).toContain(MESSAGE);
    expect(messages(SMALL, ['data.source="a\\0"'])).toContain(MESSAGE);
  });
});

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how references to the environment look
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { wireGraph } from "../../../src/plan/graph.js";
import { stepTypes } from "../../../steps/index.js";
import { parse } from "./support.js";

const RUNBOOK = readFileSync("runbook.yaml", "utf8");
const LINES = RUNBOOK.split("\n");

/** Never throws, and says where: every span lies inside the text, and its excerpt is that line. */
function expectPlaces(text: string, set: readonly string[] = []): void {
  const parsed = parse(text, { set });
  const result = parsed.ok ? wireGraph(parsed.runbook, stepTypes) : parsed;
  if (result.ok) return;
  expect(result.diagnostics.length).toBeGreaterThan(0);
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const { span, message } of result.diagnostics) {
    expect(message).not.toBe("");
    expect(message).not.toContain("undefined");
    if (span === null) continue;
    expect(span.excerpt).toBe(lines[span.line - 1]);
    expect(span.column).toBeGreaterThanOrEqual(1);
    expect(span.length).toBeGreaterThanOrEqual(1);
    expect(span.column + span.length - 1).toBeLessThanOrEqual(Math.max(1, span.excerpt.length + 1));
  }
}

const RUNS = { numRuns: 150 };

describe("any text", () => {
  test("made of the characters of YAML", () => {
    const characters = fc.constantFrom(..."ab:-{}[]\"'#&*!|>%@`,?~0. \t\n\r$<\\\u00e9\u{1f600}");
    fc.assert(
      fc.property(fc.string({ unit: characters, maxLength: 60 }), (text) => expectPlaces(text)),
      { numRuns: 500 },
    );
  });

  test("that is a value of any shape", () => {
    const keys = fc.constantFrom(
      "version",
      "name",
      "data",
      "model",
      "steps",
      "id",
      "uses",
      "with",
      "__proto__",
      "x",
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom<unknown>(null, 1, "a", true, "gate", "train-pooled-cv", "${X}"),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(keys, tie("value"), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(value, (shape) => expectPlaces(stringify(shape))),
      RUNS,
    );
  });
});

describe("the reference runbook, changed", () => {
  test("as it is, it is valid", () => {
    const parsed = parse(RUNBOOK);
    expect(parsed.ok && wireGraph(parsed.runbook, stepTypes).ok).toBe(true);
  });

  test("by a piece cut out or doubled", () => {
    const place = fc.nat(RUNBOOK.length);
    fc.assert(
      fc.property(place, fc.nat(40), fc.boolean(), (start, length, isCut) => {
        const piece = RUNBOOK.slice(start, start + length);
        expectPlaces(RUNBOOK.slice(0, start) + (isCut ? "" : piece + piece) + RUNBOOK.slice(start + length));
      }),
      RUNS,
    );
  });

  test("by lines that are swapped, dropped or indented", () => {
    const line = fc.nat(LINES.length - 1);
    fc.assert(
      fc.property(line, line, fc.constantFrom("swap", "drop", "indent"), (a, b, how) => {
        const lines = [...LINES];
        if (how === "swap") [lines[a], lines[b]] = [lines[b]!, lines[a]!];
        else if (how === "drop") lines.splice(a, 1);
        else lines[a] = `  ${lines[a]}`;
        expectPlaces(lines.join("\n"));
      }),
      RUNS,
    );
  });

  test("by a value in place of another one", () => {
    const values = fc.constantFrom(
      "null",
      "[]",
      "{}",
      "-1",
      '"text"',
      "1e400",
      ".nan",
      "*a",
      "&a x",
      "true",
      "[{}]",
    );
    const places = [...RUNBOOK.matchAll(/: ([^ \n{}[\],#][^\n{}[\],#]*)/g)].map((match) => [
      match.index + 2,
      match.index + match[0].length,
    ]);
    fc.assert(
      fc.property(fc.constantFrom(...places), values, ([start, end], value) =>
        expectPlaces(RUNBOOK.slice(0, start) + value + RUNBOOK.slice(end)),
      ),
      RUNS,
    );
  });

  test("by any --set", () => {
    const part = fc.constantFrom(
      "steps",
      "train",
      "gate",
      "with",
      "rules",
      "0",
      "7",
      "model",
      "data",
      "columns",
      "x",
      "",
    );
    const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("."));
    const value = fc.constantFrom("3", "x", "[a]", "{ a: 1 }", "", "${A}", "[", "*a");
    fc.assert(
      fc.property(path, value, (given, to) => expectPlaces(RUNBOOK, [`${given}=${to}`])),
      RUNS,
    );
  });
});

import { describe, expect, test } from "vitest";
import type { Diagnostic } from "../../../src/kit/diagnostic.js";
import { diagnosticsDocument, renderDiagnostics } from "../../../src/report/diagnostics.js";
import { createStyle } from "../../../src/report/style.js";

const plain = createStyle({ color: false, width: 80 });
const diagnostic = (excerpt: string, marked: string, change: Partial<Diagnostic> = {}): Diagnostic => ({
  code: "unknown-key",
  message: "unknown key `fods`",
  path: "steps.train.with.fods",
  span: {
    file: "runbook.yaml",
    line: 12,
    column: excerpt.indexOf(marked) + 1,
    length: marked.length,
    excerpt,
  },
  suggestion: "folds",
  ...change,
});

describe("renderDiagnostics", () => {
  test("place, sentence, the marked line, suggestion, count", () => {
    const text = renderDiagnostics([diagnostic("    with: { fods: 3 }", "fods")], plain);
    expect(text).toBe(
      [
        "runbook.yaml:12:13: unknown key `fods`",
        "  12 |     with: { fods: 3 }",
        "     |             ^^^^",
        "    did you mean folds?",
        "",
        "1 error in runbook.yaml",
        "",
      ].join("\n"),
    );
  });

  test("the caret stands under wide characters and tabs", () => {
    const [, source, caret] = renderDiagnostics([diagnostic("\t東京: fods", "fods")], plain).split("\n");
    expect(source).toBe("  12 |  東京: fods");
    expect(caret).toBe("     |        ^^^^");
  });

  test("a long line is cut around the mark", () => {
    const excerpt = `${"x".repeat(300)} fods ${"y".repeat(300)}`;
    const [, source, caret] = renderDiagnostics([diagnostic(excerpt, "fods")], plain).split("\n");
    expect(source!.length).toBeLessThanOrEqual(80);
    expect(source!.slice(caret!.indexOf("^"), caret!.lastIndexOf("^") + 1)).toBe("fods");
    expect(source).toMatch(/\| ….*…$/);
  });

  test("without a place it names the path; a sentence is not a name to try", () => {
    const text = renderDiagnostics(
      [
        diagnostic("a", "a", { span: null, suggestion: "set HOST or give it a default" }),
        diagnostic("b", "b"),
      ],
      plain,
    );
    expect(text).toMatch(
      /^steps\.train\.with\.fods: unknown key `fods`\n {4}set HOST or give it a default\n/,
    );
    expect(text).toMatch(/\n2 errors in runbook\.yaml\n$/);
  });
});

test("the JSON document has the same content", () => {
  expect(diagnosticsDocument([])).toEqual({ valid: true, errors: [] });
  const document = diagnosticsDocument([diagnostic("fods: 1", "fods"), diagnostic("", "", { span: null })]);
  expect(document.valid).toBe(false);
  expect(document.errors[0]).toMatchObject({
    file: "runbook.yaml",
    line: 12,
    column: 1,
    suggestion: "folds",
  });
  expect(document.errors[1]).toMatchObject({ file: null, line: null });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { junitReport } from "../../../src/report/junit.js";
import { buildRunDocument, type RunDocument } from "../../../src/report/run-document.js";
import { type Element, parseXml } from "../../support/xml.js";
import { documentInput, rule } from "./sample.js";

const document = (degraded: boolean): RunDocument => buildRunDocument(documentInput(degraded));
const suites = (run: RunDocument) =>
  Object.fromEntries(parseXml(junitReport(run)).children.map((suite) => [suite.attributes.name, suite]));
const failures = (suite: Element) =>
  suite.children.filter(({ children }) => children.some(({ name }) => name === "failure"));
const names = (cases: readonly Element[]) => cases.map(({ attributes }) => attributes.name);

describe("junitReport", () => {
  test("has one test case a step and one a rule", () => {
    const run = document(false);
    const { steps, rules } = suites(run);
    expect(names(steps!.children)).toEqual(run.steps.map(({ id }) => id));
    expect(names(rules!.children)).toEqual(run.decision!.rules.map(({ id }) => id));
    expect(parseXml(junitReport(run)).attributes).toEqual({
      name: "retrain room-demand 2025Q2: Promoted",
      tests: "15",
      failures: "0",
      errors: "0",
      skipped: "0",
      time: "6.730",
    });
    expect(steps!.children[3]!.attributes).toEqual({
      name: "train",
      classname: "retrain room-demand 2025Q2.steps",
      time: "4.610",
    });
  });

  test("what stops the promotion fails, with its figures; what only warns passes and says so", () => {
    const { steps, rules } = suites(document(true));
    expect(names(failures(rules!))).toEqual(["accuracy", "beats-champion", "drift"]);
    expect(failures(rules!)[0]!.children[0]!.attributes).toEqual({
      message: "accuracy.wmape is 29.5%, allowed is at most 20.0% (n 180)",
      type: "FAIL",
    });
    expect(failures(rules!)[1]!.children[0]!.attributes.type).toBe("UNKNOWN");
    expect(rules!.attributes).toMatchObject({ tests: "5", failures: "3" });
    expect(rules!.children[4]!.children[0]!.text).toContain(
      "FAIL, warns only: checkpoints.maxRevision is 8.8%",
    );
    expect(failures(steps!)).toEqual([]);
  });

  test("groups that do not hold are named", () => {
    const group = { observed: 0.4, n: 30, pAdjusted: null, interval: null, why: null };
    const run = document(false);
    const bySegment = rule("by-segment", {
      verdict: "FAIL",
      blocks: true,
      by: "segment",
      groups: [
        { ...group, key: "coast", verdict: "FAIL" },
        { ...group, key: "city", verdict: "PASS", observed: 0.1 },
        { ...group, key: "lake", verdict: "UNKNOWN", observed: null, n: 2, why: "too-few-values" },
      ],
    });
    const { rules } = suites({ ...run, decision: { digest: "d", rules: [bySegment] } });
    const text = failures(rules!)[0]!.children[0]!.text;
    expect(text).toContain("segment coast: FAIL, 40.0%, allowed is at most 20.0% (n 30)");
    expect(text).toMatch(/^segment lake: UNKNOWN, .*too few values.* \(n 2\)$/m);
    expect(text).not.toContain("city");
  });

  test("a failed step is a failure, one that never ran is skipped", () => {
    const run = document(false);
    const failure = {
      code: "data.invalid",
      title: "Broken",
      where: "line 3",
      expected: null,
      details: ["d"],
      next: ["n"],
    };
    const steps = [
      { ...run.steps[0]!, status: "failed" as const, failure },
      { ...run.steps[1]!, status: "skipped" as const, summary: "validate failed" },
    ];
    const found = suites({ ...run, verdict: "failed", decision: null, steps });
    expect(Object.keys(found)).toEqual(["steps"]);
    expect(found.steps!.attributes).toMatchObject({ tests: "2", failures: "1", skipped: "1" });
    expect(failures(found.steps!)[0]!.children[0]).toMatchObject({
      attributes: { message: "Broken", type: "data.invalid" },
      text: "Broken\nwhere: line 3\nd\nnext: n",
    });
  });

  test("an escalation that no rule asked for fails the promotion", () => {
    const run = document(false);
    const moved = { ...run, verdict: "escalated" as const, champion: { before: "5", after: "5" } };
    expect(names(failures(suites(moved).steps!))).toEqual(["promote"]);
  });

  test("any text is well-formed XML and reads back", () => {
    const run = document(true);
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (noise) => {
        const evil = `<b a="1">&]]>${noise}`;
        const steps = run.steps.map((step) => ({ ...step, id: evil, summary: evil }));
        const rules = run.decision!.rules.map((entry) => ({ ...entry, id: evil, detail: evil }));
        const page = junitReport({ ...run, steps, decision: { digest: "d", rules } });
        const name = parseXml(page).children[0]!.children[0]!.attributes.name!;
        expect(name.startsWith('<b a="1">&]]>')).toBe(true);
      }),
      { numRuns: 20 },
    );
  });
});

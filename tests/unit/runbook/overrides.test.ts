// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how references to the environment look
import { describe, expect, test } from "vitest";
import { change, diagnosticsOf, runbookOf, SMALL } from "./support.js";

const set = (...overrides: string[]) => ({ set: overrides });

describe("--set", () => {
  test("reaches sections, steps by id, rules by number, and the short form", () => {
    const runbook = runbookOf(
      SMALL,
      set("model.horizon=3", "steps.validate.with.gaps=fail", "train.folds=5", "gate.rules.0.max=0.3"),
    );
    expect(runbook.model.horizon).toBe(3);
    expect(runbook.steps.map(({ params }) => params)).toMatchObject([
      { gaps: "fail" },
      { folds: 5 },
      { rules: [{ id: "candidate", max: 0.3 }] },
    ]);
  });

  test("reads the value as YAML, which may hold equal signs", () => {
    expect(runbookOf(SMALL, set("data.columns.attributes=[a, b]")).data.columns.attributes).toEqual([
      "a",
      "b",
    ]);
    expect(runbookOf(SMALL, set('model.name="3"')).model.name).toBe("3");
    expect(runbookOf(SMALL, set("model.name=a=b")).model.name).toBe("a=b");
  });

  test("makes what is not there yet, also below a key without a value", () => {
    expect(runbookOf(SMALL, set("calendar.fiscalYearStart=4")).fiscalYearStart).toBe(4);
    const bare = change(
      "uses: validate-data\n    with:\n      ranges: { sales: { min: 0 } }",
      "uses: validate-data\n    with:",
    );
    expect(runbookOf(bare, set("validate.ranges.sales.min=1")).steps[0]!.params).toMatchObject({
      ranges: { sales: { min: 1 } },
    });
  });

  test("the last one wins, and the digest knows", () => {
    expect(runbookOf(SMALL, set("train.folds=5", "train.folds=3")).digest).toBe(runbookOf(SMALL).digest);
    expect(runbookOf(SMALL, set("train.folds=5")).digest).not.toBe(runbookOf(SMALL).digest);
  });

  test("takes variables", () => {
    const given = { env: { FOLDS: "7" }, ...set("train.folds=${FOLDS}") };
    expect(runbookOf(SMALL, given).steps[1]!.params).toMatchObject({ folds: 7 });
  });
});

describe("a --set that cannot be", () => {
  test.each([
    ["folds", "expected PATH=VALUE", "--set steps.train.with.folds=5"],
    ["=5", "expected PATH=VALUE", "--set steps.train.with.folds=5"],
    ["train.folds=[", "the value is not YAML", "put it in quotes"],
    ["trian.folds=5", '"trian" is neither a section of the runbook nor a step', 'did you mean "train"?'],
    ["steps.trian.with.folds=5", 'no step has the id "trian"', 'did you mean "train"?'],
    ["train=5", "the path ends at a step", "--set steps.train.with.NAME=VALUE"],
    ["model.horizon.days=5", "the path goes on below a value that is no mapping", null],
    ["data.source.first=a.csv", "the path goes on below a value that is no mapping", null],
  ])("%s", (override, message, suggestion) => {
    expect(diagnosticsOf(SMALL, set(override))).toEqual([
      { code: "runbook.override", message, path: `--set ${override}`, span: null, suggestion },
    ]);
  });

  test.each([
    ["model.horizon=six", 'expected a number, got "six"'],
    ["train.fold=5", 'unknown key "fold"'],
    ["train.fold.deep=5", 'unknown key "fold"'],
    ["gate.rules=[{ id: c, metric: train.cv.wmape }]", "a threshold needs one of `max`, `min` and `maxAbs`"],
    ["gate.rules.0.ks={}", 'unknown key "ks"'],
    ["modle.x=5", '"modle" is neither a section of the runbook nor a step'],
  ])("%s is blamed on the command line, not on a line of the file", (override, message) => {
    expect(diagnosticsOf(SMALL, set(override))).toMatchObject([
      { path: `--set ${override}`, span: null, message },
    ]);
  });

  test("an empty file has nothing to set", () => {
    expect(diagnosticsOf("", set("model.horizon=3")).map(({ message }) => message)).toEqual([
      "the path goes on below a value that is no mapping",
      "the runbook is empty",
    ]);
  });
});

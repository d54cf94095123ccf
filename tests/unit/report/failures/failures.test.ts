import { describe, expect, test } from "vitest";
import type { Failure, FailureCode } from "../../../../src/kit/failure.js";
import { explainFailure } from "../../../../src/report/failures/explain.js";
import { renderFailure } from "../../../../src/report/failures/render.js";
import { failureContext } from "../../../../src/report/failures/text.js";
import { createStyle } from "../../../../src/report/style.js";
import { FAILURES } from "./every-failure.js";

const context = failureContext({
  run: "2025Q2-4f1c09",
  quarter: "2025Q2",
  reportTo: "https://example.org/issues",
  runbook: null,
  stateDir: "state",
  overrides: [],
  dryRun: false,
});
const plain = createStyle({ color: false, width: 90 });
const of = <C extends FailureCode>(code: C) => FAILURES[code] as Extract<Failure, { code: C }>;

describe("every failure", () => {
  test.each(Object.values(FAILURES))("$code says what, and what to do next", (failure) => {
    const text = explainFailure(failure, context);
    expect(text.title.length).toBeGreaterThan(10);
    expect(text.title).not.toMatch(/\.$/);
    expect(text.next.length).toBeGreaterThan(0);
    const shown = renderFailure(text, plain);
    expect(shown).not.toMatch(/\b(undefined|NaN|null)\b|\[object/);
    expect(shown).not.toMatch(/[^\P{Cc}\n]/u);
    expect(shown.split("\n")[0]).toMatch(/^✖ /);
    if (failure.code !== "internal.bug") expect(shown).not.toMatch(/^\s+at .*:\d+:\d+/m);
  });

  test.each(Object.values(FAILURES))(
    "$code is explained without knowing run, quarter or flags",
    (failure) => {
      expect(renderFailure(explainFailure(failure), plain)).not.toMatch(/\b(undefined|NaN|null)\b|\[object/);
    },
  );

  test("commands that it names exist", () => {
    const known = [
      "clean",
      "quarter",
      "plan",
      "check",
      "schema",
      "runs",
      "status",
      "resume",
      "models",
      "registry",
      "report",
      "escalation",
      "unlock",
      "adopt",
      "approve",
      "rollback",
      "backtest",
    ];
    for (const failure of Object.values(FAILURES)) {
      for (const next of explainFailure(failure, context).next) {
        for (const [, command] of next.matchAll(/`retrain (\w+)/g)) expect(known).toContain(command);
      }
    }
  });
});

describe("the data of a failure reaches its words", () => {
  test("missing columns: role, suggestion, what there is", () => {
    const shown = renderFailure(explainFailure(of("data.columns-missing"), context), plain);
    expect(shown).toBe(
      [
        "✖ The file lacks 2 columns that the runbook names",
        "  where     demand.csv",
        "  expected  room_nights (target), region (attribute)",
        "  │ room_nights: did you mean rooms_nights?",
        "  │ Columns in the file: property_id, month, rooms_nights",
        "  next      Correct `data.columns` in the runbook and try it with `retrain check`",
        "            Then run `retrain quarter 2025Q2 --state-dir state`",
        "",
      ].join("\n"),
    );
  });

  test("unreadable data: file and line", () => {
    expect(explainFailure(of("data.unreadable"), context).where).toBe("demand.csv:12");
  });

  test("a command alone is shown bare, to be copied", () => {
    expect(renderFailure(explainFailure(of("data.lfs-pointer"), context), plain)).toContain(
      "  next      git lfs pull\n",
    );
  });

  test.each([
    ["sizes", 'ctx.outputs.sizes.writeJson("sizes.json", value)'],
    ["my-sizes", 'ctx.outputs["my-sizes"].writeJson("my-sizes.json", value)'],
  ])("an output that a step left unwritten: how a module writes it: %s", (port, code) => {
    const failure = { ...of("step.output-missing"), port };
    expect(explainFailure(failure, context).next.join()).toContain(code);
  });

  test("an answer that is refused names the quarter of its run, where no command named one", () => {
    const failure = {
      ...of("approval.refused"),
      run: "2024Q3-2",
      refusal: { kind: "champion-moved", baseline: "1", live: "2" },
    } as const;
    expect(explainFailure(failure).next).toEqual(["Judge the quarter again: `retrain quarter 2024Q3`"]);
  });

  test("a lock: who, where, since when", () => {
    const shown = renderFailure(explainFailure(of("run.locked"), context), plain);
    for (const part of ["4711", "build-7", "2025-07-09T08:15:00Z", "2025Q2-other", "taken over"]) {
      expect(shown).toContain(part);
    }
  });

  test("a lock of `retrain clean`: no run whose status could be asked for, and the lock by its path", () => {
    const locked = of("run.locked") as Extract<Failure, { code: "run.locked" }>;
    const failure = { ...locked, holder: { ...locked.holder, run: "retrain clean" } };
    const shown = renderFailure(explainFailure(failure, context), plain);
    expect(shown).toContain("Another command holds the lock: retrain clean");
    expect(shown).toContain("`retrain unlock --lock .retrain/lock");
    expect(shown).not.toContain("status");
  });

  test("a bug of ours: message, run id, stack, and where to report it", () => {
    const shown = renderFailure(explainFailure(of("internal.bug"), context), plain);
    expect(shown).toContain("x is not a function");
    expect(shown).toContain("run 2025Q2-4f1c09");
    expect(shown).toMatch(/at run \(engine\.js:1:2\)/);
    expect(shown).toContain("https://example.org/issues");
  });

  test("text from a file cannot drive the terminal", () => {
    const shown = renderFailure(
      explainFailure({
        code: "data.unreadable",
        retryable: false,
        file: "a\u001b[2J.csv",
        line: null,
        detail: "\u0007x",
      }),
      plain,
    );
    expect(shown).not.toMatch(/[^\P{Cc}\n]/u);
  });
});

import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  type AnyStepType,
  defineStep,
  type InputPorts,
  type OutputPorts,
  optional,
} from "../../../src/kit/step.js";
import { wireGraph } from "../../../src/plan/graph.js";
import { runbookOf, type StepOf } from "./runbook-of.js";

function type(
  name: string,
  inputs: InputPorts,
  outputs: OutputPorts,
  rest: Partial<AnyStepType> = {},
): AnyStepType {
  return {
    ...defineStep({
      type: name,
      version: 1,
      summary: name,
      params: z.any(),
      inputs,
      outputs,
      metrics: {},
      effect: "pure",
      run: async () => ({ summary: "" }),
    }),
    ...rest,
  };
}

const validate = type("validate", {}, { panel: "panel" }, { metrics: { rows: "", "drift.*.d": "" } });
const segment = type("segment", { panel: "panel" }, { segments: "segments" });
const train = type("train", { panel: "panel", segments: optional("segments") }, { model: "trained-model" });
const register = type("register", { model: "trained-model" }, { version: "registered-version" });
const outlook = type("outlook", { panel: "panel", model: "trained-model" }, { outlook: "outlook" });
const judge = type(
  "judge",
  { version: "registered-version" },
  { decision: "decision" },
  { readsMetrics: true },
);
const smooth = type("smooth", { panel: "panel" }, { panel: "panel" });
const types = [validate, segment, train, register, outlook, judge];

const step = (id: string, of: AnyStepType, rest: Partial<StepOf> = {}): StepOf => ({ id, type: of, ...rest });
const wire = (steps: readonly StepOf[]) => wireGraph(runbookOf(steps), types);

interface Shape {
  readonly steps: readonly StepOf[];
  /** `id: port=step.port … after ids`, a line a step. */
  readonly graph: readonly string[];
}

const shapes: Record<string, Shape> = {
  "one step": { steps: [step("v", validate)], graph: ["v: after"] },
  line: {
    steps: [step("v", validate), step("t", train), step("r", register)],
    graph: ["v: after", "t: panel=v.panel segments=- after v", "r: model=t.model after t"],
  },
  diamond: {
    steps: [step("v", validate), step("s", segment), step("t", train), step("o", outlook)],
    graph: [
      "v: after",
      "s: panel=v.panel after v",
      "t: panel=v.panel segments=s.segments after v s",
      "o: panel=v.panel model=t.model after v t",
    ],
  },
  "fan-out": {
    steps: [
      step("v", validate),
      step("a", segment),
      step("b", smooth),
      step("c", train, { inputs: { panel: "v" } }),
    ],
    graph: [
      "v: after",
      "a: panel=v.panel after v",
      "b: panel=v.panel after v",
      "c: panel=v.panel segments=a.segments after v a",
    ],
  },
  "no edge": { steps: [step("a", validate), step("b", validate)], graph: ["a: after", "b: after"] },
  "a maker after an optional port does not feed it": {
    steps: [step("v", validate), step("t", train), step("s", segment)],
    graph: ["v: after", "t: panel=v.panel segments=- after v", "s: panel=v.panel after v"],
  },
  "a named input picks one of two makers": {
    steps: [step("a", validate), step("b", validate), step("t", train, { inputs: { panel: "a" } })],
    graph: ["a: after", "b: after", "t: panel=a.panel segments=- after a"],
  },
  "needs add order, in runbook order, once": {
    steps: [
      step("a", validate),
      step("b", segment),
      step("c", train, { needs: ["b", "a"] }),
      step("d", register, { needs: ["c", "a"] }),
    ],
    graph: [
      "a: after",
      "b: panel=a.panel after a",
      "c: panel=a.panel segments=b.segments after a b",
      "d: model=c.model after a c",
    ],
  },
  "a reader of metrics comes after every earlier step and no later one": {
    steps: [
      step("v", validate),
      step("s", segment),
      step("t", train),
      step("r", register),
      step("j", judge),
      step("o", outlook),
    ],
    graph: [
      "v: after",
      "s: panel=v.panel after v",
      "t: panel=v.panel segments=s.segments after v s",
      "r: model=t.model after t",
      "j: version=r.version after v s t r",
      "o: panel=v.panel model=t.model after v t",
    ],
  },
};

describe("shapes that wire", () => {
  test.each(Object.entries(shapes))("%s", (_name, { steps, graph }) => {
    const result = wire(steps);
    if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
    const lines = result.graph.nodes.map(({ id, wires, after }) => {
      const ports = Object.entries(wires).map(
        ([port, from]) => `${port}=${from ? `${from.step}.${from.port}` : "-"}`,
      );
      return [`${id}:`, ...ports, "after", ...after].join(" ");
    });
    expect(lines).toEqual(graph);
  });
});

interface Problem {
  readonly steps: readonly StepOf[];
  /** code, path, message, suggestion */
  readonly diagnostics: readonly (readonly [string, string, string, string | null])[];
}

const panelPhrase = "a panel (the validated panel up to the cutoff)";

const problems: Record<string, Problem> = {
  "missing input": {
    steps: [step("t", train)],
    diagnostics: [
      [
        "runbook.missing-input",
        "steps.t.uses",
        `step "t" needs ${panelPhrase}, and no earlier step makes it`,
        "add a step with `uses: validate` before it",
      ],
    ],
  },
  "wrong order": {
    steps: [step("t", train), step("v", validate)],
    diagnostics: [
      [
        "runbook.missing-input",
        "steps.t.uses",
        `step "t" needs ${panelPhrase}, and no earlier step makes it`,
        'move "v" before "t"',
      ],
    ],
  },
  "a step does not feed itself": {
    steps: [step("s", smooth)],
    diagnostics: [
      [
        "runbook.missing-input",
        "steps.s.uses",
        `step "s" needs ${panelPhrase}, and no earlier step makes it`,
        "add a step with `uses: validate` before it",
      ],
    ],
  },
  "ambiguous input, required": {
    steps: [step("a", validate), step("b", validate), step("s", segment)],
    diagnostics: [
      [
        "runbook.ambiguous-input",
        "steps.s",
        `step "s" takes ${panelPhrase}, and more than one earlier step makes it: a, b`,
        "add `inputs: { panel: b }`",
      ],
    ],
  },
  "ambiguous input, optional": {
    steps: [step("v", validate), step("a", segment), step("b", segment), step("t", train)],
    diagnostics: [
      [
        "runbook.ambiguous-input",
        "steps.t",
        'step "t" takes a segments (segment of every series, and who moved), and more than one earlier step makes it: a, b',
        "add `inputs: { segments: b }`",
      ],
    ],
  },
  "an input names a step that does not make the kind": {
    steps: [step("v", validate), step("s", segment), step("t", train, { inputs: { panel: "s" } })],
    diagnostics: [
      [
        "runbook.unknown-input",
        "steps.t.inputs.panel",
        `no step before "t" is called "s" and makes ${panelPhrase}`,
        "these do: v",
      ],
    ],
  },
  "an optional input that is named must be there": {
    steps: [step("v", validate), step("t", train, { inputs: { segments: "s" } }), step("s", segment)],
    diagnostics: [
      [
        "runbook.unknown-input",
        "steps.t.inputs.segments",
        'no step before "t" is called "s" and makes a segments (segment of every series, and who moved)',
        null,
      ],
    ],
  },
  "a port that is nearly one": {
    steps: [step("v", validate), step("t", train, { inputs: { segment: "v" } })],
    diagnostics: [
      [
        "runbook.unknown-port",
        "steps.t.inputs.segment",
        'train has no input "segment"',
        'did you mean "segments"?',
      ],
    ],
  },
  "a port that is nothing like one": {
    steps: [step("v", validate), step("t", train, { inputs: { weather: "v" } })],
    diagnostics: [
      [
        "runbook.unknown-port",
        "steps.t.inputs.weather",
        'train has no input "weather"',
        "its inputs: panel, segments",
      ],
    ],
  },
  "a port with a name that every object inherits": {
    steps: [step("v", validate), step("t", train, { inputs: { constructor: "v" } })],
    diagnostics: [
      [
        "runbook.unknown-port",
        "steps.t.inputs.constructor",
        'train has no input "constructor"',
        "its inputs: panel, segments",
      ],
    ],
  },
  "a port of a step without any": {
    steps: [step("v", validate, { inputs: { panel: "v" } })],
    diagnostics: [
      ["runbook.unknown-port", "steps.v.inputs.panel", 'validate has no input "panel"', "its inputs: none"],
    ],
  },
  "a need that is nearly one": {
    steps: [step("check", validate), step("b", validate, { needs: ["chek"] })],
    diagnostics: [
      [
        "runbook.unknown-need",
        "steps.b.needs.0",
        'no earlier step has the id "chek"',
        'did you mean "check"?',
      ],
    ],
  },
  "a need that is nothing like one": {
    steps: [step("check", validate), step("b", validate, { needs: ["check", "weather"] })],
    diagnostics: [["runbook.unknown-need", "steps.b.needs.1", 'no earlier step has the id "weather"', null]],
  },
  "a need that comes later": {
    steps: [step("a", validate, { needs: ["b"] }), step("b", validate)],
    diagnostics: [
      ["runbook.unknown-need", "steps.a.needs.0", 'no earlier step has the id "b"', 'move "b" before "a"'],
    ],
  },
  "a need of itself": {
    steps: [step("alone", validate, { needs: ["alone"] })],
    diagnostics: [
      ["runbook.unknown-need", "steps.alone.needs.0", 'no earlier step has the id "alone"', null],
    ],
  },
  "everything at once, in the order of the file": {
    steps: [step("t", train, { needs: ["x"] }), step("r", register, { inputs: { modle: "t" } })],
    diagnostics: [
      [
        "runbook.missing-input",
        "steps.t.uses",
        `step "t" needs ${panelPhrase}, and no earlier step makes it`,
        "add a step with `uses: validate` before it",
      ],
      ["runbook.unknown-need", "steps.t.needs.0", 'no earlier step has the id "x"', null],
      [
        "runbook.unknown-port",
        "steps.r.inputs.modle",
        'register has no input "modle"',
        'did you mean "model"?',
      ],
    ],
  },
};

describe("shapes that do not", () => {
  test.each(Object.entries(problems))("%s", (_name, { steps, diagnostics }) => {
    const result = wire(steps);
    expect(result.ok ? [] : result.diagnostics).toEqual(
      diagnostics.map(([code, path, message, suggestion]) => ({
        code,
        message,
        path,
        span: null,
        suggestion,
      })),
    );
  });
});

test("a step's own check sees its parameters and the metrics of earlier steps only", () => {
  const asked: unknown[] = [];
  const checker = type(
    "checker",
    {},
    { decision: "decision" },
    {
      metrics: { passed: "" },
      check(params, upstream) {
        asked.push([params, upstream]);
        return [{ path: ["rules", 0], message: "no such thing", suggestion: "try another" }];
      },
    },
  );
  const result = wire([
    step("v", validate),
    step("c", checker, { params: { limit: 1 } }),
    step("w", validate),
  ]);
  expect(asked).toEqual([
    [
      { limit: 1 },
      {
        alias: "best",
        columns: { target: "y", attributes: [], known: [], observed: [] },
        metrics: ["v.rows", "v.drift.*.d"],
        steps: [{ id: "v", type: "validate", params: {} }],
      },
    ],
  ]);
  expect(result.ok ? [] : result.diagnostics).toEqual([
    {
      code: "runbook.invalid-value",
      message: "no such thing",
      path: "steps.c.with.rules.0",
      span: null,
      suggestion: "try another",
    },
  ]);
});

describe("steps that may fail", () => {
  const promote = type("promote", { decision: "decision" }, { promotion: "promotion" }, { afterAll: true });
  const extra = type("extra", {}, { made: "custom/extra" });
  const reader = type("reader", { made: "custom/extra" }, {});
  const taster = type("taster", { made: optional("custom/extra") }, {});
  const all = [...types, promote, extra, reader, taster];
  const graphOf = (steps: readonly StepOf[]) => {
    const wired = wireGraph(runbookOf(steps), all);
    if (!wired.ok) return wired.diagnostics;
    return wired.graph.nodes.map(
      ({ id, after, tolerates }) => `${id}: ${after.join(" ")} / ${tolerates.join(" ")}`,
    );
  };
  const release = [step("v", validate), step("t", train), step("r", register), step("j", judge)];

  test("a promotion comes after every earlier step, and tolerates those that may fail", () => {
    const may = { optional: true };
    expect(
      graphOf([...release, step("x", extra), step("y", extra, may), step("p", promote), step("z", extra)]),
    ).toEqual([
      "v:  / ",
      "t: v / ",
      "r: t / ",
      "j: v t r / ",
      "x:  / ",
      "y:  / ",
      "p: v t r j x y / y",
      "z:  / ",
    ]);
  });

  test("whoever reads metrics and whoever has an optional port goes on too", () => {
    const may = { optional: true };
    expect(
      graphOf([step("x", extra, may), ...release.slice(0, 3), step("j", judge), step("k", taster)]),
    ).toEqual(["x:  / ", "v:  / ", "t: v / ", "r: t / ", "j: x v t r / x", "k: x / x"]);
  });

  const may = { optional: true };
  test.each([
    ["a port that is required", [step("x", extra, may), step("k", reader)], "k", "uses"],
    ["a step that is needed", [step("x", extra, may), step("v", validate, { needs: ["x"] })], "v", "uses"],
    ["what is released", [step("v", validate), step("t", train), step("r", register, may)], "r", "optional"],
    ["the decision", [...release.slice(0, 3), step("j", judge, may)], "j", "optional"],
    ["the promotion", [...release, step("p", promote, may)], "p", "optional"],
  ] as const)("%s cannot come from a step that may fail", (_name, steps, at, key) => {
    expect(graphOf(steps)).toMatchObject([{ code: "runbook.optional-step", path: `steps.${at}.${key}` }]);
  });

  test("unless whoever needs it may fail too", () => {
    expect(graphOf([step("x", extra, may), step("k", reader, may)])).toEqual(["x:  / ", "k: x / "]);
  });
});

import { describe, expect, test } from "vitest";
import { makeRequest, type RunOptions } from "../../../src/cli/setup.js";
import { FailureError } from "../../../src/kit/failure.js";
import { wireGraph } from "../../../src/plan/graph.js";
import { stepType } from "../engine/bench.js";
import { runbookOf } from "../plan/runbook-of.js";

const type = stepType("any", {}, {});
const runbook = runbookOf(["validate", "train", "gate"].map((id) => ({ id, type })));
const wired = wireGraph(runbook, [type]);
if (!wired.ok) throw new Error("the runbook does not wire");
const opened = { runbook, graph: wired.graph, path: "/project/runbook.yaml" };

const make = (quarter: string, options: Partial<RunOptions> = {}, fiscalYearStart = 1) =>
  makeRequest(quarter, { ...opened, runbook: { ...runbook, fiscalYearStart } }, { set: [], ...options });

test("a plain request", () => {
  expect(make("2025Q2")).toEqual({
    graph: wired.graph,
    scope: {
      quarter: expect.objectContaining({ label: "2025Q2", cutoff: "2025-06-30" }),
      data: runbook.data,
      model: runbook.model,
      fiscalYearStart: 1,
    },
    quarter: expect.objectContaining({ label: "2025Q2", start: "2025-04-01" }),
    runbook: {
      name: "test",
      file: "runbook.yaml",
      path: "/project/runbook.yaml",
      digest: runbook.digest,
      overrides: [],
    },
    dryRun: false,
    fresh: false,
    from: null,
    until: null,
  });
});

test("with everything", () => {
  const options = { dryRun: true, fresh: true, from: "train", until: "train", set: ["train.folds=5"] };
  expect(make("2025-q1", options, 4)).toMatchObject({
    quarter: { label: "2025Q1", cutoff: "2024-06-30" },
    runbook: { overrides: ["train.folds=5"] },
    dryRun: true,
    fresh: true,
    from: "train",
    until: "train",
  });
});

describe("what is wrong with it", () => {
  test.each<[string, string, Partial<RunOptions>, string, string | null]>([
    [
      "no quarter",
      "2025Q5",
      {},
      '"2025Q5" is not a quarter: expected a year and Q1 to Q4, e.g. 2025Q2',
      "retrain quarter 2025Q2",
    ],
    [
      "nothing",
      "",
      {},
      '"" is not a quarter: expected a year and Q1 to Q4, e.g. 2025Q2',
      "retrain quarter 2025Q2",
    ],
    [
      "--from a near miss",
      "2025Q2",
      { from: "trian" },
      '--from names a step that the runbook does not have: "trian"; steps: validate, train, gate',
      "--from train",
    ],
    [
      "--until nothing like a step",
      "2025Q2",
      { until: "weather" },
      '--until names a step that the runbook does not have: "weather"; steps: validate, train, gate',
      null,
    ],
    [
      "--from after --until",
      "2025Q2",
      { from: "gate", until: "train" },
      "--from gate comes after --until train: nothing would run",
      null,
    ],
  ])("%s", (_name, quarter, options, message, next) => {
    let thrown: unknown;
    try {
      make(quarter, options);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(FailureError);
    expect((thrown as FailureError).failure).toEqual({
      code: "usage.invalid",
      retryable: false,
      message,
      next,
    });
  });
});

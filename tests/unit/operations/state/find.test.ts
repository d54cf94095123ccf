import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { RunHeader } from "../../../../src/engine/run-records.js";
import { FailureError } from "../../../../src/kit/failure.js";
import { runbookAbove, stateOfRunbook, stateOfRuns } from "../../../../src/operations/state/find.js";

let top: string;
beforeEach(() => {
  top = realpathSync(mkdtempSync(join(tmpdir(), "retrain-state-")));
});
afterEach(() => rmSync(top, { recursive: true, force: true }));
const at = (...parts: string[]) => join(top, ...parts);

function file(path: string, text = "x"): string {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
  return at(path);
}

/** A state directory of an earlier version: one run that names its runbook. */
function run(state: string, runbook: string, model = "m"): void {
  const header: RunHeader = {
    format: 1,
    run: "2025Q2-1",
    quarter: "2025Q2",
    cutoff: "2025-06-30",
    model,
    alias: "best",
    dryRun: false,
    runbook: at(runbook),
    overrides: [],
    startedAt: "2025-07-01T00:00:00.000Z",
  };
  file(join(state, "runs", "2025Q2-1", "run.json"), JSON.stringify(header));
}

function failureOf(call: () => unknown) {
  try {
    call();
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    throw error;
  }
  throw new Error("it did not fail");
}

const rootOf = (runbook: string, cwd: string, stateDir?: string) =>
  stateOfRunbook({ stateDir }, { path: resolve(at(cwd), runbook), model: "m" }, at(cwd)).state.root;

describe("the state directory of a runbook", () => {
  test.each([
    { what: "beside it", runbook: "runbook.yaml", cwd: "p", root: "p/.retrain" },
    { what: "typed below it", runbook: "../runbook.yaml", cwd: "p/sub", root: "p/.retrain" },
    { what: "typed above it", runbook: "p/runbook.yaml", cwd: ".", root: "p/.retrain" },
    { what: "typed elsewhere", runbook: "../p/hotels.yaml", cwd: "q", root: "p/.retrain" },
    { what: "two runbooks of one folder", runbook: "other.yaml", cwd: "p", root: "p/.retrain" },
  ])("is .retrain beside it: $what", ({ runbook, cwd, root }) => {
    file("p/runbook.yaml");
    mkdirSync(at("p", "sub"));
    mkdirSync(at("q"));
    expect(rootOf(runbook, cwd)).toBe(at(root));
  });

  test("an absolute path of the runbook means the same", () => {
    file("p/runbook.yaml");
    expect(rootOf(at("p", "runbook.yaml"), ".")).toBe(at("p", ".retrain"));
  });

  test("a link to a runbook has its own folder's, as its data has", () => {
    file("real/runbook.yaml");
    mkdirSync(at("linked"));
    symlinkSync(at("real", "runbook.yaml"), at("linked", "runbook.yaml"));
    expect(rootOf("runbook.yaml", "linked")).toBe(at("linked", ".retrain"));
  });

  test("--state-dir and the variable win, from the working directory, whatever is elsewhere", () => {
    file("p/runbook.yaml");
    mkdirSync(at("p", "sub"));
    run("p/sub/.retrain", "p/runbook.yaml");
    expect(rootOf("../runbook.yaml", "p/sub", ".retrain")).toBe(at("p", "sub", ".retrain"));
    expect(rootOf("../runbook.yaml", "p/sub", "/srv/state")).toBe("/srv/state");
    expect(stateOfRuns({ stateDir: "a/../b", runbook: "gone.yaml" }, top)).toMatchObject({
      state: { root: at("b") },
      shown: "a/../b",
    });
  });

  test("an empty variable is none, an empty option and a file are refused", () => {
    vi.stubEnv("RETRAIN_STATE_DIR", "");
    file("p/runbook.yaml");
    expect(rootOf("runbook.yaml", "p", "")).toBe(at("p", ".retrain"));
    vi.unstubAllEnvs();
    expect(failureOf(() => rootOf("runbook.yaml", "p", ""))).toMatchObject({ code: "usage.invalid" });
    expect(failureOf(() => rootOf("runbook.yaml", "p", "runbook.yaml"))).toMatchObject({
      code: "usage.invalid",
    });
  });
});

describe("an earlier state where the command is typed", () => {
  beforeEach(() => {
    file("p/runbook.yaml");
    file("q/runbook.yaml");
    mkdirSync(at("p", "sub"));
  });
  const typedBelow = () => failureOf(() => rootOf("../runbook.yaml", "p/sub"));

  test("of this runbook is named, with where it belongs", () => {
    run("p/sub/.retrain", "p/runbook.yaml");
    expect(typedBelow()).toEqual({
      code: "state.elsewhere",
      retryable: false,
      runbook: "../runbook.yaml",
      found: ".retrain",
      expected: "../.retrain",
      isBegun: false,
      isThere: false,
      aside: "../.retrain.old",
    });
    expect(failureOf(() => stateOfRuns({ runbook: "../runbook.yaml" }, at("p", "sub")))).toEqual(
      typedBelow(),
    );
  });

  test("of this model counts when the project was moved or copied, or only its registry is there", () => {
    run("p/sub/.retrain", "before/runbook.yaml");
    expect(typedBelow()).toMatchObject({ code: "state.elsewhere" });
    // A command that reads no runbook knows no model: a runbook of that name that is gone may have been this one.
    const unread = () => stateOfRuns({ runbook: "../runbook.yaml" }, at("p", "sub")).state.root;
    expect(failureOf(unread)).toEqual(typedBelow());
    file("before/runbook.yaml");
    expect(unread()).toBe(at("p", ".retrain"));
    rmSync(at("p", "sub", ".retrain"), { recursive: true });
    file("p/sub/.retrain/registry/models/m/alias-log.jsonl");
    expect(typedBelow()).toMatchObject({ code: "state.elsewhere" });
  });

  test("with folders at its place that begin nothing is moved over them", () => {
    run("p/sub/.retrain", "p/runbook.yaml");
    file("p/.retrain/tune/a/search.json");
    file("p/.retrain.old/kept");
    expect(typedBelow()).toMatchObject({ isBegun: false, isThere: true, aside: "../.retrain.old-2" });
  });

  test("beside one that has begun: a person says which one services follow", () => {
    run("p/sub/.retrain", "p/runbook.yaml");
    run("p/.retrain", "p/runbook.yaml");
    expect(typedBelow()).toMatchObject({ isBegun: true, aside: ".retrain.old" });
    // Where the runbook is there is no question.
    expect(rootOf("runbook.yaml", "p")).toBe(at("p", ".retrain"));
  });

  test.each([
    { what: "another project's, of another model", runbook: "q/runbook.yaml", model: "other" },
    {
      what: "another project's in its right place, of a model of the same name",
      runbook: "q/runbook.yaml",
      model: "m",
    },
  ])("is not this runbook's: $what", ({ runbook, model }) => {
    run("q/.retrain", runbook, model);
    expect(rootOf("../p/runbook.yaml", "q")).toBe(at("p", ".retrain"));
    run("p/.retrain", "p/runbook.yaml");
    expect(rootOf("../p/runbook.yaml", "q")).toBe(at("p", ".retrain"));
  });

  test("through a link: the state of the file that is linked to is not left behind", () => {
    run("p/.retrain", "p/runbook.yaml");
    mkdirSync(at("linked"));
    symlinkSync(at("p", "runbook.yaml"), at("linked", "runbook.yaml"));
    expect(failureOf(() => rootOf("runbook.yaml", "linked"))).toMatchObject({
      code: "state.elsewhere",
      found: "../p/.retrain",
    });
    // A folder that has its own state by now goes on with it: one runbook, linked to by many projects.
    run("linked/.retrain", "linked/runbook.yaml");
    expect(rootOf("runbook.yaml", "linked")).toBe(at("linked", ".retrain"));
  });

  test("the same folder by another name is the same state", () => {
    symlinkSync(at("p"), at("alias"));
    run("p/.retrain", "p/runbook.yaml");
    expect(rootOf("../alias/runbook.yaml", "p")).toBe(at("alias", ".retrain"));
  });

  test("damaged runs and empty folders say nothing", () => {
    file("p/sub/.retrain/runs/2025Q2-1/run.json", "{");
    expect(rootOf("../runbook.yaml", "p/sub")).toBe(at("p", ".retrain"));
  });
});

describe("a command without a runbook", () => {
  const found = (cwd: string, runbook?: string) => stateOfRuns({ runbook }, at(cwd)).state.root;

  test("reads the state of its folder, else of the nearest folder above", () => {
    file("p/runbook.yaml");
    mkdirSync(at("p", "a", "b"), { recursive: true });
    expect(found("p")).toBe(at("p", ".retrain"));
    expect(found("p/a/b")).toBe(at("p", ".retrain"));
    run("p/a/.retrain", "p/runbook.yaml");
    expect(found("p/a/b")).toBe(at("p", "a", ".retrain"));
    expect(found(".", "p/runbook.yaml")).toBe(at("p", ".retrain"));
    expect(runbookAbove(at("p", "a", "b"))).toBe("../../runbook.yaml");
    expect(runbookAbove(at("p"))).toBeNull();
  });

  test("says which runbook is not there", () => {
    expect(failureOf(() => found(".", "p/typo.yaml"))).toMatchObject({
      code: "usage.invalid",
      message: "cannot read the runbook p/typo.yaml: there is no such file",
    });
  });
});

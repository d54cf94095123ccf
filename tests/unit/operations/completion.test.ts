import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describe as modelOf } from "../../../src/cli/completion/describe.js";
import { createProgram } from "../../../src/cli/program.js";
import { complete } from "../../../src/operations/completion/complete.js";
import { valuesHere } from "../../../src/operations/completion/values.js";

const program = modelOf(createProgram());

describe("what may come at the end of a command line", () => {
  let cwd: string;
  beforeAll(() => {
    cwd = mkdtempSync(join(tmpdir(), "retrain-completion-"));
    for (const run of ["2024Q4-1", "2025Q1-1", "2025Q1-2", "2025Q1-10", "2025Q1-2.tmp"])
      mkdirSync(join(cwd, ".retrain", "runs", run), { recursive: true });
    mkdirSync(join(cwd, "other", "state", "runs", "FY26Q1-1"), { recursive: true });
    mkdirSync(join(cwd, "data"));
    symlinkSync(join(cwd, "data"), join(cwd, "linked"));
    writeFileSync(
      join(cwd, "runbook.yaml"),
      "steps:\n  - { id: validate }\n  - { id: gate, uses: gate }\n  - 3\n",
    );
    writeFileSync(join(cwd, "broken.yaml"), "steps: [{ id: a\n");
  });
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));

  const offered = (typed: string, env: Record<string, string> = {}): string[] =>
    complete(program, typed.split(" ").slice(1), valuesHere(cwd, env)).candidates.map(({ value }) => value);

  test.each<readonly [string, readonly string[]]>([
    ["retrain esc", ["escalation"]],
    ["retrain re", ["resume", "report", "reject", "registry"]],
    ["retrain registry pu", ["push", "pull"]],
    ["retrain registry push --fr", ["--from"]],
    ["retrain notify ", ["test", "help"]],
    ["retrain quarter ", ["2025Q2", "2025Q1", "2024Q4"]],
    ["retrain quarter 2025Q1 ", []],
    ["retrain backtest 2024Q4 2025", ["2025Q2", "2025Q1"]],
    ["retrain status ", ["2025Q1-10", "2025Q1-2", "2025Q1-1", "2024Q4-1", "2025Q1", "2024Q4"]],
    ["retrain status 2025Q1-1", ["2025Q1-10", "2025Q1-1"]],
    ["retrain quarter 2025Q2 --d", ["--dry-run"]],
    ["retrain quarter --dry-run --d", []],
    ["retrain quarter --set a=1 --se", ["--set"]],
    ["retrain quarter --set ", []],
    ["retrain quarter --from ", ["validate", "gate"]],
    ["retrain quarter --from=g", ["gate"]],
    ["retrain quarter --fresh=g", []],
    ["retrain quarter --nonsense=g", []],
    ["retrain quarter --runbook broken.yaml --from ", ["a"]],
    ["retrain quarter --runbook=none.yaml --from ", []],
    ["retrain quarter --from validate 20", ["2025Q2", "2025Q1", "2024Q4"]],
    ["retrain explain 2025Q1 ga", ["gate"]],
    ["retrain quarter -- --", []],
    ["retrain report --format j", ["junit"]],
    ["retrain completion ", ["bash", "zsh", "fish", "powershell"]],
    ["retrain check ", ["broken.yaml", "data/", "linked/", "other/", "runbook.yaml"]],
    ["retrain check ./ru", ["./runbook.yaml"]],
    ["retrain check other/", ["other/state/"]],
    ["retrain quarter --state-dir ", ["data/", "linked/", "other/"]],
    ["retrain quarter --state-dir .re", [".retrain/"]],
    ["retrain status --state-dir other/state ", ["FY26Q1-1", "FY26Q1"]],
    ["retrain check none/", []],
    ["retrain status --state-dir runbook.yaml ", []],
    ["retrain nonsense ", []],
    ["retrain nonsense qu", []],
    ["retrain", program.commands.map(({ name }) => name)],
  ])("%s", (typed, expected) => {
    expect(offered(typed)).toEqual(expected);
  });

  test("the state directory of the environment counts", () => {
    expect(offered("retrain quarter ", { RETRAIN_STATE_DIR: "other/state" })).toEqual(["FY26Q1"]);
  });

  test("behind a folder more is to come, and only behind one", () => {
    const isOpen = (typed: string) =>
      complete(program, typed.split(" ").slice(1), valuesHere(cwd, {})).isOpen;
    expect([isOpen("retrain check oth"), isOpen("retrain check run"), isOpen("retrain check ")]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

test("every command is offered with what it is for, and none that is hidden", () => {
  expect(program.commands.map(({ name }) => name)).not.toContain("complete");
  for (const { name, description } of program.commands) expect(description, name).not.toBe("");
});

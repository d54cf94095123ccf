import { expect, onTestFinished, test, vi } from "vitest";
import { commandsFor, shellWord } from "../../../src/report/commands.js";

test("commands carry the flags that find the same run again, and nothing by default", () => {
  const plain = commandsFor({ runbook: null, stateDir: null, overrides: [], dryRun: false });
  expect(plain.quarter("2025Q2")).toBe("retrain quarter 2025Q2");
  expect(plain.report("r1")).toBe("retrain report r1");
  const flagged = commandsFor({ runbook: "hotels.yaml", stateDir: "my state", overrides: [], dryRun: false });
  expect(flagged.quarter("2025Q2", "train")).toBe(
    "retrain quarter 2025Q2 --from train --runbook hotels.yaml --state-dir 'my state'",
  );
  expect(flagged.escalation("r1")).toBe("retrain escalation r1 --state-dir 'my state'");
  expect(flagged.check()).toBe("retrain check hotels.yaml");
});

test("words are quoted for the shell", () => {
  expect(shellWord("it's")).toBe("'it'\\''s'");
  expect(shellWord("$(rm)")).toBe("'$(rm)'");
  expect(shellWord("")).toBe("''");
});

test("a command to copy repeats what the run was started with", () => {
  const commands = commandsFor({
    runbook: null,
    stateDir: null,
    overrides: ["data.source=a b.csv"],
    dryRun: true,
  });
  expect(commands.quarter("2025Q2", "gate")).toBe(
    "retrain quarter 2025Q2 --from gate --dry-run --set 'data.source=a b.csv'",
  );
  expect(commands.check()).toBe("retrain check --set 'data.source=a b.csv'");
  expect(commands.report("2025Q2-1")).toBe("retrain report 2025Q2-1");
});

test("a runbook of another folder says where the state directory is", () => {
  const elsewhere = { runbook: "../hotels.yaml", stateDir: null, overrides: [], dryRun: false };
  const commands = commandsFor(elsewhere);
  expect(commands.status("2025Q2-1")).toBe("retrain status 2025Q2-1 --runbook ../hotels.yaml");
  expect(commands.rows("2025Q2-1")).toBe("retrain escalation 2025Q2-1 --rows --runbook ../hotels.yaml");
  expect(commands.unlock({ model: "m" })).toBe("retrain unlock --model m --runbook ../hotels.yaml");
  expect(commandsFor({ ...elsewhere, runbook: "hotels.yaml" }).runs()).toBe("retrain runs");
  expect(commandsFor({ ...elsewhere, stateDir: "s" }).runs()).toBe("retrain runs --state-dir s");
});

test.each([
  ["http://127.0.0.1:5000", "MLFLOW_TRACKING_URI=http://127.0.0.1:5000 retrain status r1"],
  ["file:../a registry", "MLFLOW_TRACKING_URI='file:../a registry' retrain status r1"],
  ["http://ada:secret@mlflow:5000", "retrain status r1"],
  ["mlflow", "retrain status r1"],
  ["", "retrain status r1"],
])("a registry that the environment names is repeated, but for a password: %s", (uri, typed) => {
  vi.stubEnv("MLFLOW_TRACKING_URI", uri);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(commandsFor({ runbook: null, stateDir: null, overrides: [], dryRun: false }).status("r1")).toBe(
    typed,
  );
});

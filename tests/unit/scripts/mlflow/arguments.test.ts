import { describe, expect, test } from "vitest";
import { parseArguments } from "../../../../scripts/mlflow/arguments.js";
import { StartProblem } from "../../../../scripts/mlflow/problem.js";

describe("parseArguments", () => {
  test("has defaults for a person", () => {
    expect(parseArguments([])).toEqual({
      port: 5000,
      backend: "sqlite",
      storeUri: null,
      data: undefined,
      workers: 1,
      auth: false,
      venv: undefined,
      python: "python3",
      variable: "MLFLOW_TRACKING_URI",
      json: false,
      help: false,
      command: [],
    });
  });

  test.each(["--", "--exec"])("%s ends its own options: the rest is the command's", (mark) => {
    const parsed = parseArguments([
      "--temporary",
      "--port",
      "0",
      mark,
      "npx",
      "retrain",
      "--json",
      "--",
      "x",
    ]);
    expect(parsed).toMatchObject({ data: null, port: 0, json: false });
    expect(parsed.command).toEqual(["npx", "retrain", "--json", "--", "x"]);
  });

  test.each([
    ["postgresql://u:p@host/db", "postgresql"],
    ["postgresql+psycopg2://u:p@host/db", "postgresql"],
    ["postgres://host/db", "postgresql"],
    ["sqlite:////tmp/a.db", "sqlite"],
  ])("%s is a database of %s", (uri, backend) => {
    expect(parseArguments(["--backend-store-uri", uri])).toMatchObject({ backend, storeUri: uri });
  });

  test.each([
    [["--port", "70000"], "--port 70000: expected a whole number from 0 to 65535"],
    [["--port", "1e3"], "--port 1e3"],
    [["--workers", "0"], "--workers 0"],
    [["--backend", "mysql"], "--backend mysql: expected sqlite or postgresql"],
    [["--temporary", "--data", "x"], "exclude each other"],
    [["--backend", "sqlite", "--backend-store-uri", "sqlite:///x"], "exclude each other"],
    [["--"], "-- without a command"],
    [["--json", "--", "true"], "--json with a command"],
    [["--variable", "X"], "--variable without a command"],
    [["--colour"], "--colour"],
    [["serve"], "serve"],
  ])("%j is refused", (argv, message) => {
    expect(() => parseArguments(argv)).toThrow(StartProblem);
    expect(() => parseArguments(argv)).toThrow(message);
  });

  test("a password is not repeated", () => {
    expect(() => parseArguments(["--backend-store-uri", "mysql://u:secret@h/d"])).toThrow(/^(?!.*secret)/s);
  });
});

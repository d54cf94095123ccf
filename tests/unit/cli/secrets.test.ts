import { describe, expect, test, vi } from "vitest";
import { reportError, typedContext } from "../../../src/cli/report-error.js";
import { openTerminal } from "../../../src/cli/terminal.js";
import { FailureError } from "../../../src/kit/failure.js";

describe("terminals", () => {
  function written(stream: NodeJS.WriteStream): { text(): string } {
    const spy = vi.spyOn(stream, "write").mockReturnValue(true);
    return {
      text: () => {
        const text = spy.mock.calls.map(([chunk]) => String(chunk)).join("");
        spy.mockRestore();
        return text;
      },
    };
  }

  test("what one hides, all hide: on both streams", () => {
    openTerminal().hide(["shared-secret-1"]);
    const [out, err] = [written(process.stdout), written(process.stderr)];
    const terminal = openTerminal();
    terminal.data("data shared-secret-1");
    terminal.talk("talk shared-secret-1");
    expect([out.text(), err.text()]).toEqual(["data ***", "talk ***"]);
    expect(terminal.mask("shared-secret-1")).toBe("***");
  });

  test("the error that ends a command is told without secrets, also where it is laid out anew", () => {
    openTerminal().hide(["first line\n\tvery-long  second"]);
    const err = written(process.stderr);
    const source = "/data/first line\n\tvery-long  second.csv";
    const exitCode = reportError(new FailureError({ code: "data.source-missing", retryable: false, source }));
    const text = err.text();
    expect(exitCode).toBe(1);
    expect(text).toContain("/data/***.csv");
    expect(text).not.toContain("very-long");
  });

  test("the command to try again is the one that was typed, without the password of an address", () => {
    const err = written(process.stderr);
    const words = [
      "registry",
      "push",
      "--to",
      "http://me:pa/ss@mlflow:5000",
      "--set",
      "registry.uri=http://u:p@h",
    ];
    reportError(
      new FailureError({
        code: "registry.refused",
        retryable: false,
        call: "c",
        status: 400,
        error: null,
        detail: "",
      }),
      typedContext(words),
    );
    const text = err.text().replace(/\s+/g, " ");
    expect(text).toContain(
      "retrain registry push --to 'http://***@mlflow:5000' --set 'registry.uri=http://***@h'",
    );
    expect(text).not.toMatch(/pa\/ss|u:p/);
  });

  test("a bug is told with its stack, without secrets", () => {
    openTerminal().hide(["shared-secret-2"]);
    const err = written(process.stderr);
    expect(reportError(new Error("what about shared-secret-2?"))).toBe(1);
    const text = err.text();
    expect(text).toContain("what about ***?");
    expect(text).toContain("secrets.test.ts");
    expect(text).not.toContain("shared-secret-2");
  });

  test("the diagnostics of a runbook are on the screen already", () => {
    const err = written(process.stderr);
    const invalid = new FailureError({ code: "runbook.invalid", retryable: false, file: "r.yaml", count: 1 });
    expect(reportError(invalid)).toBe(2);
    expect(err.text()).toBe("");
  });
});

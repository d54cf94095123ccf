import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { reportError, typedContext } from "../../../src/cli/report-error.js";
import { openTerminal } from "../../../src/cli/terminal.js";
import { FailureError } from "../../../src/kit/failure.js";
import { escapeMarkdown } from "../../../src/report/escalation/markdown.js";
import { escapeHtml } from "../../../src/report/html/markup.js";

/** A terminal that hides these, in a process that has hidden nothing before. */
async function hiding(...secrets: string[]): Promise<(text: string) => string> {
  vi.resetModules();
  const { hideSecrets, maskSecrets } = await import("../../../src/cli/secrets.js");
  hideSecrets(secrets);
  return maskSecrets;
}

describe("maskSecrets", () => {
  test.each<[string, string[], string, string]>([
    ["nothing to hide", [], "as it is", "as it is"],
    ["every place", ["hunter2"], "hunter2 and hunter2hunter2", "*** and ******"],
    ["one inside another, the short one first", ["abcd", "abcdefgh"], "abcdefgh abcd", "*** ***"],
    ["one inside another, the long one first", ["abcdefgh", "cdef"], "abcdefgh xcdefx", "*** x***x"],
    ["two that overlap", ["abcd", "cdef"], "abcdef", "***"],
    ["one that overlaps itself", ["aXaXa"], "aXaXaXa", "***"],
    [
      "in JSON, with a quote and a backslash",
      ['pa"ss\\word'],
      JSON.stringify({ a: 'x pa"ss\\word' }),
      '{"a":"x ***"}',
    ],
    ["in JSON, with a line end and a tab", ["line1\nline2\t"], JSON.stringify(["line1\nline2"]), '["***"]'],
    ["in JSON, beyond ASCII", ["pässwörd"], JSON.stringify(["pässwörd"]), '["***"]'],
    ["in HTML", ["a<b>&'\""], `<p>${escapeHtml("a<b>&'\"")}</p>`, "<p>***</p>"],
    ["in Markdown", ["to_ken*1* [x]"], `| ${escapeMarkdown("to_ken*1* [x]")} |`, "| *** |"],
    ["what looks like a pattern", ["a.c$&"], "abc$& a.c$&", "abc$& ***"],
    ["with space around it", [" secret-1\n"], "secret-1", "***"],
    ["what a mask is made of", ["***x", "****"], "***x", "***"],
    [
      "empty, and words of JSON",
      ["", "  ", "true", "FALSE", "null", "2025", "0.25", "-12"],
      '{"a":true,"b":2025,"c":0.25}',
      '{"a":true,"b":2025,"c":0.25}',
    ],
    ["a number that is long enough to be a secret", ["123456"], "123456", "***"],
  ])("%s", async (_name, secrets, text, masked) => {
    expect((await hiding(...secrets))(text)).toBe(masked);
  });

  test("no secret is left, in whichever form it is written, and nothing else is gone", async () => {
    const secret = fc.stringMatching(/^[ab"\\<&*é\n]{4,8}$/).filter((text) => text.trim().length >= 4);
    const noise = fc.stringMatching(/^[xyz ]{0,5}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.array(secret, { minLength: 1, maxLength: 3 }),
        fc.array(noise, { minLength: 2, maxLength: 5 }),
        async (secrets, words) => {
          const mask = await hiding(...secrets);
          for (const write of [(text: string) => text, JSON.stringify, escapeHtml, escapeMarkdown]) {
            const text = words.map((word, i) => `${word}${write(secrets[i % secrets.length]!)}`).join("x");
            const masked = mask(text);
            for (const one of secrets) expect(masked).not.toContain(write(one.trim()).replace(/^"|"$/g, ""));
            expect(masked.replace(/[^xyz ]/g, "").length).toBeGreaterThanOrEqual(
              words.join("x").trim().length,
            );
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

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

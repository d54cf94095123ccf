import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commandEnvironment } from "../../../src/command/environment.js";
import { hashFiles } from "../../../src/command/files.js";
import { readResult } from "../../../src/command/result.js";
import type { FailureError } from "../../../src/kit/failure.js";
import { tempFolder } from "../durable/temp-folder.js";
import { errorOf } from "../engine/bench.js";

const place = { step: "s", log: "/s.log" };
async function read(text: string | null, declared: string[] = []) {
  const file = join(await tempFolder(), "result.json");
  if (text !== null) await writeFile(file, text);
  return readResult(file, declared, place);
}

describe("a result", () => {
  test("gives summary and metrics, and a reason for what it does not report", async () => {
    const text = JSON.stringify({ summary: "ok", metrics: { rows: { value: 3, n: 3 } } });
    expect(await read(text, ["rows", "gap"])).toEqual({
      summary: "ok",
      metrics: { rows: { value: 3, n: 3 }, gap: { value: null, why: "not-reported" } },
    });
  });

  test.each<[string, string | null, string, RegExp]>([
    ["is not there", null, "", /none/],
    ["is not JSON", "{", "", /not JSON/],
    ["has NaN", '{"summary":"x","metrics":{"rows":{"value":NaN}}}', "", /not JSON/],
    ["has no summary", "{}", "summary", /expected string/],
    ["has another key", '{"summary":"x","metric":{}}', "", /metric/],
    [
      "has text for a number",
      '{"summary":"x","metrics":{"rows":{"value":"3"}}}',
      "metrics.rows.value",
      /number/,
    ],
    [
      "has null without a reason",
      '{"summary":"x","metrics":{"rows":{"value":null}}}',
      "metrics.rows.why",
      /reason/,
    ],
    [
      "has a metric nobody declared",
      '{"summary":"x","metrics":{"cost":{"value":1}}}',
      "metrics.cost",
      /declare/,
    ],
  ])("that %s", async (_what, text, path, problem) => {
    const { failure } = (await errorOf(read(text, ["rows"]))) as FailureError;
    expect(failure).toMatchObject({
      code: "command.result-invalid",
      path,
      problem: expect.stringMatching(problem),
      ...place,
    });
  });
});

describe("the files of a command", () => {
  test("are those it lists and those on its command line, by content", async () => {
    const cwd = await tempFolder();
    for (const name of ["a.py", "b.py", "python3"]) await writeFile(join(cwd, name), name);
    const run = ["python3", "a.py", "--rows", "7"];
    const first = await hashFiles([join(cwd, "b.py")], run, cwd);
    expect(Object.keys(first).sort()).toEqual(["a.py", "b.py"]);
    await writeFile(join(cwd, "a.py"), "edited");
    const second = await hashFiles([join(cwd, "b.py")], run, cwd);
    expect(second["a.py"]).not.toBe(first["a.py"]);
    expect(second["b.py"]).toBe(first["b.py"]);
  });

  test("a listed one must be there", async () => {
    const cwd = await tempFolder();
    const { failure } = (await errorOf(hashFiles([join(cwd, "no.py")], ["x"], cwd))) as FailureError;
    expect(failure).toMatchObject({ code: "command.not-found", what: "file", errno: "ENOENT" });
  });
});

test("the environment of a command is a few variables, and its own", () => {
  const own = {
    PATH: "/bin",
    HOME: "/root",
    LANG: "C",
    AWS_SECRET_ACCESS_KEY: "x",
    SYSTEMROOT: "C:\\Windows",
  };
  expect(commandEnvironment(own, { TOKEN: "t", LANG: "de" }, "linux")).toEqual({
    PATH: "/bin",
    HOME: "/root",
    LANG: "de",
    TOKEN: "t",
  });
  expect(commandEnvironment(own, {}, "win32")).toEqual({ PATH: "/bin", SYSTEMROOT: "C:\\Windows" });
});

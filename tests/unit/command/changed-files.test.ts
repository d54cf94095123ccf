import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { programsOf } from "../../../src/command/programs.js";
import { FilesNotChanged } from "../../../src/kit/programs.js";

let folder: string;
const log: string[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "retrain-changed-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const programs = () =>
  programsOf(
    {
      logFile: "x.log",
      stateFolder: join(folder, "state"),
      log: (line) => log.push(line),
      scratch: async () => mkdtempSync(join(folder, "work-")),
    },
    new AbortController().signal,
  );

const cannot = await programsOf(
  { logFile: "", stateFolder: "", log: () => undefined, scratch: () => Promise.reject(new Error("none")) },
  new AbortController().signal,
).cannotChangeFiles();
if (cannot !== null) process.stderr.write(`SKIPPED: programs among changed files: ${cannot}\n`);
if (cannot !== null && process.env.CI !== undefined) throw new Error(cannot);

describe.skipIf(cannot !== null)("a program among changed files", () => {
  const run = (code: string, more: object) =>
    programs().run({
      command: [process.execPath, "-e", code],
      cwd: folder,
      env: {},
      timeoutMs: 60_000,
      ...more,
    });

  test("reads other content by every path, in its working folder too, and nobody else does", async () => {
    const [file, by, link, state] = ["it's data.csv", "by.csv", "link.csv", "state"].map((name) =>
      join(folder, name),
    ) as [string, string, string, string];
    writeFileSync(file, "as it is");
    writeFileSync(by, "changed");
    symlinkSync(file, link);
    mkdirSync(join(state, "runs"), { recursive: true });
    const before = statSync(file);
    const code = `const { readFileSync: r, readdirSync: d } = require("fs");
      console.log([r(${JSON.stringify(file)}), r(${JSON.stringify(link)}), r("it's data.csv"), d(${JSON.stringify(state)}).length].join("|"))`;
    const ending = await run(code, { changed: { replaced: [{ file, by }], hidden: [state] } });
    expect(ending).toMatchObject({ started: true, exitCode: 0, lines: ["changed|changed|changed|0"] });
    expect(readFileSync(file, "utf8")).toBe("as it is");
    const after = statSync(file);
    expect([after.mtimeMs, after.ctimeMs, after.ino]).toEqual([before.mtimeMs, before.ctimeMs, before.ino]);
    expect(statSync(join(state, "runs")).isDirectory()).toBe(true);
  });

  test("its exit code and arguments are its own", async () => {
    const ending = await programs().run({
      command: [process.execPath, "-e", "console.log(process.argv[1]); process.exit(7)", "a b'c\"d"],
      cwd: folder,
      env: {},
      timeoutMs: 60_000,
      changed: { replaced: [], hidden: [] },
    });
    expect(ending).toMatchObject({ started: true, exitCode: 7, lines: ["a b'c\"d"] });
  });

  test("is not started where a file is gone that should be replaced", async () => {
    const changed = { replaced: [{ file: join(folder, "gone"), by: join(folder, "by.csv") }], hidden: [] };
    await expect(run("console.log(1)", { changed })).rejects.toThrow(FilesNotChanged);
  });

  test("it ends at its time limit like every program", async () => {
    const ending = await run("setInterval(() => {}, 1000)", {
      timeoutMs: 300,
      changed: { replaced: [], hidden: [] },
    });
    expect(ending).toMatchObject({ started: true, timedOut: true });
  });
});

describe.skipIf(process.platform !== "linux")("watched files", () => {
  test("are told when the program, or what it starts, has them open", async () => {
    const [file, other] = [join(folder, "open.csv"), join(folder, "closed.csv")];
    writeFileSync(file, "1");
    writeFileSync(other, "2");
    const holds = `const fd = require("fs").openSync(${JSON.stringify(file)}); setTimeout(() => {}, 400)`;
    const ending = await programs().run({
      command: ["sh", "-c", `"$0" -e '${holds}'; true`, process.execPath],
      cwd: folder,
      env: {},
      timeoutMs: 60_000,
      watched: [other, file],
    });
    expect(ending).toMatchObject({ started: true, exitCode: 0, opened: [file] });
  });
});

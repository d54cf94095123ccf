import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CommandContext } from "../../../src/command/contract.js";
import { withPorts } from "../../../src/kit/step.js";
import { command } from "../../../steps/command.js";
import { tempFolder } from "../durable/temp-folder.js";
import { FILE, openBench, stepType } from "../engine/bench.js";

const SEGMENTS = { id: "s", type: stepType("segments", {}, { segments: "segments" }) };
const READ = `
  const fs = require("node:fs"), path = require("node:path");
  const context = JSON.parse(fs.readFileSync(process.env.RETRAIN_CONTEXT, "utf8"));
  const write = (port, name, text) => fs.writeFileSync(path.join(context.outputs[port], name), text);
  const answer = (result) => fs.writeFileSync(context.result, JSON.stringify(result));
`;

/** A run of one command step, whose program is a Node script in its folder. */
async function bench(script: string, given: object = {}, options: Parameters<typeof openBench>[0] = {}) {
  const opened = await openBench(options);
  const cwd = await tempFolder();
  await writeFile(join(cwd, "step.cjs"), READ + script);
  const step = (more: object = {}) => {
    const params = command.params.parse({
      run: [process.execPath, "step.cjs"],
      cwd,
      inputs: { segments: "segments" },
      outputs: { report: "custom/report" },
      ...given,
      ...more,
    });
    return { id: "c", type: withPorts(command, params), params: params as never };
  };
  const run = async (more: object = {}) => {
    const ran = await opened.run([SEGMENTS, step(more)]);
    return { ...ran, step: ran.steps[1]! };
  };
  return { ...opened, cwd, run };
}

const GOOD = `write("report", "context.json", JSON.stringify(context)); answer({ summary: "made" });`;

describe("a command step", () => {
  test("is told where everything is, and its files become an artifact", async () => {
    const { run, engine } = await bench(GOOD, { params: { digits: 2 } });
    const { step } = await run();
    expect(step).toMatchObject({ status: "succeeded", summary: "made" });
    const artifact = step.record!.outputs.report!;
    expect(artifact.kind).toBe("custom/report");
    const context = CommandContext.parse(
      JSON.parse(await readFile(engine.objects.reader(artifact).file("context.json"), "utf8")),
    );
    expect(context).toMatchObject({
      format: 1,
      run: { id: "2025Q2-1", dryRun: false },
      step: "c",
      quarter: { label: "2025Q2", start: "2025-04-01", cutoff: "2025-06-30" },
      cutoff: "2025-06-30",
      params: { digits: 2 },
      inputs: { segments: { kind: "segments" } },
    });
    expect(await readFile(context.inputs.segments!.files[FILE]!, "utf8")).toContain("segments");
    // The scratch folder is gone.
    expect(await engine.files.exists(context.result)).toBe(false);
    const folder = engine.runs.stepFolder("2025Q2-1", "c");
    expect(await engine.files.list(folder)).toEqual(["record.json", "report"]);
  });

  test("is reused until an argument, a parameter or a file that it is made of changes", async () => {
    const { run, cwd } = await bench(GOOD, { files: [] });
    const statuses = [(await run()).step.status, (await run()).step.status];
    expect(statuses).toEqual(["succeeded", "reused"]);
    await writeFile(join(cwd, "step.cjs"), `${READ}${GOOD} // edited`);
    expect((await run()).step.status).toBe("succeeded");
    await writeFile(join(cwd, "table.csv"), "a");
    const files = { files: [join(cwd, "table.csv")] };
    expect((await run(files)).step.status).toBe("succeeded");
    expect((await run(files)).step.status).toBe("reused");
    await writeFile(join(cwd, "table.csv"), "b");
    expect((await run(files)).step.status).toBe("succeeded");
    expect((await run({ ...files, params: { digits: 3 } })).step.status).toBe("succeeded");
  });

  test("its log and its failure hold no secret", async () => {
    const mask = (text: string) => text.replaceAll("hunter2", "***");
    const { run, engine } = await bench(
      `console.log("token " + process.env.TOKEN); console.error("second"); process.exit(3);`,
      { env: { TOKEN: "hunter2" } },
      { mask },
    );
    const { step } = await run();
    const log = engine.runs.stepLog("2025Q2-1", "c");
    expect((await readFile(log, "utf8")).split("\n").sort()).toEqual(["", "second", "token ***"]);
    expect(step.failure).toMatchObject({
      code: "command.failed",
      exitCode: 3,
      signal: null,
      log,
      retryable: true,
    });
    const { entries } = await engine.runs.get("2025Q2-1");
    const failed = JSON.stringify(entries.find(({ type }) => type === "step-failed"));
    expect(failed).toContain("token ***");
    expect(failed).not.toContain("hunter2");
  });

  test.each<[string, string, object, object]>([
    [
      "a signal",
      "process.kill(process.pid, 'SIGKILL'); setTimeout(() => {}, 1e4)",
      {},
      { code: "command.failed", exitCode: null, signal: "SIGKILL" },
    ],
    ["no result", `write("report", "a", "");`, {}, { code: "command.result-invalid", path: "" }],
    [
      "an undeclared metric",
      `write("report", "a", ""); answer({ summary: "x", metrics: { a: { value: 1 } } });`,
      {},
      { code: "command.result-invalid", path: "metrics.a" },
    ],
    ["no output", `answer({ summary: "x" });`, {}, { code: "command.output-missing", port: "report" }],
    [
      "a link",
      `fs.symlinkSync("/etc/hostname", path.join(context.outputs.report, "l")); answer({ summary: "x" });`,
      {},
      { code: "command.result-invalid", path: "outputs.report" },
    ],
    [
      "no program",
      "",
      { run: ["no-such-program"] },
      { code: "command.not-found", what: "program", name: "no-such-program", errno: "ENOENT" },
    ],
    [
      "no folder",
      "",
      { cwd: "/no/such/folder" },
      { code: "command.not-found", what: "folder", name: "/no/such/folder" },
    ],
    ["a missing file", "", { files: ["/no/such/file"] }, { code: "command.not-found", what: "file" }],
  ])("%s fails it", async (_name, script, given, failure) => {
    const { run } = await bench(script, given);
    const { step } = await run();
    expect(step.status).toBe("failed");
    expect(step.failure).toMatchObject(failure);
    expect(step.record).toBeNull();
  });

  test("a program that may not be executed", async () => {
    const { run, cwd } = await bench("");
    await writeFile(join(cwd, "tool"), "#!/bin/sh\n");
    await chmod(join(cwd, "tool"), 0o644);
    expect((await run({ run: ["./tool"] })).step.failure).toMatchObject({
      code: "command.not-found",
      errno: "EACCES",
    });
  });

  test.each(["decision", "promotion", "registered-version"])("may not make a %s", (kind) => {
    const parsed = command.params.safeParse({ run: ["x"], outputs: { a: kind } });
    expect(parsed.error?.issues[0]?.message).toContain("may not make");
  });

  test.each(["outlok", "custom/", "custom/A", "custom/a b"])("%s is no kind", (kind) => {
    expect(command.params.safeParse({ run: ["x"], inputs: { a: kind } }).success).toBe(false);
  });
});

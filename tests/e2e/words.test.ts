import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { REPOSITORY, retrain, retrainJson, tempFolder } from "../support/cli.js";
import { simpleProject } from "../support/project.js";

const DAY = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
const TIGHT = ["--set", "gate.rules.1.max=0.0001"];

/** A command's standard output as JSON. */
async function json(cwd: string, ...args: readonly string[]) {
  const { exitCode, stdout, stderr } = await retrain([...args, "--json"], { cwd });
  return { exitCode, stderr, answer: JSON.parse(stdout) };
}

describe("what a person decided is said wherever the run is", () => {
  let cwd: string;
  beforeAll(async () => {
    cwd = simpleProject(() => undefined);
    expect((await retrainJson(["quarter", "2024Q4"], { cwd })).exitCode).toBe(0);
    expect((await retrainJson(["quarter", "2025Q1", ...TIGHT], { cwd })).exitCode).toBe(3);
  }, 240_000);

  test("a promoted quarter that is run again is live already, and nothing changed", async () => {
    const { exitCode, stderr } = await retrain(["quarter", "2024Q4"], { cwd });
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^PROMOTED {2}room-demand 2024Q4 in .*: already live, nothing changed$/m);
    expect(stderr).toContain("room-demand@best serves version 1 already.");
  }, 120_000);

  test("the limit that failed is shown as it was typed", async () => {
    const { stdout } = await retrain(["escalation", "2025Q1"], { cwd });
    expect(stdout).toMatch(/train\.cv\.wmape is \d+\.\d\d%, allowed is at most 0\.01%/);
  });

  test("approved although a newer quarter was run: only on purpose, and then it is said everywhere", async () => {
    expect((await retrainJson(["quarter", "2025Q2"], { cwd })).exitCode).toBe(3);
    expect((await retrain(["escalation"], { cwd })).stdout).toContain("Escalated: room-demand 2025Q2");
    const words = ["approve", "2025Q1", "--by", "Ada", "--reason", "the strike is over", "--expires", DAY];
    const refused = await json(cwd, ...words);
    expect(refused).toMatchObject({ exitCode: 2, answer: { code: "usage.invalid", exitCode: 2 } });
    expect(refused.answer.message).toContain("2025Q2 (run 2025Q2-1, escalated) was run after 2025Q1");
    expect(refused.answer.next[0]).toContain("--despite-newer");
    expect(await json(cwd, ...words, "--despite-newer")).toMatchObject({
      exitCode: 0,
      answer: { outcome: "approved", live: { after: "2" } },
    });

    const said = { kind: "approved", about: "run", effective: true, by: "Ada", live: "2", expires: DAY };
    expect((await json(cwd, "status", "2025Q1")).answer.decisions).toMatchObject([said]);
    expect((await json(cwd, "escalation", "2025Q1")).answer.decisions).toMatchObject([said]);
    const runs: { run: string; decisions: object[] }[] = (await json(cwd, "runs")).answer;
    expect(runs.find(({ run }) => run === "2025Q1-1")!.decisions).toMatchObject([said]);
    expect(runs.find(({ run }) => run === "2024Q4-1")!.decisions).toEqual([]);

    expect((await retrain(["runs"], { cwd })).stdout).toMatch(/^ *2025Q1-1 .* Escalated, approved by Ada$/m);
    const status = (await retrain(["status", "2025Q1"], { cwd })).stdout;
    expect(status).toContain("ESCALATED, APPROVED BY ADA");
    expect(status).toMatch(/decided +approved by Ada on \d{4}-\d\d-\d\d, until .*: the strike is over$/m);
    expect(status).toContain("room-demand@best was moved to version 2");
    expect(status).not.toContain("retrain escalation");
    const page = (await retrain(["escalation", "2025Q1"], { cwd })).stdout;
    expect(page).toMatch(/Do I have to do something now\?\n +No: approved by Ada on \d{4}-\d\d-\d\d\./);
    expect(page).not.toMatch(/retrain (approve|reject|rollback) /);

    const again = await retrainJson(["quarter", "2025Q1", ...TIGHT], { cwd });
    expect(again).toMatchObject({ exitCode: 3, document: { decisions: [said] } });
  }, 240_000);

  test("rejected, and rolled back", async () => {
    const reject = ["reject", "2025Q2", "--by", "Ben", "--reason", "wait for July"];
    expect(await json(cwd, ...reject)).toMatchObject({ exitCode: 0, answer: { outcome: "rejected" } });
    const back = ["rollback", "--by", "Cy", "--reason", "services complain"];
    expect(await json(cwd, ...back)).toMatchObject({ exitCode: 0, answer: { from: "2", to: "1" } });
    const table = (await retrain(["runs"], { cwd })).stdout;
    expect(table).toMatch(/^ *2024Q4-1 .* Promoted, put live again by Cy$/m);
    expect(table).toMatch(/^ *2025Q1-1 .* Escalated, rolled back by Cy$/m);
    expect(table).toMatch(/^ *2025Q2-1 .* Escalated, rejected by Ben$/m);
    expect((await retrain(["status", "2025Q2"], { cwd })).stdout).toContain("ESCALATED, REJECTED BY BEN");
    expect((await retrain(["escalation", "2025Q2"], { cwd })).stdout).toMatch(
      / No: rejected by Ben on \d{4}/,
    );
    // Nothing waits any more: the one that was run last, which was answered.
    expect((await retrain(["escalation"], { cwd })).stdout).toMatch(/ No: rolled back by Cy on \d{4}/);
  }, 120_000);

  test("a registry that is gone is said, and the rest is shown all the same", async () => {
    const folder = tempFolder();
    spawnSync("cp", ["-r", `${cwd}/.`, folder]);
    writeFileSync(join(folder, ".retrain", "registry", "registry.json"), '{"format":9}');
    const { exitCode, stdout, stderr } = await retrain(["runs"], { cwd: folder });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/2025Q1-1 .* Escalated$/m);
    expect(stderr).toContain("What people decided is not known");
  });
});

describe("a run without a verdict", () => {
  test("says how far it is and who works on it, and then that it was killed", async () => {
    const cwd = simpleProject();
    let kill!: (signal: NodeJS.Signals) => void;
    const ended = retrain(["quarter", "2025Q2"], { cwd, onStart: (send) => (kill = send) });
    onTestFinished(() => kill("SIGKILL"));
    const progress = async () => {
      const { stdout } = await retrain(["status", "--json"], { cwd });
      return stdout.includes('"progress"') ? JSON.parse(stdout).progress : null;
    };
    let seen: Awaited<ReturnType<typeof progress>> = null;
    while (seen?.step == null) seen = await progress();
    kill("SIGSTOP");
    expect(seen).toMatchObject({ state: "running", process: { host: hostname() }, steps: 10 });
    expect(seen.step.number).toBeGreaterThanOrEqual(1);
    const text = (await retrain(["status"], { cwd })).stdout;
    expect(text).toMatch(/running +(step \d+ of 10, [a-z]+, since .* UTC \(.*\)|\d+ of 10 steps are done)/);
    expect(text).toMatch(new RegExp(`process +process \\d+ on ${hostname()}, since .* UTC`));
    kill("SIGCONT");
    kill("SIGKILL");
    await ended;
    const killed = (await retrain(["status"], { cwd })).stdout;
    expect(killed).toMatch(/killed +(in step \d+ of 10, [a-z]+, which began .* UTC|after \d+ of 10 steps)/);
    expect(killed).toMatch(/process \d+ on .* came to no end/);
    expect(killed).toMatch(/next +retrain resume 2025Q2-1/);
  }, 120_000);

  test("an empty folder is told how to begin", async () => {
    const cwd = tempFolder();
    for (const command of ["status", "escalation"]) {
      const { exitCode, stderr } = await retrain([command], { cwd });
      expect(exitCode).toBe(2);
      expect(stderr).toContain("There is no run here yet");
    }
    writeFileSync(join(cwd, "runbook.yaml"), "version: 1\n");
    const { stderr } = await retrain(["status"], { cwd });
    expect(stderr).toContain("retrain check");
  });
});

describe("standard output", () => {
  const HEAD = `version: 1
name: t
data: { source: ${JSON.stringify(join(REPOSITORY, "fixtures", "demand.csv"))}, frequency: month, columns: { series: property_id, time: month, target: room_nights } }
model: { name: t, horizon: 3 }
steps:
  - { id: noisy, uses: ./noisy.mjs }
`;
  const NOISY = `import { execSync, spawnSync, spawn } from "node:child_process";
import fs, { writeSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { z } from ${JSON.stringify(join(REPOSITORY, "node_modules/zod/index.js"))};
console.log("NOISE top level");
export default {
  type: "noisy", version: 1, summary: "Prints", inputs: {}, outputs: { a: "custom/a" }, metrics: {}, effect: "pure", params: z.strictObject({}),
  async run(ctx) {
    console.log("NOISE console");
    process.stdout.write("NOISE stream\\n");
    process.stdout.write("NOISE half a line");
    writeSync(1, "NOISE descriptor\\n");
    fs.writeFileSync(1, "NOISE file\\n");
    execSync("echo NOISE execSync", { stdio: "inherit" });
    spawnSync("echo", ["NOISE spawnSync"], { stdio: [0, 1, 2] });
    spawnSync("echo", ["NOISE spawnSync stream"], { stdio: ["ignore", process.stdout, "inherit"] });
    await new Promise((done) => spawn("echo", ["NOISE spawn"], { stdio: "inherit" }).on("close", done));
    await new Promise((done) => new Worker("console.log('NOISE worker')", { eval: true }).on("exit", done));
    await ctx.outputs.a.writeJson("a.json", { a: 1 });
    return { summary: "made noise" };
  },
};
`;

  test("is the document alone, whatever a module step prints; that goes to standard error", async () => {
    const cwd = tempFolder();
    writeFileSync(join(cwd, "runbook.yaml"), HEAD);
    writeFileSync(join(cwd, "noisy.mjs"), NOISY);
    const { exitCode, stdout, stderr } = await retrain(["quarter", "2025Q2", "--json"], {
      cwd,
      ownProcess: true,
    });
    expect(JSON.parse(stdout)).toMatchObject({ verdict: "completed" });
    expect(exitCode).toBe(0);
    const heard = [
      "top level",
      "console",
      "stream",
      "half a line",
      "descriptor",
      "file",
      "execSync",
      "spawnSync",
      "spawnSync stream",
      "spawn",
      "worker",
    ];
    for (const noise of heard) expect(stderr, noise).toContain(`NOISE ${noise}`);
    const plain = await retrain(["check"], { cwd, ownProcess: true });
    expect([plain.exitCode, plain.stdout]).toEqual([0, ""]);
  }, 120_000);

  test("is written to its end into a slow pipe, and a reader that goes away is no error", async () => {
    const cwd = tempFolder();
    const program = (shell: string) =>
      new Promise<{ code: number | null; out: string; err: string }>((done) => {
        const child = spawn("bash", ["-o", "pipefail", "-c", shell], {
          cwd,
          env: { ...process.env, NO_COLOR: "1" },
        });
        let [out, err] = ["", ""];
        child.stdout.on("data", (chunk) => (out += chunk));
        child.stderr.on("data", (chunk) => (err += chunk));
        child.on("close", (code) => done({ code, out, err }));
      });
    const binary = `'${process.execPath}' '${REPOSITORY}/bin/retrain.js'`;
    const whole = (await retrain(["schema"], { cwd })).stdout;
    expect(whole.length).toBeGreaterThan(70_000);
    const slow = await program(`${binary} schema | { sleep 1; cat; }`);
    expect(slow.out).toBe(whole);
    expect(
      await program(`${binary} schema | head -c 10 > /dev/null; echo "\${PIPESTATUS[0]}"`),
    ).toMatchObject({
      out: "0\n",
      err: "",
    });
    const events = await program(
      `${binary} quarter 2025Q9 2>&1 | head -c 1 > /dev/null; echo "\${PIPESTATUS[0]}"`,
    );
    expect(events).toMatchObject({ out: "2\n", err: "" });
  }, 120_000);

  test("a run outlives whoever read its events", async () => {
    const cwd = simpleProject();
    const shell = `'${process.execPath}' '${REPOSITORY}/bin/retrain.js' quarter 2025Q2 --until segments --events - 2>/dev/null | head -1 > /dev/null; exit "\${PIPESTATUS[0]}"`;
    expect(spawnSync("bash", ["-c", shell], { cwd }).status).toBe(0);
    const journal = readFileSync(join(cwd, ".retrain/runs/2025Q2-1/journal.jsonl"), "utf8");
    expect(journal).toContain('"verdict":"completed"');
  }, 120_000);

  test.each<readonly [readonly string[], string]>([
    [["quarter"], "missing required argument 'quarter'"],
    [["nonsense"], "unknown command 'nonsense'"],
    [["runs", "--nonsense"], "unknown option '--nonsense'"],
    [["report", "--format", "pdf"], "argument 'pdf' is invalid"],
    [["quarter", "2025Q2"], "cannot read the runbook"],
    [["approve"], "cannot read the runbook"],
    [["status"], "There is no run here yet"],
    [["drill", "--jobs", "x"], "--jobs takes a whole number"],
    [["unlock"], "unlock takes either --model"],
  ])("has a usage error as JSON: %o", async (args, message) => {
    const { exitCode, stdout, stderr } = await retrain([...args, "--json"], { cwd: tempFolder() });
    expect(exitCode).toBe(2);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ exitCode: 2, code: expect.any(String) });
    expect(document.message).toContain(message);
    expect(stderr).not.toBe("");
  });

  test("has the mistakes of a runbook as JSON", async () => {
    const cwd = tempFolder();
    writeFileSync(join(cwd, "runbook.yaml"), "version: 1\nnmae: x\n");
    const { answer, exitCode } = await json(cwd, "quarter", "2025Q2");
    expect(exitCode).toBe(2);
    expect(answer).toMatchObject({ code: "runbook.invalid", exitCode: 2 });
    expect(answer.errors.length).toBeGreaterThan(1);
    expect(answer.errors[0]).toMatchObject({ file: "runbook.yaml", line: expect.any(Number) });
  });

  test("has nothing but the document where one was printed before the failure", async () => {
    const cwd = simpleProject();
    mkdirSync(join(cwd, ".retrain"));
    const { stdout, exitCode } = await retrain(
      ["quarter", "2025Q2", "--json", "--set", "data.source=none.csv"],
      { cwd },
    );
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ verdict: "failed" });
  }, 60_000);
});

test("--open starts the browser's program, and is no failure where there is none", async () => {
  const cwd = simpleProject();
  const bin = tempFolder();
  writeFileSync(join(bin, "browser"), `#!/bin/sh\nprintf '%s' "$1" > '${bin}/opened'\n`, { mode: 0o755 });
  const env = { BROWSER: join(bin, "browser") };
  const run = ["quarter", "2025Q2", "--until", "segments", "--open"];
  expect((await retrain(run, { cwd, env })).exitCode).toBe(0);
  const opened = () => spawnSync("cat", [join(bin, "opened")], { encoding: "utf8" }).stdout;
  for (let i = 0; i < 50 && opened() === ""; i++) await new Promise((done) => setTimeout(done, 100));
  expect(opened()).toMatch(/^file:\/\/.*\/2025Q2-1\/report\.html$/);
  const nobody = await retrain(["report", "--open"], { cwd });
  expect([nobody.exitCode, nobody.stderr]).toEqual([0, expect.stringContaining("No browser is here")]);
  const broken = await retrain(["report", "--open"], { cwd, env: { BROWSER: "/nowhere/browser" } });
  expect([broken.exitCode, broken.stderr]).toEqual([0, expect.stringContaining("cannot be started")]);
}, 120_000);

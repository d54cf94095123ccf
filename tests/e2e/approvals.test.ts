import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { RunDocument } from "../../src/report/run-document.js";
import { REPOSITORY, retrain, retrainJson, tempFolder } from "../support/cli.js";
import { simpleProject } from "../support/project.js";

const day = (ahead: number): string => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
const ADA = ["--by", "Ada Lovelace", "--reason", "the strike is over"];
const TIGHT = ["--set", "gate.rules.1.max=0.0001"];

/** Runs a command whose JSON is no run's document. */
async function json(cwd: string, ...args: readonly string[]) {
  const { exitCode, stdout, stderr } = await retrain([...args, "--json"], { cwd });
  return { exitCode, stderr, answer: stdout === "" ? null : JSON.parse(stdout) };
}

async function trail(cwd: string): Promise<string[]> {
  const { answer } = await json(cwd, "models");
  return answer.history
    .filter(({ alias }: { alias: string }) => alias === "best")
    .map((move: { from: string | null; to: string; by: string }) => `${move.from}→${move.to} by ${move.by}`);
}

describe("what people decide", () => {
  let base: string;
  let project: string;
  let escalated: RunDocument;
  beforeAll(async () => {
    project = simpleProject(() => undefined);
    expect((await retrainJson(["quarter", "2024Q4"], { cwd: project })).exitCode).toBe(0);
    base = await copy(project, () => undefined);
    const answer = await retrainJson(["quarter", "2025Q1", ...TIGHT], { cwd: project });
    expect(answer.exitCode).toBe(3);
    escalated = answer.document;
  }, 240_000);

  /** The project as it is after the escalation, and nobody has decided; or another one. */
  async function copy(of = project, whenOver?: Parameters<typeof tempFolder>[0]): Promise<string> {
    const folder = tempFolder(whenOver);
    await new Promise((resolve, reject) =>
      spawn("cp", ["-r", `${of}/.`, folder])
        .on("close", resolve)
        .on("error", reject),
    );
    return folder;
  }

  test("approve: once, bound to the decision, and the next quarter lists it", async () => {
    const cwd = await copy();
    const usage = await retrain(["approve", "2025Q1", "--by", "Ada"], { cwd });
    expect(usage.exitCode).toBe(2);
    expect(usage.stderr).toContain("--reason TEXT and --expires DATE are missing");
    for (const expires of [day(-1), day(93), "2025-2-30"]) {
      const wrong = await retrain(["approve", ...ADA, "--expires", expires], { cwd });
      expect(wrong.exitCode).toBe(2);
      expect(wrong.stderr).toContain("--expires: ");
    }
    const bound = ["approve", ...ADA, "--expires", day(30), "--decision", "sha256:other"];
    expect((await retrain(bound, { cwd })).exitCode).toBe(3);
    expect(await trail(cwd)).toEqual(["null→1 by retrain"]);

    const approve = ["approve", "2025Q1-1", ...ADA, "--expires", day(30)];
    expect(await json(cwd, ...approve)).toMatchObject({
      exitCode: 0,
      answer: {
        outcome: "approved",
        version: "2",
        decision: escalated.decision!.digest,
        live: { before: "1", after: "2" },
        overrides: ["candidate"],
        golden: { series: 8, maxRelative: 0 },
      },
    });
    expect(await json(cwd, ...approve)).toMatchObject({ exitCode: 0, answer: { outcome: "already" } });
    expect((await json(cwd, "reject", ...ADA)).exitCode).toBe(3);

    // The limit that was tightened for the escalation is looser again: that too takes a person.
    const next = await retrainJson(["quarter", "2025Q2"], { cwd });
    expect(next.exitCode).toBe(3);
    expect(next.document.overrides).toMatchObject([
      { by: "Ada Lovelace", rules: ["candidate"], quarter: "2025Q1", expired: false },
    ]);
    const status = await retrain(["status"], { cwd });
    expect(status.stdout).toMatch(/override +candidate of 2025Q1, approved by Ada Lovelace, until/);
    const second = await json(cwd, "approve", ...ADA, "--expires", day(30));
    expect(second).toMatchObject({ exitCode: 0, answer: { live: { before: "2", after: "3" } } });
    const models = await retrain(["models"], { cwd });
    expect(models.stdout).toContain("Decisions of people");
    expect(await trail(cwd)).toEqual(["null→1 by retrain", "1→2 by Ada Lovelace", "2→3 by Ada Lovelace"]);
  }, 400_000);

  test("roll back: the quarter does not come back by itself, whatever it is run with", async () => {
    const cwd = await copy(base);
    expect((await retrainJson(["quarter", "2025Q1"], { cwd })).exitCode).toBe(0);
    const back = ["rollback", "--by", "Ben", "--reason", "services complain"];
    expect(await json(cwd, ...back)).toMatchObject({
      exitCode: 0,
      answer: { outcome: "rolled-back", from: "2", to: "1", golden: { series: 8, maxRelative: 0 } },
    });
    expect(await json(cwd, ...back)).toMatchObject({ exitCode: 0, answer: { outcome: "already" } });
    for (const flags of [[], ["--fresh"], ["--set", "gate.rules.1.max=0.14"]]) {
      const again = await retrainJson(["quarter", "2025Q1", ...flags], { cwd });
      expect(again, flags.join(" ")).toMatchObject({ exitCode: 3, document: { champion: { after: "1" } } });
      expect(await trail(cwd)).toEqual(["null→1 by retrain", "1→2 by retrain", "2→1 by Ben"]);
    }
    const forward = ["rollback", "--to", "2", "--by", "Ben", "--reason", "they were wrong"];
    expect(await json(cwd, ...forward)).toMatchObject({ exitCode: 0, answer: { from: "1", to: "2" } });
    const missing = await retrain(["rollback", "--to", "9", "--by", "Ben", "--reason", "x"], { cwd });
    expect(missing.exitCode).toBe(1);
  }, 400_000);

  test("two people from two state directories over one registry; others are refused", async () => {
    const cwd = await copy();
    const approvals = "  approvals: { approvers: [Ada Lovelace, 佐藤 花子], required: 2 }";
    const runbook = readFileSync(join(cwd, "runbook.yaml"), "utf8");
    writeFileSync(
      join(cwd, "runbook.yaml"),
      runbook.replace(/^escalation:\n/m, `escalation:\n${approvals}\n`),
    );
    expect(readFileSync(join(cwd, "runbook.yaml"), "utf8")).toContain(approvals);

    const mallory = ["approve", "--by", "Mallory", "--reason", "x", "--expires", day(9)];
    const stranger = await retrain(mallory, { cwd });
    expect(stranger.exitCode).toBe(3);
    expect(stranger.stderr).toContain("Mallory is not among its approvers");
    const lowered = await retrain([...mallory, "--set", "escalation.approvals.required=1"], { cwd });
    expect(lowered.exitCode).toBe(2);

    const first = await json(cwd, "approve", ...ADA, "--expires", day(9));
    expect(first).toMatchObject({
      exitCode: 0,
      answer: { outcome: "waiting", live: { before: "1", after: "1" } },
    });
    expect(await trail(cwd)).toEqual(["null→1 by retrain"]);

    // The registry of the first machine; no run of this state directory.
    const elsewhere = [
      "--state-dir",
      tempFolder(),
      "--set",
      `registry.uri=${join(cwd, ".retrain", "registry")}`,
    ];
    const second = ["approve", "2025Q1-1", "--by", "佐藤 花子", "--reason", "確認済み", "--expires", day(9)];
    expect(await json(cwd, ...second, ...elsewhere)).toMatchObject({
      exitCode: 0,
      answer: { outcome: "approved", live: { before: "1", after: "2" } },
    });
    expect(await trail(cwd)).toEqual(["null→1 by retrain", "1→2 by Ada Lovelace and 佐藤 花子"]);
    expect((await json(cwd, "approve", "2099Q1-1", ...ADA, "--expires", day(9), ...elsewhere)).exitCode).toBe(
      2,
    );
  }, 120_000);

  test("an escalation whose document is damaged is shown and answered all the same", async () => {
    const cwd = await copy();
    const { run } = escalated;
    const file = (name: string) => join(cwd, ".retrain", "runs", run, name);
    writeFileSync(file("document.json"), readFileSync(file("document.json")).subarray(0, 500));
    writeFileSync(file("escalation/escalation.json"), "\0");
    const status = await retrainJson(["status", run], { cwd });
    expect(status.document.decision).toEqual(escalated.decision);
    expect(status.stderr).toContain(`! document.json of run ${run} is damaged`);
    const page = await retrain(["escalation", run], { cwd });
    expect(page.exitCode).toBe(1);
    expect(page.stderr).toContain("escalation.json");
    expect(page.stderr).toContain("retrain quarter 2025Q1");
    const said = await json(cwd, "reject", run, ...ADA);
    expect(said.exitCode).toBe(0);
    expect(said.answer.outcome).toBe("rejected");
  });

  test("reject closes: approve is refused after it, and a fresh decision does not promote the version", async () => {
    const cwd = await copy();
    expect(await json(cwd, "reject", ...ADA)).toMatchObject({ exitCode: 0, answer: { outcome: "rejected" } });
    expect(await json(cwd, "reject", ...ADA)).toMatchObject({ exitCode: 0, answer: { outcome: "already" } });
    const approve = await retrain(["approve", ...ADA, "--expires", day(9)], { cwd });
    expect(approve.exitCode).toBe(3);
    expect(approve.stderr).toContain("Ada Lovelace rejected it");
    expect((await retrainJson(["quarter", "2025Q1"], { cwd })).exitCode).toBe(3);
    expect(await trail(cwd)).toEqual(["null→1 by retrain"]);
  }, 120_000);

  test("a dry run, a promoted run and nothing before", async () => {
    const cwd = await copy();
    expect((await retrainJson(["quarter", "2025Q1", ...TIGHT, "--dry-run"], { cwd })).exitCode).toBe(3);
    const dry = await retrain(["approve", ...ADA, "--expires", day(9)], { cwd });
    expect([dry.exitCode, dry.stderr]).toEqual([3, expect.stringContaining("it was a dry run")]);
    const promoted = await retrain(["approve", "2024Q4-1", ...ADA, "--expires", day(9)], { cwd });
    expect([promoted.exitCode, promoted.stderr]).toEqual([3, expect.stringContaining("did not escalate")]);
    const back = await retrain(["rollback", ...ADA], { cwd });
    expect([back.exitCode, back.stderr]).toEqual([
      3,
      expect.stringContaining("nothing was live before version 1"),
    ]);
  }, 120_000);

  test("at a terminal it shows what is overridden and asks for what is missing; no changes nothing", async () => {
    const cwd = await copy();
    const no = await atTerminal(cwd, "approve", ["Ada Lovelace", "the strike is over", "soon", day(9), "no"]);
    expect(no.text).toMatch(/An approval overrides:\s+✖ candidate:/);
    expect(no.text).toMatch(/"soon" is no day/);
    expect(no).toMatchObject({ exitCode: 3, text: expect.stringContaining("Nothing has changed.") });
    expect(await trail(cwd)).toEqual(["null→1 by retrain"]);
    const yes = await atTerminal(cwd, "approve", ["Ada Lovelace", "the strike is over", day(9), "yes"]);
    expect(yes).toMatchObject({
      exitCode: 0,
      text: expect.stringContaining("Approved: room-demand@best names version 2"),
    });
    const left = await atTerminal(cwd, "rollback", ["Ada Lovelace"]);
    expect(left.exitCode).toBe(3);
    expect(await trail(cwd)).toEqual(["null→1 by retrain", "1→2 by Ada Lovelace"]);
  }, 120_000);
});

/** A real terminal: a pseudo-terminal of util-linux's `script`. Each line is typed when a question stands; then the input ends. */
async function atTerminal(cwd: string, command: string, lines: readonly string[]) {
  const { PATH, HOME } = process.env;
  const typed = `${process.execPath} ${join(REPOSITORY, "bin", "retrain.js")} ${command}`;
  const child = spawn("script", ["-qefc", typed, "/dev/null"], {
    cwd,
    env: { PATH, HOME, NO_COLOR: "1", TERM: "xterm" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const left = [...lines];
  let text = "";
  let asked = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    const questions = text.match(/(Your name|Reason|Last day[^:]*): |\[yes\/no\] /g)?.length ?? 0;
    for (; asked < questions; asked++) child.stdin.write(left.length > 0 ? `${left.shift()}\r` : "\u0004");
  });
  const exitCode = await new Promise((resolve, reject) => child.on("close", resolve).on("error", reject));
  return { exitCode, text };
}

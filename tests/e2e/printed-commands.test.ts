import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { REPOSITORY, retrain, tempFolder } from "../support/cli.js";
import { commandsIn, commandsInPage, filled } from "../support/printed-commands.js";
import { simpleProject } from "../support/project.js";

/** Puts a project aside, and back when it was used: a run knows the place of its runbook, so what is tried is tried there. */
async function aside(project: string, use: () => Promise<void>): Promise<void> {
  const kept = tempFolder();
  const sync = (from: string, to: string) =>
    expect(
      spawnSync("sh", ["-c", `rm -rf "$2"/* "$2"/.retrain && cp -a "$1"/. "$2"`, "sh", from, to]).status,
    ).toBe(0);
  sync(project, kept);
  await use();
  sync(kept, project);
}

/** Commands that differ in run and quarter only are one. */
const kindOf = (command: string): string =>
  command.replace(/\d{4}Q\d(-\d+)?/g, (_, n) => (n ? "RUN" : "QUARTER"));

/** Everything that is printed about a run: on the console, in its document, and in its files. */
async function told(cwd: string, args: readonly string[]): Promise<string[]> {
  const { stdout, stderr } = await retrain(args, { cwd });
  const texts = [stdout, stderr];
  const run = /^(?:quarter|resume)$/.test(args[0]!) ? / run (\S+)$/m.exec(stderr)?.[1] : undefined;
  const folder = join(cwd, ".retrain", "runs", run ?? "none");
  const read = (path: string) =>
    existsSync(join(folder, path)) ? readFileSync(join(folder, path), "utf8") : "";
  const json = [read("document.json"), read("escalation/escalation.json"), read("notifications.json")];
  const strings = json.filter((text) => text !== "").flatMap((text) => stringsOf(JSON.parse(text)));
  const pages = [read("report.html"), read("escalation/escalation.html")].flatMap(commandsInPage);
  return [
    ...[...texts, ...strings, read("escalation/escalation.md"), read("job-summary.md")].flatMap(commandsIn),
    ...pages,
  ];
}

function stringsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsOf) : [];
}

/** Types a command into a shell, in a folder that nobody minds. */
async function typed(command: string, cwd: string, bin: string) {
  const child = spawn("sh", ["-c", filled(command)], {
    cwd,
    env: { PATH: `${bin}:${process.env.PATH}`, HOME: bin, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stdout.resume();
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const code = await new Promise<number | null>((done) => child.on("close", done));
  return { code, stderr };
}

test("every command that is printed runs as printed", async () => {
  const bin = tempFolder();
  const program = join(bin, "retrain");
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${REPOSITORY}/bin/retrain.js' "$@"\n`);
  chmodSync(program, 0o755);
  const seen = new Set<string>();
  const tried: string[] = [];

  /** Runs what a command prints, each kind once and in the project as the reader finds it. */
  async function follow(project: string, ...args: readonly string[]): Promise<void> {
    for (const command of await told(project, args)) {
      if (seen.has(kindOf(command))) continue;
      seen.add(kindOf(command));
      await aside(project, async () => {
        const { code, stderr } = await typed(command, project, bin);
        // Refused, escalated or failed is an answer; not understood is none.
        expect([0, 1, 3], `${command}, printed by retrain ${args.join(" ")}:\n${stderr}`).toContain(code);
        expect(stderr, command).not.toContain("This is a bug in retrain");
      });
      tried.push(command);
    }
  }

  const project = simpleProject();
  await follow(project, "check");
  await follow(project, "plan", "2024Q4");
  await follow(project, "quarter", "2024Q4", "--until", "segments");
  await follow(project, "status");
  await follow(project, "quarter", "2024Q4");
  await follow(project, "models");
  await follow(project, "explain", "2024Q4", "train");
  await follow(project, "approve", "2024Q4", "--by", "Ada", "--reason", "so");
  await follow(project, "rollback", "--by", "Ada", "--reason", "so");
  await follow(project, "quarter", "2025Q1");
  await follow(project, "quarter", "2025Q2", "--set", "gate.rules.1.max=0.0001");
  await follow(project, "escalation");
  await follow(project, "approve", "2025Q2");
  await follow(project, "quarter", "2025Q2", "--set", "data.source=none.csv");
  await follow(project, "status", "2030Q1");
  await follow(project, "doctor");
  await follow(project, "clean", "--dry-run");
  await follow(tempFolder(), "runs");

  for (const name of [
    "quarter",
    "status",
    "report",
    "escalation",
    "models",
    "approve",
    "reject",
    "rollback",
    "resume",
    "runs",
  ])
    expect(
      tried.some((command) => command.startsWith(`retrain ${name}`)),
      name,
    ).toBe(true);
}, 600_000);

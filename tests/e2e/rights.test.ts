import { execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type CliResult, REPOSITORY, tempFolder } from "../support/cli.js";
import { trainSimply } from "../support/project.js";

const BINARY = join(REPOSITORY, "bin", "retrain.js");
const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;

/** Root is never denied permission, so the program runs as somebody else there, who has to be able to read it. */
function canRunAsOther(): boolean {
  if (!isRoot) return true;
  try {
    execFileSync("cat", [BINARY], { uid: NOBODY, gid: NOBODY, stdio: "ignore" });
    return true;
  } catch {
    console.warn(`SKIPPED: only root can read ${REPOSITORY}, and root is never denied permission`);
    return false;
  }
}

function asOther(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<CliResult> {
  const child = spawn(process.execPath, [BINARY, ...args], {
    cwd,
    env: { PATH: process.env.PATH, NO_COLOR: "1", COLUMNS: "400", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].on("data", (chunk: Buffer) => {
      said[stream] += chunk.toString();
    });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => resolve({ exitCode, ...said }));
  });
}

interface Case {
  readonly args: readonly string[];
  /** Takes rights away below the project; answers the path that is to be named. */
  readonly deny: (cwd: string) => string;
  readonly advice: string;
  readonly env?: (cwd: string) => Readonly<Record<string, string>>;
}

const quarter = (...more: string[]) => ["quarter", "2025Q2", ...more];
const denied = (cwd: string, path: string, mode = 0) => {
  chmodSync(join(cwd, path), mode);
  return join(cwd, path);
};

const CASES: Readonly<Record<string, Case>> = {
  "the panel": {
    args: quarter(),
    deny: (cwd) => denied(cwd, "data/demand.csv"),
    advice: "correct `data.source`",
  },
  "its folder": {
    args: quarter(),
    deny: (cwd) => join(denied(cwd, "data"), "demand.csv"),
    advice: "correct `data.source`",
  },
  "a folder of a pattern": {
    args: ["plan", "2025Q2", "--set", "data.source=parts/*/*.csv"],
    deny: (cwd) => {
      for (const part of ["a", "b"]) {
        mkdirSync(join(cwd, "parts", part), { recursive: true });
        writeFileSync(join(cwd, "parts", part, "x.csv"), "a\n");
      }
      return denied(cwd, "parts/b");
    },
    advice: "correct `data.source`",
  },
  "a registry elsewhere": {
    args: ["models", "--set", "registry.uri=file:elsewhere"],
    deny: (cwd) => {
      mkdirSync(join(cwd, "elsewhere"));
      return denied(cwd, "elsewhere");
    },
    advice: "correct `registry.uri`",
  },
  "the other side of a push": {
    args: ["registry", "push", "--to", "file:elsewhere"],
    deny: (cwd) => {
      mkdirSync(join(cwd, "elsewhere"));
      return denied(cwd, "elsewhere");
    },
    advice: "correct `--to`",
  },
  "the state directory": {
    args: ["runs"],
    deny: (cwd) => {
      mkdirSync(join(cwd, ".retrain"));
      return denied(cwd, ".retrain");
    },
    advice: "choose another `--state-dir`",
  },
  "the temp folder": {
    args: quarter("--set", "data.source=data/utf16.csv"),
    deny: (cwd) => {
      mkdirSync(join(cwd, "temp"));
      return denied(cwd, "temp", 0o555);
    },
    advice: "name another folder in `TMPDIR`",
    env: (cwd) => ({ TMPDIR: join(cwd, "temp") }),
  },
};

test.each(Object.entries(CASES))(
  "without the rights for %s, that path is named and its own option advised",
  async (_, { args, deny, advice, env }) => {
    if (!canRunAsOther()) return;
    const cwd = tempFolder();
    cpSync(join(REPOSITORY, "runbook.yaml"), join(cwd, "runbook.yaml"));
    trainSimply(cwd);
    symlinkSync(join(REPOSITORY, "fixtures"), join(cwd, "fixtures"));
    mkdirSync(join(cwd, "data"));
    const text = readFileSync(join(REPOSITORY, "fixtures", "demand.csv"), "utf8");
    writeFileSync(join(cwd, "data", "demand.csv"), text);
    writeFileSync(join(cwd, "data", "utf16.csv"), `\uFEFF${text}`, "utf16le");
    const runbook = readFileSync(join(cwd, "runbook.yaml"), "utf8").replace(
      "fixtures/demand.csv",
      "data/demand.csv",
    );
    writeFileSync(join(cwd, "runbook.yaml"), runbook);
    const path = deny(cwd);
    if (isRoot) chownSync(cwd, NOBODY, NOBODY);
    const { exitCode, stderr } = await asOther(args, cwd, env?.(cwd) ?? {});
    if (args[0] !== "runs") expect(exitCode, stderr).toBe(1);
    expect(exitCode, stderr).not.toBe(0);
    const said = stderr.replace(/\s+/g, " ");
    expect(said).toContain("permission denied (EACCES)");
    expect(said).toContain(path);
    expect(said).toContain(advice);
    if (!advice.includes("--state-dir")) expect(said).not.toContain("--state-dir");
    expect(stderr).not.toMatch(/^\s*(│ )?\s*at .*:\d+:\d+|This is a bug/m);
  },
);

import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { pinsOf } from "../../../../scripts/mlflow/requirements.js";
import {
  ensureVenv,
  installedVersions,
  isReady,
  missingPart,
  mixedVersions,
  venvFolder,
} from "../../../../scripts/mlflow/venv.js";
import { tempFolder } from "../../../support/cli.js";

/** A program that says and does what a shell script does. */
function program(folder: string, name: string, script: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

const pinned = Object.fromEntries(pinsOf("requirements.txt").map(({ name, version }) => [name, version]));
const quiet = () => undefined;

describe("ensureVenv", () => {
  test("says that there is no Python", async () => {
    const venv = join(tempFolder(), "venv");
    const error = await ensureVenv({ venv, python: "/no/such/python3", talk: quiet }).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ name: "StartProblem", message: expect.stringContaining("ENOENT") });
    expect(error).toMatchObject({ next: expect.stringContaining("--python PROGRAM") });
  });

  test("says that Python is too old", async () => {
    const folder = tempFolder();
    const python = program(folder, "python3", "echo 3.9");
    await expect(ensureVenv({ venv: join(folder, "venv"), python, talk: quiet })).rejects.toThrow(
      "is Python 3.9: MLflow's packages need 3.11 or newer",
    );
  });

  test("says that Debian's venv module is missing", async () => {
    const folder = tempFolder();
    const script = `case "$2" in *ensurepip*) echo "No module named ensurepip" >&2; exit 1;; *) echo 3.12;; esac`;
    const python = program(folder, "python3", script);
    const error = await ensureVenv({ venv: join(folder, "venv"), python, talk: quiet }).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({
      message: expect.stringContaining("No module named ensurepip"),
      next: expect.stringContaining("apt-get install python3.12-venv"),
    });
  });

  test("leaves a folder alone that is something else", async () => {
    const venv = tempFolder();
    writeFileSync(join(venv, "thesis.tex"), "");
    await expect(ensureVenv({ venv, python: "python3", talk: quiet })).rejects.toThrow(
      "no virtual environment",
    );
    expect(readdirSync(venv)).toEqual(["thesis.tex"]);
  });

  test("shows the end of what pip says when it fails", async () => {
    const venv = tempFolder();
    program(
      join(venv, "bin"),
      "python",
      `case "$*" in *pip*) echo "ERROR: no route to host" >&2; exit 1;; *) echo '{}';; esac`,
    );
    const error = await ensureVenv({ venv, python: "python3", talk: quiet }).catch((e: unknown) => e);
    expect(error).toMatchObject({
      message: "pip could not install MLflow",
      details: "ERROR: no route to host",
      next: expect.stringContaining("-m pip install -r"),
    });
  });

  test("falls back loudly where the index lacks a part of MLflow, and checks what came of it", async () => {
    const venv = tempFolder();
    const log = join(venv, "calls");
    const versions = JSON.stringify({ ...pinned, "mlflow-skinny": "3.17.2", "mlflow-tracing": "3.17.2" });
    program(
      join(venv, "bin"),
      "python",
      `case "$*" in
        *pip*requirements.txt) echo "ERROR: No matching distribution found for mlflow-skinny==3.18.0" >&2; exit 1;;
        *pip*) echo "$*" >> ${log};;
        *) if [ -f ${log} ]; then echo '${versions}'; else echo '{}'; fi;;
      esac`,
    );
    const said: string[] = [];
    const found = await ensureVenv({ venv, python: "python3", talk: (line) => said.push(line) });
    expect(found).toEqual(JSON.parse(versions));
    expect(said.join("\n")).toContain("warning: the package index has no mlflow-skinny of MLflow 3.18.0");
    expect(mixedVersions(found)).toContain("mlflow-skinny 3.17.2 and mlflow-tracing 3.17.2");
  });
});

describe("versions", () => {
  test("are unknown without an environment", async () => {
    expect(await installedVersions(join(tempFolder(), "none"))).toBeNull();
    expect(isReady(null)).toBe(false);
  });

  test("are right only if every pin is met", () => {
    expect(isReady(pinned)).toBe(true);
    expect(isReady({ ...pinned, onnx: "1.0.0" })).toBe(false);
    const { uvicorn, ...rest } = pinned;
    expect(uvicorn).toBeDefined();
    expect(isReady(rest)).toBe(false);
  });

  test("that agree need no word", () => {
    expect(
      mixedVersions({ mlflow: "3.18.0", "mlflow-skinny": "3.18.0", "mlflow-tracing": "3.18.0" }),
    ).toBeNull();
  });

  test("a package that is no part of MLflow is no reason to fall back", () => {
    expect(missingPart("ERROR: No matching distribution found for mlflow-tracing==3.18.0")).toBe(
      "mlflow-tracing",
    );
    expect(missingPart("ERROR: No matching distribution found for onnx==1.23.2")).toBeNull();
    expect(missingPart("ERROR: Could not install packages due to an OSError")).toBeNull();
  });
});

test("the folder is what was asked for, then MLFLOW_VENV, then one in the checkout", () => {
  expect(venvFolder("/a", { MLFLOW_VENV: "/b" })).toBe("/a");
  expect(venvFolder(undefined, { MLFLOW_VENV: "/b" })).toBe("/b");
  expect(venvFolder(undefined, {})).toMatch(/\/\.venv-mlflow$/);
});

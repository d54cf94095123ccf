import { spawn } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { REPOSITORY, retrainJson, tempFolder } from "../support/cli.js";
import { describeWithMlflow } from "../support/mlflow/require.js";
import { fixtureProject, simpleProject } from "../support/project.js";
import { describeWithPython, python } from "../support/python.js";
import { DOCUMENTS, type Snippet, snippetsOf } from "../support/snippets.js";

/**
 * Programs that the README tells to type: `npx retrain` starts the built binary. What npm is told has tests of its own: `npm ci`, `npm test` and the build are
 * what CI begins with, `npm pack` and `npm install` are in package.test.ts, `npm run mlflow` in mlflow-server.test.ts.
 */
function programs(): string {
  const folder = tempFolder(afterAll);
  const binary = join(REPOSITORY, "bin", "retrain.js");
  const scripts = {
    npm: "exit 0",
    npx: `[ "$1" = retrain ] || exit 127\nshift\nexec "${process.execPath}" "${binary}" "$@"`,
  };
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** Types a block line by line; the exit code of each. */
async function type(text: string, cwd: string, path: string): Promise<{ codes: number[]; said: string }> {
  const lines = text.split("\n").map((line) => `${line}\necho "exit $?"`);
  const { HOME, PATH } = process.env;
  const shell = spawn("sh", ["-c", lines.join("\n")], {
    cwd,
    env: { HOME, PATH: [path, PATH].join(delimiter), NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  await new Promise((resolve) => shell.on("close", resolve));
  return { codes: [...said.matchAll(/^exit (\d+)$/gm)].map(([, code]) => Number(code)), said };
}

const README = snippetsOf("README.md");
const blocks = (language: string): readonly Snippet[] =>
  README.filter((snippet) => snippet.language === language);
const withServer = (text: string): boolean => text.includes("127.0.0.1:5000");

/** Exit codes of the lines of each `sh` block of the README without a server, in its order. */
const ALONE: readonly (readonly number[])[] = [[0], [0], [3, 3, 0], [0], [0, 0, 0, 0], [0, 0, 0]];
/** And of those with one; the last block has two ways, of which the second is tried in a copy from before. */
const ON_SERVER: readonly (readonly number[])[] = [
  [0, 3],
  [0, 0],
];

describe("the README", () => {
  let clone: string;
  let path: string;
  beforeAll(() => {
    path = programs();
    const folder = tempFolder(afterAll);
    clone = join(folder, "retrain");
    mkdirSync(join(folder, "forecasts"));
    cpSync(fixtureProject(afterAll), clone, { recursive: true, verbatimSymlinks: true });
  });

  test("can be typed from the first line on", async () => {
    const typed = blocks("sh").filter(({ text }) => !withServer(text));
    const codes: number[][] = [];
    // A panel of one's own, in a folder of its own.
    const own = tempFolder();
    cpSync(join(clone, "fixtures", "demand.csv"), join(own, "sales.csv"));
    for (const { text } of typed)
      codes.push((await type(text, text.includes("retrain init") ? own : clone, path)).codes);
    expect(codes).toEqual(ALONE);
  });

  describeWithPython("its model", () => {
    test("is loaded as it shows", async () => {
      const [snippet, ...more] = blocks("python");
      expect(more).toEqual([]);
      const { exitCode, stdout, stderr } = await python(["-c", snippet!.text], { cwd: clone });
      expect(exitCode, stderr).toBe(0);
      // A series that stood at 100 for two years.
      const forecast = stdout
        .slice(0, stdout.indexOf("]"))
        .match(/\d+\.\d*/g)!
        .map(Number);
      expect(forecast).toHaveLength(6);
      for (const value of forecast) expect(Math.abs(value - 100)).toBeLessThan(50);
    });
  });

  describeWithMlflow("its server", "sqlite", (uri) => {
    test("is used as it shows", async () => {
      const project = simpleProject();
      const model = `readme-${process.pid}`;
      const runbook = join(project, "runbook.yaml");
      writeFileSync(runbook, readFileSync(runbook, "utf8").replaceAll("name: room-demand", `name: ${model}`));
      const here = (text: string) => text.replaceAll("http://127.0.0.1:5000", uri);
      expect((await type("npx retrain quarter 2025Q2", project, path)).codes).toEqual([0]);
      const [quarter, ways, ...more] = blocks("sh").filter(({ text }) => withServer(text));
      expect(more).toEqual([]);
      expect((await type(here(quarter!.text), project, path)).codes).toEqual(ON_SERVER[0]);
      const [push, adopt] = here(ways!.text).split("\n");
      const other = tempFolder();
      cpSync(project, other, { recursive: true, verbatimSymlinks: true });
      const adopted = await type(adopt!, other, path);
      const pushed = await type(push!, project, path);
      expect([...pushed.codes, ...adopted.codes], pushed.said + adopted.said).toEqual(ON_SERVER[1]);
    });
  });
});

test("the module of docs/custom-steps.md runs", async () => {
  const project = tempFolder();
  mkdirSync(join(project, "node_modules"));
  symlinkSync(REPOSITORY, join(project, "node_modules", "retrain"));
  const [module] = snippetsOf("docs/custom-steps.md").filter(({ language }) => language === "js");
  writeFileSync(join(project, "my-step.mjs"), module!.text);
  writeFileSync(
    join(project, "runbook.yaml"),
    `version: 1
name: t
data: { source: ${JSON.stringify(join(REPOSITORY, "fixtures", "demand.csv"))}, frequency: month, columns: { series: property_id, time: month, target: room_nights } }
model: { name: t, horizon: 3 }
steps:
  - { id: validate, uses: validate-data }
  - { id: segments, uses: refresh-segments }
  - { id: mine, uses: ./my-step.mjs }
`,
  );
  const { document, stderr } = await retrainJson(["quarter", "2025Q2"], { cwd: project });
  expect(document.steps.at(-1), stderr).toMatchObject({ id: "mine", status: "succeeded" });
});

/** Blocks of programs in other documents, and the test that does what they show. */
const TRIED: Readonly<Record<string, string>> = {
  "CONTRIBUTING.md": "CI's own first steps",
  "docs/custom-steps.md": "above",
  "docs/mlflow.md": "mlflow-server.test.ts, python-consumer.test.ts",
  "examples/custom-steps/README.md": "custom-steps.test.ts",
  "examples/lightgbm-learner/README.md":
    "lightgbm is not installed for the tests; external-learner.test.ts has another learner",
  "examples/python-consumer/README.md": "python-consumer.test.ts",
  "examples/us-unemployment/README.md": "example.test.ts",
};

test("every program that a document shows is tried", () => {
  const shown = DOCUMENTS.filter((file) => file !== "README.md")
    .flatMap(snippetsOf)
    .filter(({ language }) => ["sh", "python", "js", "ts"].includes(language));
  expect(shown.filter(({ file }) => !(file in TRIED)).map(({ file, line }) => `${file}:${line}`)).toEqual([]);
});

import { cpSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CliResult, REPOSITORY, tempFolder } from "../support/cli.js";
import { describeWithPython, PYTHON } from "../support/python.js";
import { type Cage, isolation, openCage } from "../support/registry-only/cage.js";
import { seasonal } from "../support/small-panels.js";

/**
 * The packed program, installed by npm as it comes into an empty folder, with no way to anything but the package registry.
 * RETRAIN_TEST_NODE names a folder with another `node`, RETRAIN_TEST_NPM_CACHE an empty one for what npm fetches (scripts/nightly.sh has both).
 */
const isolated = isolation();
if (isolated === null) {
  const message =
    "no network of its own can be made here (unshare, ip): the tests of the packed program are SKIPPED";
  if (process.env.CI) throw new Error(message);
  console.warn(`\n*** ${message} ***\n`);
}

/** What comes with it must not grow unseen: MB on the disk, of which DuckDB is 70 and onnxruntime 46. */
const MOST_MEGABYTES = 135;

let cage: Cage;
let project: string;
let installed: CliResult;

const ok = async (command: string, ...args: string[]): Promise<CliResult> => {
  const result = await cage.run(command, args, project);
  expect(result.exitCode, `${command} ${args.join(" ")}\n${result.stdout}\n${result.stderr}`).toBe(0);
  return result;
};

describe.skipIf(isolated === null)("the packed program", () => {
  beforeAll(async () => {
    cage = await openCage(isolated!, process.env.RETRAIN_TEST_NODE, afterAll);
    const packed = tempFolder(afterAll);
    const { exitCode, stderr } = await cage.run("npm", ["pack", "--pack-destination", packed], REPOSITORY);
    expect(exitCode, stderr).toBe(0);
    const [tarball] = readdirSync(packed);
    project = tempFolder(afterAll);
    installed = await cage.run("npm", ["install", join(packed, tarball!)], project);
    cpSync(join(project, "node_modules/retrain/runbook.yaml"), join(project, "runbook.yaml"));
    cpSync(join(project, "node_modules/retrain/fixtures"), join(project, "fixtures"), { recursive: true });
  }, 300_000);
  afterAll(() => cage.close());

  test("is installed by npm as it comes, from the registry alone", async () => {
    expect(installed.exitCode, installed.stderr).toBe(0);
    expect(installed.stderr).not.toContain("warn");
    expect((await ok("npm", "config", "get", "ignore-scripts")).stdout.trim()).toBe("false");
    expect(cage.refused()).toEqual([]);
    // Without this the test would say nothing.
    const outside = await cage.run(
      "npm",
      ["view", "retrain", "--registry", "https://api.nuget.org"],
      project,
    );
    expect(outside.exitCode).not.toBe(0);
    expect(cage.refused()).toEqual(["api.nuget.org:443"]);
  });

  test("brings no install script, no file of another platform, no path of where it was packed", () => {
    const files = filesIn(join(project, "node_modules"));
    const manifests = files.filter((file) => /node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(file));
    expect(manifests.length).toBeGreaterThan(3);
    const scripted = manifests.filter((file) =>
      /"(pre|post)?install":/.test(
        JSON.stringify((JSON.parse(readFileSync(file, "utf8")) as { scripts?: object }).scripts ?? {}),
      ),
    );
    expect(scripted).toEqual([]);
    const natives = files.filter((file) => /\.(node|dll|dylib)$|\.so(\.\d+)*$/.test(file));
    expect(natives.length).toBeGreaterThan(1);
    expect(
      natives.filter((file) => !file.includes(process.arch) || !file.includes(process.platform)),
    ).toEqual([]);
    const own = files.filter(
      (file) =>
        file.startsWith(join(project, "node_modules/retrain/")) && /\.(js|ts|json|md|yaml)$/.test(file),
    );
    expect(own.filter((file) => readFileSync(file, "utf8").includes(REPOSITORY))).toEqual([]);
    const megabytes = files.reduce((sum, file) => sum + statSync(file).size, 0) / 1e6;
    expect(megabytes).toBeLessThan(MOST_MEGABYTES);
  });

  test("runs a quarter, and what it says to type next can be typed", async () => {
    const { stderr } = await ok("npx", "retrain", "quarter", "2025Q2");
    expect(stderr).toContain("PROMOTED  room-demand 2025Q2");
    const next = [...stderr.matchAll(/^ +(?:next +)?(npx retrain .+)$/gm)].map(([, command]) => command!);
    expect(next).toEqual(["npx retrain report 2025Q2-1", "npx retrain models"]);
    for (const command of next) await ok("sh", "-c", command);
    expect((await ok("npx", "retrain", "--help")).stdout).toContain("Usage: npx retrain");
  });

  test("begins on a table of one's own, and comes to a verdict by what it says to type", async () => {
    const month = (t: number) => `${2016 + Math.floor(t / 12)}-${String((t % 12) + 1).padStart(2, "0")}`;
    const rows = seasonal(400, 96, 7).map((value, t) => `${month(t)},${value.toFixed(1)}`);
    writeFileSync(join(project, "own.csv"), `Month,Passengers\n${rows.join("\n")}\n`);
    const begun = await ok("npx", "retrain", "init", "own.csv", "--yes", "--runbook", "own.yaml");
    const next = [...begun.stderr.matchAll(/^ +(npx retrain .+)$/gm)].map(([, command]) => command!);
    expect(next.map((command) => command.split(" ")[2])).toEqual(["check", "plan", "quarter"]);
    const quarter = next.pop()!;
    for (const command of next) await ok("sh", "-c", command);
    const { exitCode, stderr } = await cage.run("sh", ["-c", quarter], project);
    expect([0, 3], stderr).toContain(exitCode);
    expect(stderr).toMatch(/^(PROMOTED|ESCALATED) +own /m);
  });

  const nightly = process.env.RETRAIN_TEST_NODE !== undefined;
  test.each(
    [
      ["the modules of Node, TypeScript's own libraries", ["--module", "nodenext"]],
      [
        "the modules of a bundler, the types of Node",
        ["--module", "esnext", "--moduleResolution", "bundler", "--lib", "es2023", "--types", "node"],
      ],
    ].slice(0, nightly ? 2 : 1) as [string, string[]][],
  )("has types that a strict project compiles a step with: %s", async (_name, options) => {
    writeFileSync(join(project, "segment-sizes.mts"), STEP);
    const strict = [
      "--strict",
      "--noUncheckedIndexedAccess",
      "--exactOptionalPropertyTypes",
      "--noEmitOnError",
    ];
    const types = ["--typeRoots", join(REPOSITORY, "node_modules/@types")];
    const tsc = join(REPOSITORY, "node_modules/typescript/lib/tsc.js");
    await ok("node", tsc, ...strict, "--target", "es2023", ...types, ...options, "segment-sizes.mts");
  });

  test("runs the module that comes of it, and a program in Python", async () => {
    writeFileSync(join(project, "with-steps.yaml"), WITH_STEPS);
    writeFileSync(join(project, "export.py"), COMMAND);
    const line = ["retrain", "quarter", "2025Q2", "--runbook", "with-steps.yaml", "--json"];
    const { stdout } = await ok("npx", ...line);
    expect((JSON.parse(stdout) as { steps: unknown[] }).steps.slice(2)).toMatchObject([
      { id: "sizes", status: "succeeded", summary: "12 segments" },
      { id: "export", status: "succeeded", summary: "Python saw 12 segments" },
    ]);
  });

  describeWithPython("with a learner in Python", () => {
    test("reads its ONNX graph", async () => {
      const script = readFileSync(join(REPOSITORY, "tests/support/python/external_ridge.py"), "utf8");
      writeFileSync(join(project, "train.py"), script);
      writeFileSync(join(project, "with-learner.yaml"), withLearner(PYTHON!));
      const { stdout } = await ok(
        "npx",
        "retrain",
        "quarter",
        "2025Q2",
        "--runbook",
        "with-learner.yaml",
        "--json",
      );
      expect(JSON.parse(stdout)).toMatchObject({ verdict: "promoted" });
    });
  });

  test("says on another platform which one it was packed for, before anything runs", async () => {
    const binaries = join(project, "node_modules/retrain/dist/bin/napi-v6");
    renameSync(join(binaries, process.platform), join(binaries, "beos"));
    const { exitCode, stderr } = await cage.run("npx", ["retrain", "check"], project);
    expect(exitCode).toBe(1);
    expect(stderr.replace(/\s+/g, " ")).toContain(
      `This package was packed without onnxruntime for ${process.platform}-${process.arch}`,
    );
    expect(stderr).toContain(`beos-${process.arch}`);
  });
});

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const STEP = `import { defineStep, fail, z } from "retrain/step";

const Segments = z.object({ segments: z.array(z.object({ id: z.string(), series: z.number() })) });

export default defineStep({
  type: "segment-sizes",
  version: 1,
  summary: "Counts the series of every segment",
  params: z.strictObject({ small: z.number().int().default(5) }),
  inputs: { segments: "segments" },
  outputs: { sizes: "custom/sizes" },
  metrics: { count: "Segments" },
  effect: "pure",
  async run(ctx) {
    const small: number = ctx.params.small;
    // @ts-expect-error: there is no such input.
    const missing = ctx.inputs.nothing;
    // @ts-expect-error: a number is no text.
    const text: string = ctx.params.small;
    const { segments } = await ctx.inputs.segments.readJson("segments.json", Segments);
    if (segments.length === 0) fail({ code: "data.empty", retryable: false, file: "segments.json" });
    await ctx.outputs.sizes.writeJson("sizes.json", segments.length);
    // @ts-expect-error: there is no such output.
    ctx.outputs.nothing?.writeText("a", small, text, missing);
    return { summary: \`\${segments.length} segments\`, metrics: { count: { value: segments.length } } };
  },
});
`;

const HEAD = `version: 1
name: mine
data:
  source: fixtures/demand.csv
  frequency: month
  columns: { series: property_id, time: month, target: room_nights, attributes: [region, tier] }
model: { name: mine, horizon: 3 }
steps:
  - { id: validate, uses: validate-data }
`;

const COMMAND = `import json, os
context = json.load(open(os.environ["RETRAIN_CONTEXT"]))
count = json.load(open(context["inputs"]["sizes"]["files"]["sizes.json"]))
open(os.path.join(context["outputs"]["export"], "count.txt"), "w").write(str(count))
json.dump({ "summary": f"Python saw {count} segments" }, open(context["result"], "w"))
`;

const WITH_STEPS = `${HEAD}  - { id: segments, uses: refresh-segments, with: { by: [region, tier] } }
  - { id: sizes, uses: ./segment-sizes.mjs, with: { small: 4 } }
  - { id: export, uses: command, with: { run: [python3, export.py], inputs: { sizes: custom/sizes }, outputs: { export: custom/export } } }
`;

const withLearner = (python: string): string => `${HEAD}  - id: train
    uses: train-pooled-cv
    with: { folds: 2, ensemble: single, learners: [seasonal-naive, { id: ridge, command: [${python}, train.py], options: { copy: forecasts-ORIGIN.csv }, timeout: 5m }] }
  - { id: register, uses: register-model }
  - { id: artifacts, uses: build-artifacts }
  - { id: outlook, uses: generate-outlook, with: { levels: [0.8] } }
  - { id: gate, uses: gate, with: { rules: [{ id: candidate, metric: train.cv.wmape, max: 0.5 }] } }
  - { id: promote, uses: promote }
`;

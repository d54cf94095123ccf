import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { REPOSITORY, retrain, retrainJson, tempFolder } from "../support/cli.js";

const EXAMPLE = join(REPOSITORY, "examples", "custom-steps");
const RUNBOOK = join("examples", "custom-steps", "runbook.yaml");

const python = spawnSync("python3", ["--version"]).status === 0;
if (!python) {
  const message = "python3 is not on the PATH: the test of the Python command step is SKIPPED";
  if (process.env.CI) throw new Error(message);
  console.warn(`\n*** ${message} ***\n`);
}

const withoutTimes = (text: string): string =>
  text.replace(/\d+\.\d s\b/g, "N s").replace(/to \d\.\de-\d+/g, "to N");

const HEAD = `version: 1
name: t
data: { source: ${JSON.stringify(join(REPOSITORY, "fixtures", "demand.csv"))}, frequency: month, columns: { series: property_id, time: month, target: room_nights } }
model: { name: t, horizon: 3 }
steps:
`;

/** A project of one step. */
function project(
  step: string,
  files: Readonly<Record<string, string>>,
  whenOver?: Parameters<typeof tempFolder>[0],
): string {
  const cwd = tempFolder(whenOver);
  writeFileSync(join(cwd, "runbook.yaml"), `${HEAD}${step}`);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return cwd;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    const status = `/proc/${pid}/status`;
    return !existsSync(status) || !/^State:\s+Z/m.test(readFileSync(status, "utf8"));
  } catch {
    return false;
  }
};

const deafModule = `export default { type: "deaf", version: 1, summary: "Waits", inputs: {}, outputs: { a: "custom/a" }, metrics: {}, effect: "pure",
    params: (await import(${JSON.stringify(join(REPOSITORY, "node_modules/zod/index.js"))})).z.strictObject({}),
    run: () => new Promise(() => setInterval(() => {}, 1000)) };\n`;
const deafProject = project(
  "  - { id: deaf, uses: ./deaf.mjs, timeout: 1s, retry: { attempts: 3 } }\n  - { id: validate, uses: validate-data }\n",
  { "deaf.mjs": deafModule },
  afterAll,
);
/** A quarter whose step ignores its time limit. It gets a quarter of a minute to end, in which the other tests run. */
let deaf: ReturnType<typeof retrainJson>;
beforeAll(() => {
  deaf = retrainJson(["quarter", "2025Q2"], { cwd: deafProject });
  // Its own test is told.
  deaf.catch(() => undefined);
});

test.skipIf(!python)(
  "the example does what its README shows, twice the same, and notices an edit",
  async () => {
    const readme = readFileSync(join(EXAMPLE, "README.md"), "utf8");
    const [, shown] = /^```text\n(.*?)\n```$/ms.exec(readme)!;
    const state = tempFolder();
    const flags = ["--runbook", RUNBOOK, "--state-dir", join(state, ".retrain")];
    const first = await retrain(["quarter", "2025Q2", ...flags], { cwd: REPOSITORY });
    const told = withoutTimes(first.stderr).split("\n\n")[0];
    expect(told).toBe(withoutTimes(shown!));
    expect(first.exitCode).toBe(0);
    const folder = join(state, ".retrain", "runs");
    const exported = (run: string) =>
      readFileSync(join(folder, run, "steps", "export", "export", "outlook.json"), "utf8");
    expect(JSON.parse(exported("2025Q2-1"))).toMatchObject({ quarter: "2025Q2", cutoff: "2025-06-30" });

    const again = await retrainJson(["quarter", "2025Q2", ...flags], { cwd: REPOSITORY });
    expect(new Set(again.document.steps.map(({ status }) => status))).toEqual(new Set(["reused"]));
    const fresh = await retrainJson(["quarter", "2025Q2", "--fresh", "--dry-run", ...flags], {
      cwd: REPOSITORY,
    });
    expect(exported(fresh.document.run)).toBe(exported("2025Q2-1"));
  },
);

test("an edited module runs again", async () => {
  const module = `export default { type: "mine", version: 1, summary: "Does it", inputs: {}, outputs: { a: "custom/a" },
    metrics: {}, effect: "pure", params: (await import(${JSON.stringify(join(REPOSITORY, "node_modules/zod/index.js"))})).z.strictObject({}),
    run: async (ctx) => { await ctx.outputs.a.writeText("a", "a"); return { summary: "one" }; } };\n`;
  const cwd = project("  - { id: mine, uses: ./mine.mjs }\n", { "mine.mjs": module });
  const options = { cwd, ownProcess: true };
  const run = async () => (await retrainJson(["quarter", "2025Q2"], options)).document.steps[0];
  expect(await run()).toMatchObject({ status: "succeeded", summary: "one", type: "mine" });
  expect(await run()).toMatchObject({ status: "reused" });
  writeFileSync(join(cwd, "mine.mjs"), module.replace("one", "two"));
  expect(await run()).toMatchObject({ status: "succeeded", summary: "two" });
});

describe.skipIf(process.platform === "win32")("a command that does not end", () => {
  const step = (more: string) =>
    `  - { id: slow, uses: command, with: { run: [sh, slow.sh], outputs: { a: custom/a }, env: { TOKEN: "\${TOKEN}" } }${more} }\n`;
  const files = {
    "slow.sh":
      "sh -c 'echo $$ > inner.pid; sleep 300' &\necho $$ > outer.pid\necho token $TOKEN\nwhile true; do sleep 0.1; done\n",
  };
  const pids = (cwd: string) =>
    ["outer.pid", "inner.pid"].map((name) => Number(readFileSync(join(cwd, name), "utf8")));
  const env = { TOKEN: "hunter2-hunter2" };

  test("goes on Ctrl-C with all that it started, and a later run goes on", async () => {
    const cwd = project(step(""), files);
    const running = retrain(["quarter", "2025Q2"], {
      cwd,
      env,
      onTalk: (talk, kill) => {
        if (!talk.includes("Quarter 2025Q2") || talk.includes("Stopping")) return;
        const timer = setInterval(() => {
          if (!existsSync(join(cwd, "inner.pid")) || !existsSync(join(cwd, "outer.pid"))) return;
          clearInterval(timer);
          kill("SIGINT");
        }, 20);
      },
    });
    expect((await running).exitCode).toBe(130);
    expect(pids(cwd).map(isAlive)).toEqual([false, false]);
    writeFileSync(join(cwd, "slow.sh"), "exit 4\n");
    const next = await retrain(["quarter", "2025Q2"], { cwd, env });
    expect(next.exitCode).toBe(1);
    expect(next.stderr).toContain("continues 2025Q2-1");
    expect(readdirSync(join(cwd, ".retrain", "runs"))).toEqual(["2025Q2-1"]);
  });

  test("goes at its time limit, is tried again, and its log holds no secret", async () => {
    const cwd = project(step(", timeout: 1s, retry: { attempts: 2, backoff: 1s }"), files);
    const { exitCode, stderr } = await retrain(["quarter", "2025Q2"], { cwd, env });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("! slow: attempt 2 of 2 after step.timeout, in 1 s");
    expect(pids(cwd).map(isAlive)).toEqual([false, false]);
    const log = readFileSync(join(cwd, ".retrain", "runs", "2025Q2-1", "steps", "slow.log"), "utf8");
    expect(log).toBe("token ***\n--- attempt 2 of 2 ---\ntoken ***\n");
    expect(
      `${stderr}${readFileSync(join(cwd, ".retrain/runs/2025Q2-1/journal.jsonl"), "utf8")}`,
    ).not.toContain("hunter2");
  });
});

test("modules that cannot be used are told with their place, all at once", async () => {
  const steps = ["none", "throws", "empty", "half", "clash"].map(
    (name) => `  - { id: ${name}, uses: ./${name}.mjs }\n`,
  );
  const cwd = project(steps.join(""), {
    "throws.mjs": "throw new Error('no disk');\n",
    "empty.mjs": "export const other = 1;\n",
    "half.mjs": "export default { type: 'half', version: 0, outputs: { a: 'nokind' } };\n",
    "clash.mjs": `export const step = { type: "gate", version: 1, summary: "x", inputs: {}, outputs: {}, metrics: {}, effect: "pure",
      params: { safeParse() {}, _zod: {} }, run() {} };\n`,
  });
  const { exitCode, stderr } = await retrain(["check"], { cwd });
  expect(exitCode).toBe(2);
  const said = stderr.replace(/\s+/g, " ");
  for (const part of [
    "runbook.yaml:6:23",
    "there is no such file",
    "no disk",
    "exports no step type",
    "version: expected a whole number from 1",
    "run: expected a function",
    "params: expected a schema of zod 4",
    "outputs.a: expected an artifact kind",
    'calls its step type "gate", and so does retrain itself',
    "runbook.yaml:10:24",
  ])
    expect(said).toContain(part);
});

test("a step that ignores its time limit is given up, and the process ends", async () => {
  const { exitCode, document, stderr } = await deaf;
  expect(exitCode).toBe(1);
  expect(document.steps.map(({ status }) => status)).toEqual(["failed", "skipped"]);
  expect(stderr).not.toContain("attempt 2");
}, 60_000);

test("the example lies where its README says", () => {
  const cwd = tempFolder();
  cpSync(EXAMPLE, cwd, { recursive: true });
  expect(readdirSync(cwd).sort()).toEqual([
    "README.md",
    "export_outlook.py",
    "runbook.yaml",
    "segment-sizes.mjs",
  ]);
});

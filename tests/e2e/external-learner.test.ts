import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { REPOSITORY, retrain, retrainJson, tempFolder } from "../support/cli.js";
import { describeWithPython, PYTHON } from "../support/python.js";

const HEAD = `version: 1
name: t
data:
  source: ${JSON.stringify(join(REPOSITORY, "fixtures", "demand.csv"))}
  frequency: month
  columns: { series: property_id, time: month, target: room_nights }
model: { name: t, horizon: 3 }
steps:
  - { id: validate, uses: validate-data }
`;

const train = (learners: unknown[], more = "") =>
  `  - id: train\n    uses: train-pooled-cv\n    with: ${JSON.stringify({ folds: 2, ensemble: "single", learners })}\n${more}`;

const REST = `  - { id: register, uses: register-model }
  - { id: artifacts, uses: build-artifacts }
  - { id: outlook, uses: generate-outlook, with: { levels: [0.8] } }
  - { id: gate, uses: gate, with: { rules: [{ id: candidate, metric: train.cv.wmape, max: 0.5 }] } }
  - { id: promote, uses: promote }
`;

function project(steps: string, files: Readonly<Record<string, string>>): string {
  const cwd = tempFolder();
  writeFileSync(join(cwd, "runbook.yaml"), HEAD + steps);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return cwd;
}

describeWithPython("a learner in Python", () => {
  test("wins, is promoted, and the outlook is what it forecasts", async () => {
    const script = readFileSync(join(REPOSITORY, "tests/support/python/external_ridge.py"), "utf8");
    const learner = {
      id: "ridge",
      command: [PYTHON, "train.py"],
      options: { copy: "forecasts-ORIGIN.csv" },
      timeout: "5m",
    };
    const cwd = project(train(["seasonal-naive", learner]) + REST, { "train.py": script });
    const { document, exitCode, stderr } = await retrainJson(["quarter", "2025Q2"], { cwd });
    expect(exitCode, stderr).toBe(0);
    expect(document.verdict).toBe("promoted");
    const report = JSON.parse(
      readFileSync(join(cwd, ".retrain/runs/2025Q2-1/steps/train/model/training.json"), "utf8"),
    ) as { segments: { chosen: string }[]; learnerTotals: { learner: string; wmape: number }[] };
    expect(report.segments.map(({ chosen }) => chosen)).toEqual(["ridge"]);
    expect(report.learnerTotals[1]!.wmape).toBeLessThan(report.learnerTotals[0]!.wmape);

    const table = (file: string) => readFileSync(file, "utf8").trimEnd().split("\n").slice(1);
    const own = new Map(
      table(join(cwd, "forecasts-2025-06-01.csv")).map((row) => {
        const [series, lead, value] = row.split(",");
        return [`${series},${lead}`, Math.max(0, Number(value))];
      }),
    );
    const outlook = table(join(cwd, document.files.outlook!));
    expect(outlook.length).toBeGreaterThan(200);
    for (const row of outlook) {
      const [series, , lead, forecast] = row.split(",");
      const expected = own.get(`${series},${lead}`)!;
      expect(Math.abs(Number(forecast) - expected) / Math.max(1, expected), row).toBeLessThan(1e-5);
    }
    // The holdout forecasts a quarter as if it had been trained the quarter before: by its own run.
    expect(existsSync(join(cwd, "forecasts-2025-03-01.csv"))).toBe(true);
    const log = readFileSync(join(cwd, ".retrain/runs/2025Q2-1/steps/train.log"), "utf8");
    expect(log.match(/^--- ridge: .* ---$/gm)).toEqual([
      "--- ridge: fold 1 of 2 (origin 2024-12) ---",
      "--- ridge: fold 1 of 2 (origin 2024-12), canary, later rows changed ---",
      "--- ridge: fold 2 of 2 (origin 2025-03) ---",
      "--- ridge: final fit (origin 2025-06) ---",
      "--- ridge: fold 1 of 2 (origin 2024-09) ---",
      "--- ridge: fold 2 of 2 (origin 2024-12) ---",
      "--- ridge: final fit (origin 2025-03) ---",
    ]);

    const again = await retrainJson(["quarter", "2025Q2"], { cwd });
    expect(new Set(again.document.steps.map(({ status }) => status))).toEqual(new Set(["reused"]));
    writeFileSync(join(cwd, "train.py"), `${script}\n# edited\n`);
    const edited = await retrainJson(["plan", "2025Q2"], { cwd });
    expect(JSON.stringify(edited.document)).toContain("train.py");
  }, 180_000);
});

const NODE = process.execPath;

test("a program that fails is told with its learner, fold and last lines; secrets are masked", async () => {
  const learner = {
    id: "mine",
    command: [NODE, "train.mjs"],
    env: { TOKEN: ["$", "{TOKEN}"].join("") },
  };
  const cwd = project(train(["seasonal-naive", learner]), {
    "train.mjs": "console.error(`no server for $" + "{process.env.TOKEN}`); process.exit(3);\n",
  });
  const { exitCode, stderr } = await retrain(["quarter", "2025Q2"], {
    cwd,
    env: { TOKEN: "hunter2-hunter2" },
  });
  expect(exitCode).toBe(1);
  const said = stderr.replace(/\s+/g, " ");
  expect(said).toContain("of the learner mine ended with exit code 3");
  expect(said).toContain("learner mine, fold 1 of 2 (origin 2024-12)");
  expect(said).toContain("no server for ***");
  expect(stderr).not.toContain("hunter2");
  const run = join(cwd, ".retrain/runs/2025Q2-1");
  expect(readFileSync(join(run, "steps/train.log"), "utf8")).toContain("no server for ***");
  expect(readFileSync(join(run, "journal.jsonl"), "utf8")).not.toContain("hunter2");
}, 60_000);

/** A process that nobody has waited for yet is dead all the same. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

test.skipIf(process.platform === "win32")(
  "Ctrl-C ends the program",
  async () => {
    const cwd = project(train(["seasonal-naive", { id: "slow", command: ["sh", "slow.sh"] }]), {
      "slow.sh": "echo $$ > pid\nwhile true; do sleep 0.1; done\n",
    });
    const { exitCode } = await retrain(["quarter", "2025Q2"], {
      cwd,
      onTalk: (talk, kill) => {
        if (!talk.includes("Quarter 2025Q2") || talk.includes("Stopping")) return;
        const timer = setInterval(() => {
          if (!existsSync(join(cwd, "pid"))) return;
          clearInterval(timer);
          kill("SIGINT");
        }, 20);
      },
    });
    expect(exitCode).toBe(130);
    expect(isAlive(Number(readFileSync(join(cwd, "pid"), "utf8")))).toBe(false);
  },
  60_000,
);

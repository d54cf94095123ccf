import { execFileSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeWithBrowser, overflow, SAMPLED_VIEWS, seriousFaults, withPage } from "../support/browser.js";
import { retrain, retrainJson } from "../support/cli.js";
import { fixtureProject } from "../support/project.js";

let folder: string;
let report: string;
let escalated: string;

const file = (run: string, name: string) => join(folder, ".retrain", "runs", run, name);

beforeAll(async () => {
  folder = fixtureProject(afterAll);
  for (const quarter of ["2025Q1", "2025Q2"]) {
    const { document } = await retrainJson(["quarter", quarter], { cwd: folder });
    report = file(document.run, "report.html");
  }
  const limit = ["--set", "gate.rules.0.max=0.01"];
  const { document } = await retrainJson(["quarter", "2025Q2", "--dry-run", ...limit], { cwd: folder });
  expect(document.verdict).toBe("would-escalate");
  escalated = document.run;
}, 120_000);

describeWithBrowser("the report in a browser", (browser) => {
  describe.each(SAMPLED_VIEWS)("$viewport, $colorScheme", (view) => {
    test.each(["promoted", "escalated"])(
      "has no serious fault and no horizontal scroll: %s",
      async (which) => {
        const page = which === "promoted" ? report : file(escalated, "report.html");
        await withPage(browser(), page, view, async (opened) => {
          expect(await overflow(opened)).toBe(0);
          expect(await seriousFaults(opened)).toEqual([]);
        });
      },
      60_000,
    );
  });

  test("every drawing is shown once and stays inside the page, on a phone and on paper", async () => {
    for (const media of ["screen", "print"] as const) {
      await withPage(browser(), report, { viewport: "phone", colorScheme: "light" }, async (page) => {
        await page.emulateMedia({ media });
        const widths = (await page.evaluate(
          `[...document.querySelectorAll("svg")].map((svg) => svg.getBoundingClientRect()).filter(({ width }) => width > 0).map(({ left, right }) => [left, right])`,
        )) as [number, number][];
        expect(widths.length).toBeGreaterThan(10);
        for (const [left, right] of widths) {
          expect(left).toBeGreaterThanOrEqual(0);
          expect(right).toBeLessThanOrEqual(390);
        }
      });
    }
  }, 60_000);
});

test("the report is small", () => {
  expect(statSync(report).size).toBeLessThan(3e6);
});

test("JUnit XML is read by another program, with a case for each step and rule", async () => {
  const { stdout } = await retrain(["report", escalated, "--format", "junit"], { cwd: folder });
  expect(stdout).toBe(readFileSync(file(escalated, "junit.xml"), "utf8"));
  const script = `import sys, xml.etree.ElementTree as e
root = e.fromstring(sys.stdin.buffer.read())
print(len(root.findall(".//testcase")), [c.get("name") for c in root.findall(".//testcase") if c.find("failure") is not None])`;
  const found = execFileSync("python3", ["-c", script], { input: stdout, encoding: "utf8" });
  expect(found).toBe("16 ['accuracy']\n");
});

test("the job summary is added to the page of the CI job, and printed on demand", async () => {
  const page = join(folder, "summary.md");
  writeFileSync(page, "before\n");
  const env = { GITHUB_STEP_SUMMARY: page };
  const { document } = await retrainJson(["quarter", "2025Q2"], { cwd: folder, env });
  const { stdout } = await retrain(["report", document.run, "--format", "github"], { cwd: folder });
  expect(stdout).toContain("room-demand 2025Q2");
  expect(readFileSync(page, "utf8")).toBe(`before\n${stdout}\n`);
  expect(readFileSync(file(document.run, "job-summary.md"), "utf8")).toBe(stdout);
  const lost = await retrain(["quarter", "2025Q2"], { cwd: folder, env: { GITHUB_STEP_SUMMARY: folder } });
  expect(lost.exitCode).toBe(document.exitCode);
  expect(lost.stderr).toContain("GITHUB_STEP_SUMMARY cannot be written (EISDIR)");
}, 60_000);

test("a channel to the page of the CI job takes the place of the summary, which a dry run still leaves", async () => {
  const page = join(folder, "once.md");
  const text = readFileSync(join(folder, "runbook.yaml"), "utf8");
  writeFileSync(join(folder, "told.yaml"), text.replace(/notify: \[.*\]/, "notify: [{ github: summary }]"));
  const flags = ["--runbook", "told.yaml", "--set", "gate.rules.0.max=0.01"];
  const env = { GITHUB_STEP_SUMMARY: page };
  const added = async (...more: string[]) => {
    writeFileSync(page, "");
    const { document } = await retrainJson(["quarter", "2025Q2", ...flags, ...more], { cwd: folder, env });
    const summary = readFileSync(file(document.run, "job-summary.md"), "utf8");
    return { page: readFileSync(page, "utf8"), summary, document };
  };
  const real = await added();
  const escalation = readFileSync(file(real.document.run, "escalation/escalation.md"), "utf8");
  expect(real.page).toBe(`${escalation.trimEnd()}\n\n`);
  const dry = await added("--dry-run");
  expect(dry.page).toBe(`${dry.summary}\n`);
}, 60_000);

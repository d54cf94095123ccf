import { describe, expect, test } from "vitest";
import { jobSummary } from "../../../src/report/job-summary.js";
import { buildRunDocument } from "../../../src/report/run-document.js";
import { documentInput, RUN } from "./sample.js";

const document = (degraded: boolean) => buildRunDocument(documentInput(degraded));

describe("jobSummary", () => {
  test("starts with the verdict and what is live", () => {
    const lines = jobSummary(document(false)).split("\n");
    expect(lines[0]).toBe("## room-demand 2025Q2: Promoted");
    expect(lines[2]).toBe("room-demand@best now serves version 4 (was version 3).");
  });

  test("has each rule with figures, and where to read on", () => {
    const page = jobSummary(document(true));
    expect(page).toContain("| accuracy | ❌ FAIL | 29.5% | at most 20.0% | 180 | accuracy.wmape |");
    expect(page).toContain(
      "| beats-champion | ❔ UNKNOWN | – | at most +1.0 points | – | champion and candidate forecast no series and period in common |",
    );
    expect(page).toContain("❌ FAIL, warns");
    expect(page).toContain("| WMAPE this quarter | 11.1% |");
    expect(page).toContain(`escalation \`.retrain/runs/${RUN}/escalation/escalation.md\``);
  });

  test("a failed step comes first, with what to do", () => {
    const run = document(false);
    const failure = {
      code: "x",
      title: "It broke",
      where: "here",
      expected: null,
      details: [],
      next: ["fix it"],
    };
    const steps = [{ ...run.steps[0]!, status: "failed" as const, failure }];
    const page = jobSummary({ ...run, verdict: "failed", decision: null, steps });
    expect(page).toContain("**validate: It broke**\n\n```\nwhere: here\nnext: fix it\n```");
    expect(page).not.toContain("| Rule |");
  });

  test("text of a user breaks no table and no fence", () => {
    const run = document(false);
    const evil = "a|b\n<img src=x> `c` **d**";
    const steps = run.steps.map((step) => ({ ...step, summary: evil }));
    const failure = { code: "x", title: evil, where: "```\n# h", expected: null, details: [], next: [] };
    const page = jobSummary({ ...run, steps: [{ ...steps[0]!, failure }, ...steps.slice(1)] });
    expect(page).not.toMatch(/(?<!\\)<img/);
    expect(page).toContain("````\nwhere: ```\n# h\n````");
    for (const row of page.split("\n").filter((line) => line.startsWith("| accuracy |")))
      expect(row.replace(/\\\|/g, "").split("|")).toHaveLength(row.includes("succeeded") ? 6 : 8);
  });
});

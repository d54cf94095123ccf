import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { AccuracyReport } from "../../src/kit/artifacts/accuracy.js";
import { retrain, retrainJson, tempFolder } from "../support/cli.js";
import { simpleProject } from "../support/project.js";

const day = (ahead: number): string => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
const ADA = ["--by", "Ada Lovelace", "--reason", "the strike is over"];
const TIGHT = ["--set", "gate.rules.1.max=0.0001"];
const DECIDES = /retrain (approve|reject|rollback|adopt)\b/;

/** Both copies of a page: in the run's folder, and in the registry's run. */
function copies(cwd: string, run: string, file: string, published: string): string[] {
  const registry = join(cwd, ".retrain", "registry");
  const there = readdirSync(registry, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(join("artifacts", published)),
  );
  const texts = there.map((path) => readFileSync(join(registry, path), "utf8"));
  return [
    readFileSync(join(cwd, ".retrain", "runs", run, file), "utf8"),
    texts.find((text) => text.includes(run)) ?? "",
  ];
}

const pagesOf = (cwd: string, run: string): string[] => [
  ...copies(cwd, run, "report.html", "report/report.html"),
  ...copies(cwd, run, "escalation/escalation.html", "escalation/escalation.html"),
  ...copies(cwd, run, "escalation/escalation.md", "escalation/escalation.md"),
];

describe("pages after a decision", () => {
  let project: string;
  let base: string;
  beforeAll(async () => {
    base = simpleProject(() => undefined);
    expect((await retrainJson(["quarter", "2024Q4"], { cwd: base })).exitCode).toBe(0);
    project = copy(base, () => undefined);
    expect((await retrainJson(["quarter", "2025Q1", ...TIGHT], { cwd: project })).exitCode).toBe(3);
  }, 240_000);

  function copy(of: string, whenOver?: Parameters<typeof tempFolder>[0]): string {
    const folder = tempFolder(whenOver);
    cpSync(of, folder, { recursive: true });
    return folder;
  }

  test("before it they offer one", () => {
    for (const page of pagesOf(project, "2025Q1-1")) expect(page).toMatch(DECIDES);
  });

  test("approve and reject: who, what, when and why, and nothing to decide; again is the same", async () => {
    for (const [command, word] of [
      [["approve", ...ADA, "--expires", day(30)], "Approved by Ada Lovelace"],
      [["reject", ...ADA], "Rejected by Ada Lovelace"],
    ] as const) {
      const cwd = copy(project);
      expect((await retrain(command, { cwd })).exitCode).toBe(0);
      const pages = pagesOf(cwd, "2025Q1-1");
      for (const page of pages) {
        expect(page).toContain(word);
        expect(page).toContain("the strike is over");
        expect(page).toContain(day(0));
        expect(page).not.toMatch(DECIDES);
      }
      for (const [file, published] of [
        ["document.json", "report/document.json"],
        ["escalation/escalation.json", "escalation/escalation.json"],
      ] as const)
        for (const text of copies(cwd, "2025Q1-1", file, published))
          expect(JSON.parse(text).decisions).toMatchObject([
            { by: "Ada Lovelace", about: "run", effective: true },
          ]);
      expect((await retrain(command, { cwd })).exitCode).toBe(0);
      expect(pagesOf(cwd, "2025Q1-1")).toEqual(pages);
    }
  }, 120_000);

  test("a rollback shows on both runs, and the next quarter scores what services had then", async () => {
    const cwd = copy(base);
    expect((await retrainJson(["quarter", "2025Q1"], { cwd })).exitCode).toBe(0);
    const back = ["rollback", "--by", "Cleo", "--reason", "the numbers are off"];
    expect((await retrain(back, { cwd })).exitCode).toBe(0);
    for (const page of copies(cwd, "2025Q1-1", "report.html", "report/report.html")) {
      expect(page).toContain("Rolled back by Cleo");
      expect(page).toContain("serves version 1: this run promoted version 2, and the alias was moved since");
    }
    for (const page of copies(cwd, "2024Q4-1", "report.html", "report/report.html"))
      expect(page).toContain("Put live again by Cleo");
    const { document } = await retrainJson(["quarter", "2025Q2"], { cwd });
    const steps = join(cwd, ".retrain", "runs", document.run, "steps");
    const accuracy = JSON.parse(
      readFileSync(join(steps, "accuracy", "accuracy", "accuracy.json"), "utf8"),
    ) as AccuracyReport;
    expect(accuracy.snapshots[0]).toMatchObject({
      source: "2025Q1",
      version: "1",
      why: "rolled-back",
      insteadOf: "2",
    });
    expect(readFileSync(join(cwd, ".retrain", "runs", document.run, "report.html"), "utf8")).toContain(
      "version 2 was rolled back, so services had this one again",
    );
  }, 240_000);

  test("files that a report links to are there", () => {
    const folder = join(project, ".retrain", "runs", "2025Q1-1");
    const page = readFileSync(join(folder, "report.html"), "utf8");
    const links = [...page.matchAll(/href="([^#"][^"]*)"/g)].map(([, to]) => to!);
    expect(links).toContain("escalation/escalation.html");
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) expect(readFileSync(join(folder, link)).length).toBeGreaterThan(0);
  });
});

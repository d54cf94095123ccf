import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { publishForPeople } from "../../../../src/cli/conclude/publish.js";
import type { Engine } from "../../../../src/engine/engine.js";
import type { RunDocument } from "../../../../src/report/run-document.js";
import { openBench, stepType } from "../../engine/bench.js";

/** A run that came to its end, with the files that people read. */
async function concluded({ escalated = false, dryRun = false } = {}) {
  const bench = await openBench();
  const steps = [{ id: "panel", type: stepType("panel", {}, { panel: "panel" }) }];
  const { run } = await bench.run(steps, { dryRun });
  const { runId } = await bench.registry.ensureRun({
    key: "k",
    model: "demand",
    name: "n",
    quarter: "2025Q2",
    cutoff: "2025-06-30",
    tags: {},
  });
  for (const name of ["escalation", "published"]) await mkdir(join(run.folder, name), { recursive: true });
  const write = (name: string, text: string) => writeFile(join(run.folder, name), text);
  for (const name of [
    "published/report.html",
    "document.json",
    "escalation/escalation.json",
    "escalation/escalation.md",
    "escalation/escalation.html",
    "escalation/rows.csv",
  ])
    await write(name, `first ${name}`);
  const document = {
    verdict: escalated ? "escalated" : "promoted",
    live: { version: "1", source: "registry" },
    files: { report: "runs/report.html", escalation: escalated ? "escalation/escalation.md" : null },
  } as RunDocument;
  const request = bench.request(steps, { dryRun });
  const publish = (engine: Engine = bench.engine) =>
    publishForPeople(engine, request, runId, { folder: run.folder, document });
  const text = async (path: string) =>
    new TextDecoder().decode(await bench.registry.readArtifact(runId, path));
  return { bench, run, runId, publish, text, write };
}

describe("what people read, in the registry's run", () => {
  test("a promotion brings report and document; again brings the newer ones", async () => {
    const { bench, runId, publish, text, write } = await concluded();
    await publish();
    expect(await bench.registry.listArtifacts(runId)).toEqual(["report/document.json", "report/report.html"]);
    expect(await text("report/report.html")).toBe("first published/report.html");
    await write("published/report.html", "second");
    await publish();
    expect(await text("report/report.html")).toBe("second");
    expect(await text("report/document.json")).toBe("first document.json");
  });

  test("an escalation brings its page too", async () => {
    const { bench, runId, publish, text } = await concluded({ escalated: true });
    await publish();
    expect(await bench.registry.listArtifacts(runId)).toEqual([
      "escalation/escalation.html",
      "escalation/escalation.json",
      "escalation/escalation.md",
      "escalation/rows.csv",
      "report/document.json",
      "report/report.html",
    ]);
    expect(await text("escalation/escalation.md")).toBe("first escalation/escalation.md");
  });

  test("a dry run brings them to its scratch registry only", async () => {
    const { bench, run, runId, publish } = await concluded({ dryRun: true });
    await publish();
    expect(await bench.registry.listArtifacts(runId)).toEqual([]);
    const scratch = await bench.engine.registryFor({ folder: run.folder, dryRun: true });
    expect(await scratch.listArtifacts(runId)).toEqual(["report/document.json", "report/report.html"]);
  });

  test("a registry that fails is a failure, after a word on what stands", async () => {
    const { bench, publish } = await concluded();
    const engine: Engine = {
      ...bench.engine,
      registryFor: async () => ({
        ...bench.registry,
        putArtifacts: async () => {
          throw new Error("no answer");
        },
      }),
    };
    await expect(publish(engine)).rejects.toThrow("no answer");
    expect(bench.events.at(-1)).toEqual({
      type: "step-warned",
      step: "report",
      message:
        "the verdict (promoted) stands: version 1 is live; its report is runs/report.html, but the registry did not take it",
    });
  });
});

import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openRunbook } from "../../../src/cli/open-runbook.js";
import { FailureError } from "../../../src/kit/failure.js";
import { tempFolder } from "../durable/temp-folder.js";

const DATA = `version: 1
name: rooms
data:
  source: demand.csv
  frequency: month
  columns: { series: id, time: month, target: y }
model: { name: rooms, horizon: 6 }
`;

async function runbook(text: string): Promise<string> {
  const file = join(await tempFolder(), "runbook.yaml");
  await writeFile(file, text);
  return file;
}

describe("openRunbook", () => {
  test("parses and wires", async () => {
    const file = await runbook(
      `${DATA}steps:\n  - { id: v, uses: validate-data }\n  - { id: t, uses: train-pooled-cv }\n`,
    );
    const opened = await openRunbook(file, ["model.horizon=3"]);
    if (!opened.ok) throw new Error(JSON.stringify(opened.diagnostics));
    expect(opened.path).toBe(file);
    expect(opened.runbook.model.horizon).toBe(3);
    expect(opened.graph.nodes.map(({ id, after }) => [id, after])).toEqual([
      ["v", []],
      ["t", ["v"]],
    ]);
  });

  test("what only the wiring finds has its place in the file, and no secret", async () => {
    process.env.RETRAIN_TEST_STEP = "hidden-step";
    onTestFinished(() => void delete process.env.RETRAIN_TEST_STEP);
    const steps = `steps:\n  - { id: t, uses: train-pooled-cv, needs: ["\${RETRAIN_TEST_STEP}"] }\n`;
    const opened = await openRunbook(await runbook(`${DATA}${steps}`), []);
    expect(opened).toMatchObject({
      ok: false,
      diagnostics: [
        { code: "runbook.missing-input", path: "steps.t.uses", span: { line: 9 } },
        { code: "runbook.unknown-need", span: { line: 9 } },
      ],
    });
    expect(JSON.stringify(opened.ok ? opened : opened.diagnostics)).not.toContain("hidden-step");
  });

  test("a runbook that does not parse is not wired", async () => {
    const opened = await openRunbook(
      await runbook(`${DATA}steps:\n  - { id: t, uses: trian-pooled-cv }\n`),
      [],
    );
    expect(opened).toMatchObject({ ok: false, diagnostics: [{ code: "runbook.unknown-step-type" }] });
  });
});

describe("a file that cannot be read", () => {
  const failureOf = async (file: string) => {
    try {
      await openRunbook(file, []);
    } catch (error) {
      if (error instanceof FailureError) return error.failure;
      throw error;
    }
    return null;
  };
  const unreadable = (file: string, why: string) => ({
    code: "usage.invalid",
    retryable: false,
    message: `cannot read the runbook ${file}: ${why}`,
    next: "--runbook FILE",
  });

  test("is not there", async () => {
    const file = join(await tempFolder(), "runbook.yml");
    expect(await failureOf(file)).toEqual(unreadable(file, "there is no such file"));
  });

  test("is a folder", async () => {
    const file = join(await tempFolder(), "runbook.yaml");
    await mkdir(file);
    expect(await failureOf(file)).toEqual(unreadable(file, "it is a folder"));
  });

  test("lies under a file", async () => {
    const file = join(await runbook("x"), "runbook.yaml");
    expect(await failureOf(file)).toEqual(unreadable(file, "a part of its path is no folder (ENOTDIR)"));
  });

  test.skipIf(process.getuid?.() === 0)(
    "may not be read (skipped for root, who may read everything)",
    async () => {
      const file = await runbook("x");
      await chmod(file, 0);
      expect(await failureOf(file)).toEqual(unreadable(file, "this user may not read it (EACCES)"));
    },
  );
});

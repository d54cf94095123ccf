import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ISSUES } from "../../../../src/cli/links.js";
import { FailureError } from "../../../../src/kit/failure.js";
import { readDocument } from "../../../../src/operations/run-document/read.js";
import { failureContext } from "../../../../src/report/failures/text.js";
import type { Fault, World, WorldOptions } from "../../cli/conclude/release-world.js";
import { openWorld } from "../../cli/conclude/release-world.js";
import { errorOf } from "../../engine/bench.js";

/** What may have become of a JSON file. */
const DAMAGES: Readonly<Record<string, (path: string) => void>> = {
  removed: (path) => rmSync(path),
  empty: (path) => writeFileSync(path, ""),
  "of blanks": (path) => writeFileSync(path, " \n"),
  "cut in the middle": (path) => writeFileSync(path, readFileSync(path).subarray(0, 300)),
  "of NUL bytes": (path) => writeFileSync(path, Buffer.alloc(4096)),
  "in UTF-16": (path) => writeFileSync(path, Buffer.from(readFileSync(path, "utf8"), "utf16le")),
  "behind a byte order mark": (path) => writeFileSync(path, `\uFEFF${readFileSync(path, "utf8")}`),
  null: (path) => writeFileSync(path, "null"),
  "a list": (path) => writeFileSync(path, "[]"),
  "an object": (path) => writeFileSync(path, "{}"),
  "a number": (path) => writeFileSync(path, "1e999"),
  "with steps of another type": (path) => edit(path, (document) => ({ ...document, steps: { a: 1 } })),
  "with rules of another type": (path) =>
    edit(path, (document) => ({ ...document, decision: { digest: 7, rules: [null] } })),
  "with an unknown verdict": (path) => edit(path, (document) => ({ ...document, verdict: "perhaps" })),
  "with another verdict": (path) => edit(path, (document) => ({ ...document, verdict: "completed" })),
  "of another run": (path) => edit(path, (document) => ({ ...document, run: "2024Q1-9" })),
  "deeply nested": (path) => writeFileSync(path, `${"[".repeat(200_000)}${"]".repeat(200_000)}`),
  "a folder": (path) => {
    rmSync(path);
    mkdirSync(path);
  },
};

const CONTEXT = failureContext({
  run: "2025Q2-1",
  quarter: "2025Q2",
  reportTo: ISSUES,
  runbook: null,
  stateDir: null,
  overrides: [],
  dryRun: false,
});

function edit(path: string, change: (document: Record<string, unknown>) => unknown): void {
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, "utf8")))));
}

async function ran(gate: "pass" | "fail", fault: Fault | null, more: Partial<WorldOptions> = {}) {
  const world = await openWorld({ gate, ...more });
  await world.haveChampion();
  const { document } = await world.run(fault);
  return { world, document };
}

async function readAgain({ bench }: World) {
  const run = await bench.engine.runs.get("2025Q2-1");
  const left = await readDocument(bench.engine, run, CONTEXT);
  return { ...left!, run };
}

const pathOf = ({ bench }: World, file: string) => join(bench.root, "runs", "2025Q2-1", file);

describe("a run's document that is not what was written", () => {
  test("is made again, whatever became of the file", async () => {
    const { world, document } = await ran("fail", null);
    const path = pathOf(world, "document.json");
    const whole = readFileSync(path);
    for (const [name, damage] of Object.entries(DAMAGES)) {
      damage(path);
      const again = await readAgain(world);
      expect(again.damage, name).toEqual([
        expect.stringContaining("document.json of run 2025Q2-1 is damaged"),
      ]);
      expect(again.document.decision, name).toEqual(document.decision);
      expect(again.document.verdict, name).toBe("escalated");
      rmSync(path, { recursive: true, force: true });
      writeFileSync(path, whole);
    }
    expect((await readAgain(world)).damage).toEqual([]);
  });

  test.each([
    ["promoted", "pass", null],
    ["escalated", "fail", null],
    ["promoted, and broken after it", "pass", { step: "export", kind: "before" }],
    ["escalated, and broken after it", "fail", { step: "mail", kind: "before" }],
    ["promoted by a step that failed", "pass", { step: "promote", kind: "moved" }],
    ["failed", "pass", { step: "build", kind: "before" }],
    ["failed by a bug", "pass", { step: "export", kind: "bug" }],
    ["interrupted", "pass", { step: "check", kind: "interrupted" }],
  ] as const)("says what the one before said: %s", async (_name, gate, fault) => {
    const { world, document } = await ran(gate, fault);
    rmSync(pathOf(world, "document.json"));
    const { document: again } = await readAgain(world);
    const {
      seconds: _seconds,
      diagnosis: _causes,
      live,
      champion,
      notifications: _told,
      steps,
      ...told
    } = document;
    expect(again).toMatchObject(told);
    const withoutTimes = (all: typeof steps) =>
      all.map(({ seconds: _, type, status, ...step }) => ({
        ...step,
        status,
        ...(status === "succeeded" ? { type } : {}),
      }));
    expect(withoutTimes(again.steps)).toEqual(withoutTimes(steps));
    if (document.verdict === "promoted" || document.verdict === "escalated") {
      expect(again.live).toEqual({ version: live!.version, source: "run" });
      expect(again.champion.after).toBe(champion.after);
    } else expect(again.live).toEqual({ version: null, source: "unknown" });
  });

  test("a damaged decision is a failure that names the file and what helps", async () => {
    const { world } = await ran("fail", null);
    writeFileSync(pathOf(world, "document.json"), "?");
    const { run } = await readAgain(world);
    const gate = run.entries.find((entry) => entry.type === "step-succeeded" && entry.step === "gate");
    const record = await world.bench.engine.records.find((gate as { fingerprint: string }).fingerprint);
    const artifact = (
      record as { outputs: Record<string, Parameters<typeof world.bench.engine.objects.reader>[0]> }
    ).outputs.decision!;
    const object = world.bench.engine.objects.reader(artifact).file("decision.json");
    rmSync(object);
    writeFileSync(object, "{");
    const error = await errorOf(readDocument(world.bench.engine, run, CONTEXT));
    expect(error).toBeInstanceOf(FailureError);
    expect((error as FailureError).failure).toMatchObject({
      code: "store.corrupt",
      path: pathOf(world, "document.json"),
    });
  });

  test("a run that was killed has none, and one that was not finished keeps the one it has", async () => {
    const { world } = await ran("fail", null);
    const run = { ...(await readAgain(world)).run, verdict: null };
    expect((await readDocument(world.bench.engine, run, CONTEXT))?.document.verdict).toBe("escalated");
    rmSync(pathOf(world, "document.json"));
    expect(await readDocument(world.bench.engine, run, CONTEXT)).toBeNull();
  });

  test("what people were told is no reason to lose the rest", async () => {
    const { world, document } = await ran("fail", null);
    const path = pathOf(world, "notifications.json");
    for (const text of ["", "{}", '[{"channel":1}]', "[[]]", "\0\0"]) {
      writeFileSync(path, text);
      const again = await readAgain(world);
      expect(again.damage).toEqual([
        expect.stringContaining("notifications.json of run 2025Q2-1 is damaged"),
      ]);
      expect(again.document.decision).toEqual(document.decision);
    }
    expect(existsSync(path)).toBe(true);
  });
});

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { editRunbook } from "../../../../src/cli/tune/edit-runbook.js";
import { unifiedDiff } from "../../../../src/cli/tune/unified-diff.js";

const REFERENCE = readFileSync(new URL("../../../../runbook.yaml", import.meta.url), "utf8");

const paramsOf = (text: string): unknown =>
  (parse(text) as { steps: { id: string; with?: unknown }[] }).steps.find(({ id }) => id === "train")!.with;

const changedLines = (before: string, after: string): string[] =>
  unifiedDiff("runbook.yaml", before, after)
    .split("\n")
    .slice(3)
    .filter((line) => /^[-+]/.test(line));

/** What `patch` makes of the file. */
function patched(before: string, patch: string, command: readonly [string, ...string[]]): string {
  const folder = mkdtempSync(join(tmpdir(), "retrain-patch-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "runbook.yaml"), before);
  writeFileSync(join(folder, "the.patch"), patch);
  const [program, ...args] = command;
  execFileSync(program, args, { cwd: folder, stdio: "pipe" });
  return readFileSync(join(folder, "runbook.yaml"), "utf8");
}

test("only the line of the step changes in the reference runbook, and comments stay", () => {
  const after = editRunbook(REFERENCE, "train", { ensemble: "full", context: 120 }, []);
  expect(changedLines(REFERENCE, after)).toEqual([
    "-  - { id: train, uses: train-pooled-cv, with: { folds: 3 } }",
    "+  - { id: train, uses: train-pooled-cv, with: { folds: 3, ensemble: full, context: 120 } }",
  ]);
});

const BLOCK = `# top
steps:
  - id: other
    with: { keep:   [spacing] } # as it is
  - id: train # the training
    uses: train-pooled-cv
    with:
      # why three
      folds: 3
      ensemble: single # was four
      learners:
        - theta # cheap
        # linear
        - use: pooled-ridge
          lambda: 1e-5 # light
        - boosted-trees
  - id: last
`;

test("options are set where the learners stand, and comments stay", () => {
  const values = {
    ensemble: "full",
    "learners.pooled-ridge.lambda": 0.001,
    "learners.boosted-trees.leaves": 15,
  };
  const after = editRunbook(BLOCK, "train", values, []);
  expect(paramsOf(after)).toEqual({
    folds: 3,
    ensemble: "full",
    learners: ["theta", { use: "pooled-ridge", lambda: 0.001 }, { use: "boosted-trees", leaves: 15 }],
  });
  for (const comment of BLOCK.match(/#.*/g)!) expect(after).toContain(comment);
  expect(after).toContain("{ keep:   [spacing] }");
});

test("what a program is passed is set where it stands", () => {
  const before = `steps:
  - id: train
    with:
      learners:
        - command: [python3, mine.py] # ours
          options: { trees: 200, rate: 0.1 }
        - { id: other, command: [other] }
`;
  const values = { "learners.mine.options.trees": 300, "learners.other.options.depth": 3 };
  const after = editRunbook(before, "train", values, []);
  expect(changedLines(before, after)).toEqual([
    "-          options: { trees: 200, rate: 0.1 }",
    "-        - { id: other, command: [other] }",
    "+          options: { trees: 300, rate: 0.1 }",
    "+        - { id: other, command: [ other ], options: { depth: 3 } }",
  ]);
  expect(after).toContain("# ours");
});

test("a runbook that names no learners gets the list", () => {
  const learners = ["theta", { use: "pooled-ridge" as const, lambda: 0.001 }] as const;
  const after = editRunbook(REFERENCE, "train", { "learners.pooled-ridge.lambda": 0.001 }, learners);
  expect(paramsOf(after)).toEqual({ folds: 3, learners });
});

test("a step without parameters, lists of learners, aliases, and Windows line ends", () => {
  const bare = "steps:\r\n  - id: train # c\r\n    uses: x\r\n  - id: b\r\n";
  const after = editRunbook(bare, "train", { learners: ["theta", "ses"], window: 60 }, []);
  expect(paramsOf(after)).toEqual({ learners: ["theta", "ses"], window: 60 });
  expect(
    after
      .split("\n")
      .slice(0, -1)
      .every((line) => line.endsWith("\r")),
  ).toBe(true);

  const shared = "common: &p { folds: 3 }\nsteps:\n  - { id: train, with: *p }\n  - { id: b, with: *p }\n";
  const apart = parse(editRunbook(shared, "train", { window: 60 }, [])) as { common: unknown };
  expect(apart).toMatchObject({
    common: { folds: 3 },
    steps: [{ with: { folds: 3, window: 60 } }, { with: { folds: 3 } }],
  });
});

test("`patch` and `git apply` take the diff", () => {
  for (const before of [REFERENCE, BLOCK, BLOCK.trimEnd()]) {
    const after = editRunbook(before, "train", { ensemble: "auto", window: 60 }, []);
    const patch = unifiedDiff("runbook.yaml", before, after);
    expect(patched(before, patch, ["patch", "-p1", "-i", "the.patch"])).toBe(after);
    expect(patched(before, patch, ["git", "apply", "the.patch"])).toBe(after);
  }
});

test("nothing to change is no diff", () => {
  expect(unifiedDiff("a", "x\n", "x\n")).toBe("");
});

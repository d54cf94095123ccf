import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nodeFiles } from "../../../src/durable/node-files.js";
import type { ArtifactKind } from "../../../src/kit/artifact.js";
import type { DurableFiles } from "../../../src/kit/files.js";
import type { StepOf } from "../plan/runbook-of.js";
import { type AnyContext, type Bench, errorOf, openBench, stepType, writeValue } from "./bench.js";

/** Kind that each step makes. */
const KIND = {
  a: "panel",
  b: "segments",
  c: "trained-model",
  d: "outlook",
  e: "checkpoints",
} as const satisfies Record<string, ArtifactKind>;
type Id = keyof typeof KIND;

/** Step → the steps that feed it, in runbook order. */
type Shape = Partial<Record<Id, readonly Id[]>>;

const SHAPES: Readonly<Record<string, Shape>> = {
  line: { a: [], b: ["a"], c: ["b"] },
  diamond: { a: [], b: ["a"], c: ["a"], d: ["b", "c"] },
  "fan-out": { a: [], b: ["a"], c: ["a"], d: ["a"] },
  // b fails and c, beside it, does not hang on it; d and e show which of the two they follow.
  siblings: { a: [], b: ["a"], c: ["a"], d: ["b"], e: ["c"] },
  "two sources": { a: [], b: [], c: ["a", "b"], d: ["b"] },
};

interface World {
  /** Value parameter of a step that was edited. */
  readonly edits: Partial<Record<Id, string>>;
  failing: Id | null;
}

function stepsOf(shape: Shape, world: World): StepOf[] {
  return (Object.entries(shape) as [Id, readonly Id[]][]).map(([id, from]) => {
    const inputs = Object.fromEntries(from.map((source) => [source, KIND[source]]));
    const type = stepType(
      `make-${id}`,
      inputs,
      { out: KIND[id] },
      {
        run: async (ctx: AnyContext) => {
          if (world.failing === id) throw new Error(`${id} cannot`);
          await writeValue(ctx);
          return { summary: id };
        },
      },
    );
    return { id, type, params: { value: world.edits[id] ?? id } };
  });
}

const world = (edits: World["edits"] = {}): World => ({ edits, failing: null });

/** `a reused, b succeeded` → the statuses of a run, as short as a table needs them. */
const WORDS = { reused: "·", succeeded: "run", failed: "FAIL", skipped: "–" } as const;
const short = (statuses: readonly string[]) =>
  statuses.map((status) => WORDS[status.split(" ")[1] as keyof typeof WORDS]).join(" ");

type Moment = "started" | "recorded" | "succeeded";

class Killed extends Error {}

/** Files that work up to and with the first write that `isLast`, and then die with the process. */
function dyingFiles(isLast: (path: string, content: string) => boolean): DurableFiles {
  const real = nodeFiles();
  let dead = false;
  const mortal =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (dead) throw new Killed();
      const result = await call(...args);
      dead = isLast(String(args[0]), String(args[1]));
      if (dead) throw new Killed();
      return result;
    };
  return {
    ...real,
    appendLine: mortal(real.appendLine),
    writeAtomic: mortal(real.writeAtomic),
    createExclusive: mortal(real.createExclusive),
    copyInto: mortal(real.copyInto),
    remove: mortal(real.remove),
    makeFolder: mortal(real.makeFolder),
  };
}

/** A first run that the process did not survive, and a bench that finds what it left. */
async function killedAt(shape: Shape, step: Id, when: Moment): Promise<Bench> {
  const isRecord = (path: string, content: string) =>
    path.includes("/records/") && content.includes(`"type": "make-${step}"`);
  const isLine = (content: string) => content.includes(`"type":"step-${when}","step":"${step}"`);
  const dying = await openBench({
    files: dyingFiles((path, content) => (when === "recorded" ? isRecord(path, content) : isLine(content))),
  });
  expect(await errorOf(dying.run(stepsOf(shape, world())))).toBeInstanceOf(Killed);
  // The lock of a process that died is taken over; this one lives on.
  await nodeFiles().remove(join(dying.root, "locks"));
  return openBench({ root: dying.root });
}

describe("a step failed: what is done stays, what does not hang on it ran, the rest follows", () => {
  test.each<[keyof typeof SHAPES & string, Id, string, string]>([
    ["line", "a", "FAIL – –", "run run run"],
    ["line", "b", "run FAIL –", "· run run"],
    ["line", "c", "run run FAIL", "· · run"],
    ["diamond", "a", "FAIL – – –", "run run run run"],
    ["diamond", "b", "run FAIL run –", "· run · run"],
    ["diamond", "c", "run run FAIL –", "· · run run"],
    ["diamond", "d", "run run run FAIL", "· · · run"],
    ["fan-out", "a", "FAIL – – –", "run run run run"],
    ["fan-out", "b", "run FAIL run run", "· run · ·"],
    ["fan-out", "c", "run run FAIL run", "· · run ·"],
    ["fan-out", "d", "run run run FAIL", "· · · run"],
    ["siblings", "b", "run FAIL run – run", "· run · run ·"],
    ["siblings", "c", "run run FAIL run –", "· · run · run"],
    ["siblings", "d", "run run run FAIL run", "· · · run ·"],
    ["two sources", "a", "FAIL run – run", "run · run ·"],
    ["two sources", "b", "run FAIL – –", "· run run run"],
    ["two sources", "c", "run run FAIL run", "· · run ·"],
  ])("%s, %s fails: %s, then %s", async (shape, failing, first, second) => {
    const bench = await openBench();
    const now = { ...world(), failing };
    const steps = stepsOf(SHAPES[shape]!, now);
    expect(short((await bench.run(steps)).statuses)).toBe(first);
    now.failing = null as never;
    const resumed = await bench.run(steps, { verdict: "promoted" });
    expect(short(resumed.statuses)).toBe(second);
    expect(resumed.run.header.run).toBe("2025Q2-1");
    expect(short((await bench.run(steps)).statuses)).toMatch(/^[· ]+$/);
  });
});

describe("a parameter was edited: that step and what it feeds", () => {
  test.each<[keyof typeof SHAPES & string, Id, string]>([
    ["line", "a", "run run run"],
    ["line", "b", "· run run"],
    ["line", "c", "· · run"],
    ["diamond", "a", "run run run run"],
    ["diamond", "b", "· run · run"],
    ["diamond", "c", "· · run run"],
    ["diamond", "d", "· · · run"],
    ["fan-out", "a", "run run run run"],
    ["fan-out", "b", "· run · ·"],
    ["fan-out", "d", "· · · run"],
    ["siblings", "b", "· run · run ·"],
    ["siblings", "c", "· · run · run"],
    ["two sources", "a", "run · run ·"],
    ["two sources", "b", "· run run run"],
    ["two sources", "d", "· · · run"],
  ])("%s, %s edited: %s", async (shape, edited, expected) => {
    const bench = await openBench();
    await bench.run(stepsOf(SHAPES[shape]!, world()), { verdict: "promoted" });
    const after = stepsOf(SHAPES[shape]!, world({ [edited]: "edited" }));
    expect(short((await bench.run(after, { verdict: "promoted" })).statuses)).toBe(expected);
    // And back again: what was made first is still there.
    expect(short((await bench.run(stepsOf(SHAPES[shape]!, world()))).statuses)).toMatch(/^[· ]+$/);
  });
});

describe("an object was damaged: only its step, since it makes the same again", () => {
  test.each<[keyof typeof SHAPES & string, Id, string]>([
    ["line", "a", "run · ·"],
    ["line", "b", "· run ·"],
    ["diamond", "a", "run · · ·"],
    ["diamond", "c", "· · run ·"],
    ["fan-out", "a", "run · · ·"],
    ["siblings", "b", "· run · · ·"],
    ["two sources", "b", "· run · ·"],
  ])("%s, %s damaged: %s", async (shape, damaged, expected) => {
    const bench = await openBench();
    const steps = stepsOf(SHAPES[shape]!, world());
    const first = await bench.run(steps, { verdict: "promoted" });
    const record = first.steps.find(({ id }) => id === damaged)!.record!;
    const object = bench.engine.objects.pathOf(record.outputs.out!.files[0]!.sha256);
    await chmod(object, 0o644);
    await writeFile(object, "damaged");
    const second = await bench.run(steps);
    expect(short(second.statuses)).toBe(expected);
    expect(second.reasons).toEqual({ [damaged]: "its value.txt in the object store is damaged" });
  });
});

describe("the process was killed", () => {
  // While a step runs nothing of it is on record; once its record is there, it need not run again.
  const cases = Object.entries(SHAPES).flatMap(([name, shape]) =>
    (Object.keys(shape) as Id[]).map((step) => [name, step] as const),
  );

  test.each(cases)("%s, when %s had started", async (name, step) => {
    const shape = SHAPES[name]!;
    const bench = await killedAt(shape, step, "started");
    expect(short((await bench.run(stepsOf(shape, world()))).statuses)).toBe(resumed(shape, step, "run"));
  });

  test.each(cases)("%s, when the record of %s was there and its journal line was not", async (name, step) => {
    const shape = SHAPES[name]!;
    const bench = await killedAt(shape, step, "recorded");
    const second = await bench.run(stepsOf(shape, world()));
    expect(second.run.header.run).toBe("2025Q2-1");
    expect(short(second.statuses)).toBe(resumed(shape, step, "·"));
  });

  test.each(cases)("%s, after the journal line of %s", async (name, step) => {
    const shape = SHAPES[name]!;
    const bench = await killedAt(shape, step, "succeeded");
    expect(short((await bench.run(stepsOf(shape, world()))).statuses)).toBe(resumed(shape, step, "·"));
  });

  const resumed = (shape: Shape, step: Id, own: string): string => {
    const ids = Object.keys(shape);
    const at = ids.indexOf(step);
    return ids.map((_, i) => (i < at ? "·" : i === at ? own : "run")).join(" ");
  };
});

describe("a branch was skipped with --until", () => {
  test.each<[keyof typeof SHAPES & string, Id, string, string]>([
    ["line", "a", "run – –", "· run run"],
    ["diamond", "b", "run run – –", "· · run run"],
    ["siblings", "c", "run run run – –", "· · · run run"],
    ["two sources", "a", "run – – –", "· run run run"],
  ])("%s, until %s: %s, then %s", async (shape, until, first, second) => {
    const bench = await openBench();
    const steps = stepsOf(SHAPES[shape]!, world());
    expect(short((await bench.run(steps, { until })).statuses)).toBe(first);
    expect(short((await bench.run(steps)).statuses)).toBe(second);
  });

  test.each<[keyof typeof SHAPES & string, Id, Id, string]>([
    ["line", "c", "a", "run run run"],
    ["diamond", "d", "b", "· run · run"],
    ["siblings", "e", "b", "· run · run run"],
    ["two sources", "d", "a", "run · run run"],
  ])("%s, --from %s with %s edited: what is stale before runs too, and says so: %s", async (...row) => {
    const [shape, from, edited, expected] = row;
    const bench = await openBench();
    await bench.run(stepsOf(SHAPES[shape]!, world()), { verdict: "promoted" });
    const ran = await bench.run(stepsOf(SHAPES[shape]!, world({ [edited]: "edited" })), { from });
    expect(short(ran.statuses)).toBe(expected);
    for (const [step, reason] of Object.entries(ran.reasons))
      expect(reason).toMatch(step === from ? /^--from$/ : new RegExp(`^stale: .*--from ${from} was asked$`));
  });
});

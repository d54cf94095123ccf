import { expect, test } from "vitest";
import type { ModelRegistry } from "../../../../src/kit/registry.js";
import { contentOf, copy, MODEL, move, openAt, tempFolder, writer } from "./support.js";

const WRITES = [
  "ensureRun",
  "logRun",
  "putArtifacts",
  "closeRun",
  "ensureVersion",
  "attachModel",
  "moveAlias",
] as const;

class Killed extends Error {}

/** Does `lives` writes and dies before the next one. */
function mortal(registry: ModelRegistry, lives: number): ModelRegistry {
  let left = lives;
  const wrapped = WRITES.map((name) => [
    name,
    (...args: readonly unknown[]) => {
      if (left-- === 0) throw new Killed();
      return (registry[name] as (...given: readonly unknown[]) => unknown)(...args);
    },
  ]);
  return { ...registry, ...Object.fromEntries(wrapped) };
}

test("killed between any two writes: nobody sees half of it, and the same command repairs it", async () => {
  const folder = await tempFolder();
  const write = writer(folder);
  const laptop = openAt(folder, "laptop");
  await write.quarter(laptop, "a");
  await write.version(laptop, "open");
  await move(laptop, "1", "m1");
  await move(laptop, "2", "m2", "candidate");
  const whole = await contentOf(laptop);

  let lives = 0;
  for (; ; lives++) {
    const team = openAt(folder, `team ${lives}`);
    const finished = await copy(laptop, mortal(team, lives)).then(
      () => true,
      (error: unknown) => {
        if (error instanceof Killed) return false;
        throw error;
      },
    );
    const half = await contentOf(team);
    // Readers look at closed runs and at aliases: what they find is whole.
    for (const run of await team.listRuns(MODEL)) {
      if (run.closed) expect(half.runs[run.key], `after ${lives} writes`).toEqual(whole.runs[run.key]);
    }
    for (const { to } of half.history) expect(half.models[to!]).toEqual(whole.models[to!]);
    await copy(laptop, team);
    expect(await contentOf(team), `after ${lives} writes`).toEqual(whole);
    if (finished) break;
  }
  // Every write of two runs with a part each, two versions, their conclusions and two moves was a boundary.
  expect(lives).toBeGreaterThanOrEqual(20);
}, 120_000);

test("a source that is itself half a copy is left until it is whole", async () => {
  const folder = await tempFolder();
  const write = writer(folder);
  const [laptop, team, other] = [openAt(folder, "laptop"), openAt(folder, "team"), openAt(folder, "other")];
  await write.quarter(laptop, "a");
  await expect(copy(laptop, mortal(team, 2))).rejects.toBeInstanceOf(Killed);
  expect((await copy(team, other)).runs).toMatchObject([{ action: "unfinished", files: 0 }]);
  expect(await other.listRuns(MODEL)).toEqual([]);
  await copy(laptop, team);
  await copy(team, other);
  expect(await contentOf(other)).toEqual(await contentOf(laptop));
});

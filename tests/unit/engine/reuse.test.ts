import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { optional } from "../../../src/kit/step.js";
import type { StepOf } from "../plan/runbook-of.js";
import { type AnyContext, type Bench, FILE, openBench, type Ran, stepType, writeValue } from "./bench.js";

const panel = stepType("panel", {}, { panel: "panel" });
const segments = stepType("segments", { panel: "panel" }, { segments: "segments" });
const model = stepType(
  "model",
  { panel: "panel", segments: optional("segments") },
  { model: "trained-model" },
);

/** `note` is a parameter that the output does not depend on. */
const steps = (values: { p?: unknown; pNote?: unknown; s?: unknown; m?: unknown } = {}): StepOf[] => [
  {
    id: "p",
    type: panel,
    params: { value: (values.p ?? "p") as string, note: (values.pNote ?? 0) as number },
  },
  { id: "s", type: segments, params: { value: (values.s ?? "s") as string } },
  { id: "m", type: model, params: { value: (values.m ?? "m") as string } },
];

const REUSED = ["p reused", "s reused", "m reused"];

/** A bench where these steps ran to a verdict. */
async function ranBefore(made = steps()): Promise<{ bench: Bench; first: Ran }> {
  const bench = await openBench();
  const first = await bench.run(made, { verdict: "promoted" });
  expect(first.statuses.every((status) => status.endsWith("succeeded"))).toBe(true);
  return { bench, first };
}

const fileOf = (bench: Bench, ran: Ran, step: string): string => {
  const record = ran.steps.find(({ id }) => id === step)!.record!;
  return bench.engine.objects.pathOf(Object.values(record.outputs)[0]!.files[0]!.sha256);
};

const recordFile = (bench: Bench, ran: Ran, step: string): string => {
  const hex = ran.steps.find(({ id }) => id === step)!.record!.fingerprint.slice("sha256:".length);
  return join(bench.root, "records", hex.slice(0, 2), `${hex.slice(2)}.json`);
};

describe("what is reused", () => {
  test("nothing changed: everything, in a new run, with its files to browse", async () => {
    const { bench, first } = await ranBefore();
    const second = await bench.run(steps());
    expect(second.statuses).toEqual(REUSED);
    expect(second.run.header.run).toBe("2025Q2-2");
    expect(second.steps.map(({ record }) => record)).toEqual(first.steps.map(({ record }) => record));
    const shown = join(bench.root, "runs", "2025Q2-2", "steps", "m");
    expect(await readFile(join(shown, "model", FILE), "utf8")).toBe(first.text("m"));
    expect(JSON.parse(await readFile(join(shown, "record.json"), "utf8"))).toEqual({
      ...first.steps[2]!.record,
      sha256: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
  });

  test("a parameter changed: that step and what it feeds", async () => {
    const { bench } = await ranBefore();
    const ran = await bench.run(steps({ s: "S" }));
    expect(ran.statuses).toEqual(["p reused", "s succeeded", "m succeeded"]);
    expect(ran.reasons).toEqual({ s: "stale: parameter value s → S", m: "stale: input segments changed" });
  });

  test("an upstream step ran again and made the same: nothing after it runs", async () => {
    const { bench } = await ranBefore();
    const ran = await bench.run(steps({ pNote: 1 }));
    expect(ran.statuses).toEqual(["p succeeded", "s reused", "m reused"]);
    expect(ran.reasons).toEqual({ p: "stale: parameter note 0 → 1" });
  });

  test("an earlier state again: its records are still there", async () => {
    const { bench, first } = await ranBefore();
    await bench.run(steps({ p: "P" }), { verdict: "promoted" });
    const third = await bench.run(steps());
    expect(third.statuses).toEqual(REUSED);
    expect(third.text("m")).toBe(first.text("m"));
  });

  test("an optional input that appears", async () => {
    const [p, s, m] = steps() as [StepOf, StepOf, StepOf];
    const { bench } = await ranBefore([p, m]);
    const ran = await bench.run([p, s, m]);
    expect(ran.statuses).toEqual(["p reused", "s succeeded", "m succeeded"]);
    expect(ran.reasons).toEqual({ s: "never ran for this quarter", m: "stale: input segments is new" });
  });

  test("another quarter is another result, and says that it is the first", async () => {
    const { bench } = await ranBefore();
    const ran = await bench.run(steps(), { quarter: "2025Q3" });
    expect(ran.statuses).toEqual(["p succeeded", "s succeeded", "m succeeded"]);
    expect(ran.reasons.p).toBe("never ran for this quarter");
  });

  test("another model in the same state directory is another result", async () => {
    const { bench } = await ranBefore();
    const ran = await bench.run(steps(), { model: "supply" });
    expect(ran.statuses).toEqual(["p succeeded", "s succeeded", "m succeeded"]);
    expect(ran.reasons.p).toBe("stale: model.name demand → supply");
    // What changed since is told from this model's own runs.
    const again = await bench.run(steps({ p: "P" }), { verdict: "promoted" });
    expect(again.reasons.p).toBe("stale: parameter value p → P");
  });

  test("a step type of another version, and another version of a tool", async () => {
    const { bench } = await ranBefore();
    const [p, ...rest] = steps() as [StepOf, StepOf, StepOf];
    const newer = await bench.run([{ ...p, type: { ...panel, version: 2 } }, ...rest]);
    expect(newer.statuses).toEqual(["p succeeded", "s reused", "m reused"]);
    expect(newer.reasons.p).toBe("stale: step version 1 → 2");
    const upgraded = await openBench({ root: bench.root, tools: { retrain: "1.1.0" } });
    expect((await upgraded.run(steps())).reasons.s).toBe("stale: retrain 1.0.0 → 1.1.0");
  });

  test("a step of another name reuses what the same step made under the old one", async () => {
    const { bench } = await ranBefore();
    const renamed = steps().map((step) => ({ ...step, id: `${step.id}2` }));
    expect((await bench.run(renamed)).statuses).toEqual(["p2 reused", "s2 reused", "m2 reused"]);
  });
});

describe("state outside the inputs", () => {
  test("is in the fingerprint", async () => {
    let champion = "1";
    const external = stepType(
      "judge",
      {},
      { decision: "decision" },
      { external: async () => ({ champion }) },
    );
    const bench = await openBench();
    await bench.run([{ id: "j", type: external }]);
    expect((await bench.run([{ id: "j", type: external }])).statuses).toEqual(["j reused"]);
    champion = "2";
    const ran = await bench.run([{ id: "j", type: external }]);
    expect(ran.statuses).toEqual(["j succeeded"]);
    expect(ran.reasons.j).toBe("stale: champion moved 1 → 2");
  });

  test("the registry, for a step with an effect", async () => {
    const register = stepType(
      "register",
      {},
      { version: "registered-version" },
      {
        effect: "external",
        holds: async () => null,
      },
    );
    const bench = await openBench();
    await bench.run([{ id: "r", type: register }]);
    const elsewhere = {
      ...bench.engine,
      registryFor: async () => ({ ...bench.registry, uri: "http://mlflow.example" }),
    };
    Object.assign(bench.engine, elsewhere);
    expect((await bench.run([{ id: "r", type: register }])).reasons.r).toMatch(
      /^stale: registry file:.* → http:\/\/mlflow\.example$/,
    );
  });

  test("metrics of earlier steps, for a step that reads them and no other", async () => {
    let score = 1;
    const scorer = stepType(
      "scorer",
      {},
      { panel: "panel" },
      {
        run: async (ctx: AnyContext) => {
          await writeValue(ctx);
          return { summary: "", metrics: { score: { value: score } } };
        },
      },
    );
    const judge = stepType("judge", {}, { decision: "decision" }, { readsMetrics: true });
    const blind = stepType("blind", { panel: "panel" }, { segments: "segments" });
    const all = [
      { id: "a", type: scorer },
      { id: "b", type: blind },
      { id: "j", type: judge },
    ];
    const bench = await openBench();
    await bench.run(all, { verdict: "promoted" });
    score = 2;
    const ran = await bench.run([{ id: "a", type: { ...scorer, version: 2 } }, ...all.slice(1)]);
    expect(ran.statuses).toEqual(["a succeeded", "b reused", "j succeeded"]);
    expect(ran.reasons.j).toBe("stale: metric a.score 1 → 2");
  });

  test("lineage, for a step whose result it is part of and no other", async () => {
    const judge = stepType("judge", {}, { decision: "decision" }, { readsLineage: true });
    const all = [...steps(), { id: "j", type: judge }];
    const { bench } = await ranBefore(all);
    const committed = await openBench({ root: bench.root, git: "decaf" });
    const ran = await committed.run(all);
    expect(ran.statuses).toEqual([...REUSED, "j succeeded"]);
    expect(ran.reasons.j).toBe("stale: git c0ffee → decaf");
  });

  test("an effect that no longer holds is made again", async () => {
    let gone: string | null = null;
    const asked: string[] = [];
    const register = stepType(
      "register",
      {},
      { version: "registered-version" },
      {
        effect: "external",
        holds: async (_ctx, outputs) => {
          asked.push(await readFile(outputs.version!.file(FILE), "utf8"));
          return gone;
        },
      },
    );
    const all = [{ id: "r", type: register, params: { value: "v1" } }];
    const { bench } = await ranBefore(all);
    expect(asked).toEqual([]);
    expect((await bench.run(all, { verdict: "promoted" })).statuses).toEqual(["r reused"]);
    expect(asked).toEqual(["version v1"]);
    gone = "version 1 is not in the registry";
    const ran = await bench.run(all);
    expect(ran.statuses).toEqual(["r succeeded"]);
    expect(ran.reasons.r).toBe(gone);
  });

  test("the record of an effect is gone before the effect is made: a kill leaves none that looks right", async () => {
    let isThere = true;
    let killed = false;
    const register = stepType(
      "register",
      {},
      { version: "registered-version" },
      {
        effect: "external",
        // After the half-made effect the old record would seem to hold again.
        holds: async () => (isThere ? null : "it is not in the registry"),
        run: async (ctx: AnyContext) => {
          isThere = true;
          if (killed) throw new Error("killed half-way");
          await writeValue(ctx);
          return { summary: "" };
        },
      },
    );
    const all = [{ id: "r", type: register }];
    const { bench } = await ranBefore(all);
    isThere = false;
    killed = true;
    expect((await bench.run(all)).statuses).toEqual(["r failed"]);
    killed = false;
    expect((await bench.run(all)).statuses).toEqual(["r succeeded"]);
  });
});

describe("damage", () => {
  test("a missing object: the step that made it runs again, and says why", async () => {
    const { bench, first } = await ranBefore();
    await rm(fileOf(bench, first, "s"));
    const ran = await bench.run(steps(), { verdict: "promoted" });
    expect(ran.statuses).toEqual(["p reused", "s succeeded", "m reused"]);
    expect(ran.reasons).toEqual({ s: `its ${FILE} is gone from the object store` });
    expect((await bench.run(steps())).statuses).toEqual(REUSED);
  });

  test("a corrupted object: the step that made it runs again, and says why", async () => {
    const { bench, first } = await ranBefore();
    const object = fileOf(bench, first, "p");
    await chmod(object, 0o644);
    await writeFile(object, "something else");
    const ran = await bench.run(steps(), { verdict: "promoted" });
    expect(ran.statuses).toEqual(["p succeeded", "s reused", "m reused"]);
    expect(ran.reasons).toEqual({ p: `its ${FILE} in the object store is damaged` });
    expect(ran.text("p")).toBe("panel p");
    expect((await bench.run(steps())).statuses).toEqual(REUSED);
  });

  test("a file that people edit where they browse never comes back in a later run", async () => {
    const { bench, first } = await ranBefore();
    const browsed = join(bench.root, "runs", "2025Q2-1", "steps", "s", "segments", FILE);
    await chmod(browsed, 0o644);
    await writeFile(browsed, "edited by hand");
    const ran = await bench.run(steps(), { verdict: "promoted" });
    expect(ran.statuses).toEqual(["p reused", "s succeeded", "m reused"]);
    expect([ran.text("s"), ran.text("m")]).toEqual(["segments s panel: (panel p)", first.text("m")]);
    const shown = join(bench.root, "runs", "2025Q2-2", "steps", "s", "segments", FILE);
    expect(await readFile(shown, "utf8")).toBe("segments s panel: (panel p)");
  });

  test.each<[string, (text: string) => string]>([
    ["is not JSON", () => "{"],
    ["is empty", () => ""],
    ["has another shape", (text) => text.replace('"outputs"', '"results"')],
    ["has a kind that nobody knows", (text) => text.replace('"kind": "panel"', '"kind": "pannel"')],
    ["belongs to another fingerprint", (text) => text.replace('"note": 0', '"note": 1')],
  ])("a record that %s is damaged", async (_name, change) => {
    const { bench, first } = await ranBefore();
    const path = recordFile(bench, first, "p");
    await writeFile(path, change(await readFile(path, "utf8")));
    const ran = await bench.run(steps());
    expect(ran.statuses).toEqual(["p succeeded", "s reused", "m reused"]);
    expect(ran.reasons).toEqual({ p: "its record is damaged" });
  });

  test("a record that is gone", async () => {
    const { bench, first } = await ranBefore();
    await rm(recordFile(bench, first, "p"));
    const ran = await bench.run(steps());
    expect(ran.statuses).toEqual(["p succeeded", "s reused", "m reused"]);
    expect(ran.reasons).toEqual({ p: "its record is gone" });
  });

  test("a record whose outputs were changed is not believed", async () => {
    const { bench, first } = await ranBefore();
    const path = recordFile(bench, first, "p");
    await writeFile(path, (await readFile(path, "utf8")).replace(FILE, "other.txt"));
    const ran = await bench.run(steps());
    expect(ran.statuses).toEqual(["p succeeded", "s reused", "m reused"]);
    expect(ran.reasons).toEqual({ p: "its record is damaged" });
  });

  test.each([
    ["summary", (text: string) => text.replace('"summary": "', '"summary": "X')],
    ["seconds", (text: string) => text.replace(/"seconds": .*/, '"seconds": 1e9,')],
    ["another field", (text: string) => text.replace("{", '{ "other": 1,')],
    ["no hash", (text: string) => text.replace(/,\s*"sha256": "sha256:[^"]*"\s*}\s*$/, "}")],
  ])("a record with an edit that its outputs do not show is not believed: %s", async (_, edit) => {
    const { bench, first } = await ranBefore();
    const path = recordFile(bench, first, "p");
    const text = await readFile(path, "utf8");
    expect(edit(text)).not.toBe(text);
    await writeFile(path, edit(text));
    const ran = await bench.run(steps());
    expect(ran.statuses).toEqual(["p succeeded", "s reused", "m reused"]);
    expect(ran.reasons).toEqual({ p: "its record is damaged" });
  });

  test("a damaged record of an earlier run only costs the reason", async () => {
    const { bench } = await ranBefore();
    await writeFile(join(bench.root, "runs", "2025Q2-1", "steps", "p", "record.json"), "{");
    const ran = await bench.run(steps({ p: "P" }));
    expect(ran.statuses).toEqual(["p succeeded", "s succeeded", "m succeeded"]);
    expect(ran.reasons.p).toBe("never ran for this quarter");
  });
});

describe("--fresh, --from, --until", () => {
  test("--fresh reuses nothing, in a new run", async () => {
    const bench = await openBench();
    await bench.run(steps());
    const ran = await bench.run(steps(), { fresh: true });
    expect(ran.statuses).toEqual(["p succeeded", "s succeeded", "m succeeded"]);
    expect(ran.reasons).toEqual({ p: "--fresh", s: "--fresh", m: "--fresh" });
    expect(ran.run.header.run).toBe("2025Q2-2");
  });

  test("--from runs again from there on, and reuses what is before", async () => {
    const { bench } = await ranBefore();
    const ran = await bench.run(steps(), { from: "s" });
    expect(ran.statuses).toEqual(["p reused", "s succeeded", "m succeeded"]);
    expect(ran.reasons).toEqual({ s: "--from", m: "--from" });
  });

  test("--from does not make a stale step before it pass for a fresh one", async () => {
    const { bench } = await ranBefore();
    const ran = await bench.run(steps({ p: "P" }), { from: "m" });
    expect(ran.statuses).toEqual(["p succeeded", "s succeeded", "m succeeded"]);
    const too = "; it runs too, although --from m was asked";
    expect(ran.reasons).toEqual({
      p: `stale: parameter value p → P${too}`,
      s: `stale: input panel changed${too}`,
      m: "--from",
    });
  });

  test("--until stops after that step, and the next run goes on", async () => {
    const bench = await openBench();
    const first = await bench.run(steps(), { until: "s" });
    expect(first.statuses).toEqual(["p succeeded", "s succeeded", "m skipped"]);
    expect(first.state).toBe("stopped");
    expect(first.steps[2]!.summary).toBe("after --until s");
    const second = await bench.run(steps());
    expect(second.statuses).toEqual(["p reused", "s reused", "m succeeded"]);
    expect(second.run.header.run).toBe(first.run.header.run);
    expect(second.state).toBe("done");
  });

  test("--until the last step is the whole run", async () => {
    const bench = await openBench();
    expect((await bench.run(steps(), { until: "m" })).state).toBe("done");
  });

  test("--from and --until the same step: that one", async () => {
    const { bench } = await ranBefore();
    const ran = await bench.run(steps(), { from: "s", until: "s" });
    expect(ran.statuses).toEqual(["p reused", "s succeeded", "m skipped"]);
  });
});

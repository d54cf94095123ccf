import { describe, expect, test } from "vitest";
import type { ChannelSpec } from "../../../../src/kit/channels.js";
import { FailureError } from "../../../../src/kit/failure.js";
import type { ModelRegistry } from "../../../../src/kit/registry.js";
import { errorOf } from "../../engine/bench.js";
import { expectTruth, ROWS, releaseTable } from "./release-table.js";
import { openWorld, type World, type WorldOptions } from "./release-world.js";

describe("what a run says of what is live", () => {
  releaseTable(ROWS, async () => ({}));
});

const EXPORT_FAILS = { step: "export", kind: "before" } as const;

async function worldWithChampion(options: Partial<WorldOptions> = {}): Promise<World> {
  const world = await openWorld({ gate: "pass", ...options });
  await world.haveChampion();
  return world;
}

const hook = (name: string, on: ChannelSpec["on"]): ChannelSpec => ({
  kind: "webhook",
  url: `https://hooks.example.com/${name}`,
  shape: "json",
  on,
});

describe("who is told of a promotion whose run broke", () => {
  const told = async (on: ChannelSpec["on"], gate: "pass" | "fail" = "pass") => {
    const world = await worldWithChampion({ gate, notify: [hook("a", on)] });
    return (await world.run(EXPORT_FAILS)).notices;
  };

  test("whoever listens for promotions, with what broke and how to go on", async () => {
    const [notice, ...others] = await told(["escalated", "promoted"]);
    expect(others).toEqual([]);
    expect(notice).toMatchObject({
      occasion: "promoted",
      title: "demand 2025Q2 promoted: version 2 is live; `export` failed",
      payload: { verdict: "promoted", failures: [{ step: "export", code: "command.failed" }] },
    });
    expect(notice!.commands[0]!.command).toBe("retrain resume 2025Q2-1");
  });

  test("whoever listens for failures, with what is live", async () => {
    const [notice, ...others] = await told(["failed"]);
    expect(others).toEqual([]);
    expect(notice).toMatchObject({
      occasion: "failed",
      title: "demand 2025Q2 failed at export: version 2 is live",
      payload: { verdict: "promoted", live: "2" },
    });
    expect(notice!.markdown).not.toContain("came to no decision");
  });

  test("once, who listens for both", async () => {
    expect((await told(["promoted", "failed"])).map(({ occasion }) => occasion)).toEqual(["promoted"]);
  });

  test("an escalation is still one", async () => {
    const notices = await told(["escalated", "failed"], "fail");
    expect(notices.map(({ occasion }) => occasion)).toEqual(["escalated"]);
    expect(notices[0]!.summary.at(-1)).toBe("Version 1 is live; `export` failed.");
  });

  test("nobody else", async () => expect(await told(["escalated"])).toEqual([]));
});

describe("ends that no step's failure makes", () => {
  test("a person who moves the alias back meanwhile is seen", async () => {
    const world = await worldWithChampion();
    const told = await world.run(null, {
      afterPromote: async () => {
        const back = { name: world.model, alias: "best", to: "1", by: "Ada", reason: "", decision: null };
        await world.bench.registry.moveAlias({ ...back, key: "back" });
      },
    });
    expect(told.document).toMatchObject({ verdict: "promoted", champion: { before: "1", after: "1" } });
    expectTruth(told, "1");
    expect(told.pages.console).toContain(
      "demand@best serves version 1: this run promoted version 2, and the alias was moved since.",
    );
  });

  test("a dry run that breaks after it would have promoted says so and changed nothing", async () => {
    const world = await worldWithChampion({ dryRun: true });
    const told = await world.run(EXPORT_FAILS);
    expect(told.document).toMatchObject({
      verdict: "would-promote",
      exitCode: 1,
      champion: { before: "1", after: "2" },
      live: { version: "1", source: "registry" },
    });
    expect(told.pages.console).toContain("version 1 is live; `export` failed");
    expect(told.pages.console).toContain("demand@best still serves version 1. This was a dry run");
    expect(await world.live()).toBe("1");
  });

  test("--until promote: the alias moved, so that is the verdict, and the rest can be run later", async () => {
    const world = await worldWithChampion({ until: "promote" });
    const told = await world.run();
    expect(told).toMatchObject({ exitCode: 0, unfinished: true });
    expect(told.document.verdict).toBe("promoted");
    expectTruth(told, "2");
  });

  test("an optional step that does not stop at its time limit still breaks the run", async () => {
    const world = await worldWithChampion({ optional: ["check"] });
    const told = await world.run({ step: "check", kind: "stuck" });
    expect(told).toMatchObject({ exitCode: 1, unfinished: true });
    expect(told.document.verdict).toBe("failed");
    expectTruth(told, "1");
  });
});

describe("a registry that goes away after the alias has moved", () => {
  async function goneWorld(options: Partial<WorldOptions> = {}) {
    let isGone = false;
    const fail = async () => {
      if (isGone)
        throw new FailureError({
          code: "registry.unreachable",
          retryable: true,
          uri: "http://mlflow:5000",
          problem: "refused",
          detail: "ECONNREFUSED",
        } as never);
    };
    const registry = (real: ModelRegistry): ModelRegistry => ({
      ...real,
      getAlias: (...words) => fail().then(() => real.getAlias(...words)),
      aliasHistory: (...words) => fail().then(() => real.aliasHistory(...words)),
      putArtifacts: (...words) => fail().then(() => real.putArtifacts(...words)),
      getRun: (...words) => fail().then(() => real.getRun(...words)),
    });
    const world = await worldWithChampion({ ...options, registry });
    const turn = (gone: boolean) => {
      isGone = gone;
    };
    return { world, go: async () => turn(true), comeBack: () => turn(false) };
  }

  test("what the run left there is told as that, and the run is gone on with", async () => {
    const { world, go, comeBack } = await goneWorld();
    const error = await errorOf(world.run(null, { afterPromote: go }));
    expect(error).toBeInstanceOf(FailureError);
    const document = world.left("document.json");
    expect(document).toContain('"source": "run"');
    expect(document).toContain('"verdict": "promoted"');
    expect(world.left("job-summary.md")).toContain("now serves version 2 (was version 1)");
    expect(world.left("job-summary.md")).toContain("did not answer");
    expect(await world.bench.engine.runs.get(undefined)).toMatchObject({ verdict: null, unfinished: true });

    comeBack();
    const again = await world.run();
    expect(Object.values(again.statuses)).toEqual(Array.from({ length: 9 }, () => "reused"));
    expect(again).toMatchObject({ exitCode: 0, unfinished: false });
    expectTruth(again, "2");
  });

  test("also where a step fails after that", async () => {
    const { world, go, comeBack } = await goneWorld();
    await errorOf(world.run(EXPORT_FAILS, { afterPromote: go }));
    expect(world.left("job-summary.md")).toContain("version 2 is live; `export` failed");
    comeBack();
    expectTruth(await world.run(), "2");
  });

  test("a run that knows nothing of the alias says that it does not", async () => {
    const { world, go, comeBack } = await goneWorld();
    const told = await world.run({ step: "between", kind: "before" }, { between: go });
    expect(told.document).toMatchObject({
      verdict: "failed",
      exitCode: 1,
      live: { version: null, source: "unknown" },
    });
    for (const name of ["console", "job summary", "report"])
      expect(told.pages[name], name).toContain("What demand@best serves is not known");
    comeBack();
    expectTruth(await world.run(), "2");
  });
});

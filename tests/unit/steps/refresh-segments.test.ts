import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { periodOf } from "../../../src/calendar/period.js";
import { parseQuarter } from "../../../src/calendar/quarter.js";
import type { ArtifactReader, ArtifactWriter } from "../../../src/kit/artifact.js";
import { Segments } from "../../../src/kit/artifacts/segments.js";
import type { FailureError } from "../../../src/kit/failure.js";
import type { ModelRegistry, RegistryRun } from "../../../src/kit/registry.js";
import type { StepResult } from "../../../src/kit/step.js";
import { PANEL_FILE, writePanelArtifact } from "../../../src/panel/artifact.js";
import type { Panel } from "../../../src/panel/panel.js";
import { refreshSegments } from "../../../steps/refresh-segments.js";
import { MONTHS, panelOf } from "../../support/panels.js";

type Context = Parameters<typeof refreshSegments.run>[0];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "refresh-segments-"));
});
afterAll(() => rm(folder, { recursive: true }));

const writer = (at: string): ArtifactWriter => ({
  path: (name) => join(at, name),
  writeText: (name, text) => writeFile(join(at, name), text),
  writeBytes: (name, bytes) => writeFile(join(at, name), bytes),
  writeJson: (name, value) => writeFile(join(at, name), JSON.stringify(value)),
});

/** What an earlier quarter's run left in the registry. */
interface Earlier {
  readonly quarter: string;
  readonly json: string;
}

function registryWith(earlier: readonly Earlier[]): ModelRegistry {
  const runs = earlier.map(
    ({ quarter }) => ({ runId: `run-${quarter}`, quarter, closed: true }) as RegistryRun,
  );
  const only: Partial<ModelRegistry> = {
    listRuns: async () => runs,
    listArtifacts: async () => ["segments/segments.json"],
    readArtifact: async (runId) =>
      new TextEncoder().encode(earlier.find(({ quarter }) => runId === `run-${quarter}`)!.json),
  };
  return only as ModelRegistry;
}

/** Twelve series over three years: two regions, two tiers, volumes that fall by series. */
function panel(count = 12): Panel {
  const start = periodOf(2022, 7, MONTHS);
  const series = Array.from({ length: count }, (_, s) => ({
    id: `P${String(s).padStart(2, "0")}`,
    start,
    values: Array.from({ length: 36 }, (_, t) => (count - s) * 10 + ((t * 5 + s) % 7)),
  }));
  const codes = (of: (s: number) => number) => Int32Array.from({ length: count }, (_, s) => of(s));
  return {
    ...panelOf(series),
    attributes: [
      { name: "region", levels: ["north", "south"], codes: codes((s) => s % 2) },
      { name: "tier", levels: ["gold", "tin"], codes: codes((s) => (s < 3 ? 0 : 1)) },
    ],
  };
}

let runs = 0;

async function context(
  given: unknown,
  own: Panel,
  earlier: readonly Earlier[],
): Promise<Context & { warnings: string[] }> {
  const at = join(folder, String(runs++));
  await mkdir(at);
  await writePanelArtifact(own, writer(at));
  const reader: ArtifactReader = {
    kind: "panel",
    hash: `sha256:${at}`,
    files: [],
    file: (name) => join(at, name === PANEL_FILE ? PANEL_FILE : "missing"),
    readJson: () => Promise.reject(new Error("not JSON")),
  };
  const warnings: string[] = [];
  const columns = {
    series: "id",
    time: "month",
    target: "y",
    attributes: ["region", "tier"],
    known: [],
    observed: [],
  };
  const scope: Partial<Context> = {
    params: refreshSegments.params.parse(given),
    inputs: { panel: reader },
    outputs: { segments: writer(at) },
    quarter: parseQuarter("2025Q2")!,
    data: { sources: [], frequency: "month", columns, delimiter: null },
    model: { name: "demand", alias: "best", horizon: 6, firstRelease: "promote" },
    fiscalYearStart: 1,
    services: {
      registry: registryWith(earlier),
      clock: { now: () => "", monotonic: () => 0 },
      memo: (_, load) => load(),
    },
    warn: (message) => warnings.push(message),
  };
  return { ...(scope as Context), warnings };
}

async function run(
  given: unknown,
  own = panel(),
  earlier: readonly Earlier[] = [],
): Promise<StepResult & { segments: Segments; text: string; warnings: string[] }> {
  const ctx = await context(given, own, earlier);
  const result = await refreshSegments.run(ctx);
  const text = await readFile(ctx.outputs.segments.path("segments.json"), "utf8");
  return { ...result, segments: Segments.parse(JSON.parse(text)), text, warnings: ctx.warnings };
}

describe("by attributes", () => {
  test("writes every series with its segment, and says that there was no earlier quarter", async () => {
    const { segments, metrics, summary } = await run({ by: ["region", "tier"] });
    expect(segments.method).toBe("attributes");
    expect(segments.segments.map(({ id, series }) => [id, series])).toEqual([
      ["north|gold", 2],
      ["north|tin", 4],
      ["south|gold", 1],
      ["south|tin", 5],
    ]);
    expect(segments.segments.reduce((sum, { volumeShare }) => sum + volumeShare, 0)).toBeCloseTo(1, 12);
    expect(segments.assignment.P02).toBe("north|gold");
    expect(metrics).toEqual({
      segments: { value: 4, n: 12 },
      moved: { value: null, why: "no-previous-segments" },
      movedShare: { value: null, why: "no-previous-segments" },
    });
    expect(summary).toBe("4 segments");
  });

  test("small segments are merged", async () => {
    const { segments } = await run({ by: ["region", "tier"], minSeries: 3 });
    expect(segments.segments.map(({ id, series }) => [id, series])).toEqual([
      ["north|tin", 4],
      ["other", 3],
      ["south|tin", 5],
    ]);
  });

  test("an unknown attribute stops the step with what there is", async () => {
    const failure = await run({ by: ["regoin"] }).catch((error: FailureError) => error.failure);
    expect(failure).toMatchObject({ code: "data.name-unknown", name: "regoin", known: ["region", "tier"] });
  });
});

describe("against last quarter", () => {
  test("lists who moved, who is new and who is lost", async () => {
    const { segments: before } = await run({ by: ["tier"] }, panel(11));
    const assignment = { ...before.assignment, P00: "tin", gone: "gold" };
    const earlier = [{ quarter: "2025Q1", json: JSON.stringify({ ...before, assignment }) }];
    const { segments, metrics, summary } = await run({ by: ["tier"] }, panel(12), earlier);
    expect(segments).toMatchObject({
      previous: "2025Q1",
      moved: [{ series: "P00", from: "tin", to: "gold" }],
      newSeries: ["P11"],
      lostSeries: ["gone"],
    });
    expect(metrics).toMatchObject({ moved: { value: 1, n: 11 }, movedShare: { value: 1 / 11, n: 11 } });
    expect(summary).toBe("2 segments; since 2025Q1: 1 moved, 1 new, 1 lost");
  });

  test("another method moves nobody, and says so", async () => {
    const { text } = await run({ by: ["tier"] });
    const { segments, metrics, warnings } = await run({}, panel(), [{ quarter: "2025Q1", json: text }]);
    expect(segments.method).toBe("abc-xyz");
    expect(segments.moved).toEqual([]);
    expect(metrics!.moved).toEqual({ value: null, why: "method-changed" });
    expect(warnings).toEqual([
      "the method changed from attributes to abc-xyz: no series is counted as moved",
    ]);
  });

  test("k-means keeps its ids", async () => {
    const { text, segments: before } = await run({ k: 3 });
    // Last quarter's ids under other names: only a matching by members brings them back.
    const renamed = text.replaceAll('"S1"', '"S9"').replaceAll('"S2"', '"S7"');
    const { segments, metrics } = await run({ k: 3 }, panel(), [{ quarter: "2025Q1", json: renamed }]);
    expect(metrics!.moved).toEqual({ value: 0, n: 12 });
    expect(new Set(segments.segments.map(({ id }) => id))).toEqual(new Set(["S3", "S7", "S9"]));
    expect(segments.segments.map(({ series }) => series).sort()).toEqual(
      before.segments.map(({ series }) => series).sort(),
    );
  });

  test("what was read is in the fingerprint", async () => {
    const json = (await run({ by: ["tier"] })).text;
    const earlier = [{ quarter: "2025Q1", json }];
    const sha256 = createHash("sha256").update(json).digest("hex");
    expect(await refreshSegments.external!(await context({}, panel(), earlier))).toEqual({
      previous: { runId: "run-2025Q1", sha256 },
    });
    expect(await refreshSegments.external!(await context({}, panel(), []))).toEqual({ previous: null });
  });

  test("quarters from the one that is run on are not history", async () => {
    const json = (await run({ by: ["tier"] })).text;
    const { segments } = await run({ by: ["tier"] }, panel(), [
      { quarter: "2025Q2", json },
      { quarter: "2025Q3", json },
    ]);
    expect(segments.previous).toBeNull();
  });

  test("a damaged file in the registry stops the step", async () => {
    for (const json of ["{", "{}"]) {
      const failure = await run({}, panel(), [{ quarter: "2025Q1", json }]).catch(
        (error: FailureError) => error.failure,
      );
      expect(failure).toMatchObject({
        code: "registry.corrupt",
        path: "run run-2025Q1: segments/segments.json",
      });
    }
  });
});

test("the same inputs give the same bytes", async () => {
  for (const given of [{ by: ["region"] }, {}, { k: 3, seed: 5 }]) {
    expect((await run(given)).text).toBe((await run(given)).text);
  }
});

describe("parameters", () => {
  const problems = (given: unknown): string[] => {
    const parsed = refreshSegments.params.safeParse(given);
    return parsed.success
      ? []
      : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  };

  test.each([
    [{}, "abc-xyz"],
    [{ by: ["tier"] }, "attributes"],
    [{ k: 2 }, "k-means"],
    [{ method: "k-means" }, "k-means"],
    [{ volumeShares: [0.5, 0.9], variation: [0.2, 0.4] }, "abc-xyz"],
  ])("%j means %s", async (given, method) => {
    expect((await run(given)).segments.method).toBe(method);
  });

  test("a parameter of another method is an error that says whose it is", () => {
    expect(problems({ by: ["tier"], k: 3 })).toEqual([
      "k: `k` belongs to method k-means, but the method is attributes",
    ]);
    expect(problems({ method: "abc-xyz", by: ["tier"] })).toEqual([
      "by: `by` belongs to method attributes, but the method is abc-xyz",
    ]);
    expect(problems({ method: "attributes" })).toEqual(["method: method attributes needs `by`"]);
  });

  test("unknown keys and limits that do not rise are errors", () => {
    expect(problems({ bye: ["tier"] })).toHaveLength(1);
    expect(problems({ volumeShares: [0.9, 0.8] })).toEqual(["volumeShares: must rise"]);
    expect(problems({ variation: [1, 1] })).toEqual(["variation: must rise"]);
    expect(problems({ k: 1 })).toHaveLength(1);
  });

  test("every parameter has a description in the JSON schema", () => {
    const schema = z.toJSONSchema(refreshSegments.params, { io: "input" });
    expect(Object.keys(schema.properties!)).toContain("by");
    for (const property of Object.values(schema.properties!)) expect(property).toHaveProperty("description");
  });
});

import { describe, expect, test } from "vitest";
import { closedRuns, previousArtifact } from "../../../src/history/previous.js";
import { openPast } from "./past.js";

describe("closedRuns", () => {
  test("latest quarter first, newest run of a quarter first; open runs and later quarters are left out", async () => {
    const past = await openPast();
    const a = await past.run("2024Q3");
    const b = await past.run("2025Q1");
    const c = await past.run("2024Q4");
    const d = await past.run("2024Q4");
    await past.run("2024Q4", { closed: false });
    await past.run("2025Q2");
    const runs = await closedRuns(past.registry, "demand", "2025Q2");
    expect(runs.map(({ runId }) => runId)).toEqual([b, d, c, a].map(({ runId }) => runId));
    expect(await closedRuns(past.registry, "demand", "2024Q3")).toEqual([]);
    expect(await closedRuns(past.registry, "unknown", "2025Q2")).toEqual([]);
  });
});

describe("previousArtifact", () => {
  test("from the newest closed run of the latest earlier quarter that has it", async () => {
    const past = await openPast();
    const file = (text: string) => ({ files: { "segments/segments.json": text } });
    await past.run("2024Q3", file("old"));
    await past.run("2024Q4", file("first"));
    const second = await past.run("2024Q4", file("second"));
    await past.run("2024Q4", { ...file("open"), closed: false });
    await past.run("2025Q1");
    await past.run("2025Q2", file("this quarter"));
    const scope = { model: "demand", quarter: "2025Q2" };
    const found = await previousArtifact(past.registry, scope, "segments/segments.json");
    expect(found).toEqual({ quarter: "2024Q4", runId: second.runId, bytes: Buffer.from("second") });
    expect(await previousArtifact(past.registry, scope, "segments/none.json")).toBeNull();
  });
});

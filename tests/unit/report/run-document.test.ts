import { describe, expect, test } from "vitest";
import { liveSentence } from "../../../src/report/live.js";
import { buildRunDocument, type LiveVersion } from "../../../src/report/run-document.js";
import { documentInput } from "./sample.js";

const build = (degraded: boolean, change: object = {}) =>
  buildRunDocument({ ...documentInput(degraded), ...change });

describe("the document of `quarter --json`", () => {
  test("has the names of the contract", () => {
    const document = JSON.parse(JSON.stringify(build(false)));
    expect(document).toMatchObject({
      run: "2025Q2-4f1c09",
      quarter: "2025Q2",
      cutoff: "2025-06-30",
      dryRun: false,
      verdict: "promoted",
      exitCode: 0,
      candidate: { name: "room-demand", version: "4" },
      champion: { before: "3", after: "4" },
      metrics: {
        "accuracy.wmape": 0.1114583,
        "accuracy.naive.wmape": 0.1572917,
        "accuracy.coverage": null,
        "train.cv.wmape": 0.1042,
        "train.naive.wmape": 0.1421,
      },
    });
    expect(document.steps[0]).toMatchObject({
      id: "validate",
      type: "validate-data",
      status: "succeeded",
      seconds: 0.38,
      summary: "5,736 rows, 60 series, 1 warning",
      failure: null,
    });
    expect(document.decision.rules[0]).toMatchObject({
      id: "accuracy",
      verdict: "PASS",
      observed: 0.111,
      limit: 0.2,
      n: 180,
    });
    expect(Object.keys(document.files)).toEqual(["report", "outlook", "snapshot", "escalation"]);
    expect(document.files.escalation).toBeNull();
  });

  test("a run that failed says why, and that the alias did not move", () => {
    const input = documentInput();
    const document = buildRunDocument({
      ...input,
      run: {
        ...input.run,
        verdict: "failed",
        exitCode: 1,
        champion: { before: "3", after: "3" },
        live: { version: "3", source: "registry" },
      },
      decision: null,
      registered: null,
      steps: [
        {
          ...input.steps[0]!,
          status: "failed",
          failure: { code: "data.empty", retryable: false, file: "demand.csv" },
        },
      ],
    });
    expect(document.champion).toEqual({ before: "3", after: "3" });
    expect(document.candidate).toBeNull();
    expect(document.steps[0]!.failure).toMatchObject({ code: "data.empty", title: "The file has no rows" });
  });
});

describe("what is live, in one sentence", () => {
  const sentence = (
    verdict: string,
    before: string | null,
    after: string | null,
    live: LiveVersion | null,
  ) => {
    const { live: _live, ...document } = build(false);
    const candidate = { name: "room-demand", version: "4" };
    const asked = live === null ? {} : { live };
    return liveSentence({ ...document, candidate, verdict, champion: { before, after }, ...asked } as never);
  };
  const registry = (version: string | null): LiveVersion => ({ version, source: "registry" });

  test.each([
    ["promoted", "3", "4", registry("4"), "room-demand@best now serves version 4 (was version 3)."],
    ["promoted", null, "4", registry("4"), "room-demand@best now serves version 4, its first."],
    ["promoted", "4", "4", registry("4"), "room-demand@best serves version 4 already."],
    [
      "promoted",
      "3",
      "3",
      registry("3"),
      "room-demand@best serves version 3: this run promoted version 4, and the alias was moved since.",
    ],
    [
      "promoted",
      "3",
      null,
      registry(null),
      "Nothing is live under room-demand@best: this run promoted version 4, and the alias was moved since.",
    ],
    ["promoted", "3", "4", { version: "4", source: "run" }, /now serves version 4 .*did not answer/],
    ["escalated", "3", "3", registry("3"), "room-demand@best still serves version 3."],
    ["escalated", null, null, registry(null), "Nothing is live yet under room-demand@best."],
    ["escalated", "3", "5", registry("5"), /^room-demand@best serves version 5 by now; it served version 3/],
    [
      "failed",
      "3",
      null,
      registry(null),
      /^Nothing is live under room-demand@best by now; it served version 3/,
    ],
    ["failed", null, null, { version: null, source: "unknown" }, /is not known: the registry did not answer/],
    ["would-promote", "3", "4", registry("3"), /still serves version 3\. .*would move it to version 4\.$/],
    // Documents of programs that did not ask.
    ["promoted", "3", "4", null, "room-demand@best now serves version 4 (was version 3)."],
    ["would-promote", "3", "4", null, /still serves version 3\. .*would move it to version 4\.$/],
    ["escalated", "3", "3", null, "room-demand@best still serves version 3."],
  ] as const)("%s from %s to %s, live %j", (verdict, before, after, live, expected) => {
    expect(sentence(verdict, before, after, live)).toEqual(
      typeof expected === "string" ? expected : expect.stringMatching(expected),
    );
  });
});

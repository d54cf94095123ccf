import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { RunEvent } from "../../../../src/kit/events.js";
import { NEVER_RAN } from "../../../../src/kit/explanation.js";
import { commandsFor } from "../../../../src/report/commands.js";
import { bar } from "../../../../src/report/console/bar.js";
import { consoleReporter } from "../../../../src/report/console/console.js";
import { jsonLinesReporter } from "../../../../src/report/console/json-lines.js";
import { buildRunDocument } from "../../../../src/report/run-document.js";
import { createStyle } from "../../../../src/report/style.js";
import { columns } from "../../../../src/report/text.js";
import { documentInput } from "../sample.js";

const started: RunEvent = {
  type: "run-started",
  run: "2025Q2-4f1c09",
  quarter: "2025Q2",
  cutoff: "2025-06-30",
  dryRun: false,
  resumed: false,
  runbook: "runbook.yaml",
  steps: [
    { id: "validate", type: "validate-data", summary: "" },
    { id: "train", type: "train-pooled-cv", summary: "" },
  ],
};
const begin = (step: string, reason = NEVER_RAN): RunEvent => ({ type: "step-started", step, reason });
const progress = (done: number): RunEvent => ({
  type: "step-progress",
  step: "train",
  done,
  total: 3,
  label: "folds",
});
const finished = (step: string, change: object = {}): RunEvent => ({
  type: "step-finished",
  step,
  status: "succeeded",
  seconds: 0.38,
  summary: "5,736 rows, 60 series",
  metrics: {},
  failure: null,
  ...change,
});
const ended: RunEvent = { type: "run-finished", run: "r", verdict: "promoted", exitCode: 0, seconds: 5 };

/** The text that a terminal of this width would show; escape sequences are `\r`, clear line and newline only. */
function screen(output: string): string[] {
  const lines = [""];
  for (const part of output.replaceAll("\u001b[2K", "\r\r").split(/(\r\r|\r|\n)/)) {
    if (part === "\n") lines.push("");
    else if (part === "\r\r") lines[lines.length - 1] = "";
    else if (part !== "\r") lines[lines.length - 1] += part;
  }
  return lines;
}

/** What is below the header. */
const body = (output: string): string[] => {
  const lines = screen(output);
  return lines.slice(lines.indexOf("") + 1);
};

let now = 0;
const clock = { now: () => "2025-07-09T00:00:00.000Z", monotonic: () => now };
function record(options: { tty: boolean; color?: boolean; width?: number }) {
  let output = "";
  const stream = { write: (text: string) => (output += text) };
  const reporter = consoleReporter({
    stream,
    tty: options.tty,
    style: createStyle({ color: options.color ?? false, width: options.width ?? 80, isScreen: options.tty }),
    clock,
    commands: commandsFor({ runbook: null, stateDir: null, overrides: [], dryRun: false }),
  });
  return { reporter, text: () => output, send: (...events: RunEvent[]) => events.forEach(reporter.onEvent) };
}

beforeEach(() => {
  now = 0;
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("on a terminal", () => {
  test("one aligned line a step remains, with mark, id, summary and seconds", () => {
    const { send, text } = record({ tty: true });
    send(started, begin("validate"), finished("validate"), begin("train"), progress(1), progress(3));
    send(finished("train", { seconds: 125, summary: "CV WMAPE 10.4%" }), ended);
    expect(screen(text())).toEqual([
      "Quarter 2025Q2  cutoff 2025-06-30 · runbook.yaml · 2 steps · run 2025Q2-4f1c09",
      "",
      `  ✔ validate  ${"5,736 rows, 60 series".padEnd(55)}      0.4 s`,
      `  ✔ train     ${"CV WMAPE 10.4%".padEnd(55)}   2 m 05 s`,
      "",
    ]);
  });

  test("the running line is redrawn with a bar of the folds, and fits", () => {
    const { send, text } = record({ tty: true, width: 60 });
    send(started, begin("train"), progress(2));
    now = 4600;
    vi.advanceTimersByTime(100);
    const line = screen(text()).at(-1)!;
    expect(line).toMatch(/train\s+━+─+ 2\/3 folds\s+1\/2 {2}4\.6 s$/);
    expect(columns(line)).toBeLessThan(60);
    expect(body(text())).toHaveLength(1);
  });

  test("the spinner stops with the run, and with close", () => {
    const first = record({ tty: true });
    first.send(started, begin("train"));
    expect(vi.getTimerCount()).toBe(1);
    first.send(finished("train"));
    expect(vi.getTimerCount()).toBe(0);
    const second = record({ tty: true });
    second.send(started, begin("train"));
    second.reporter.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(screen(second.text()).at(-1)).toBe("");
  });

  test("a long summary goes on below, at any width and in any script", () => {
    for (const width of [40, 61, 200]) {
      const { send, text } = record({ tty: true, width });
      const summary = "東京の客室需要 ".repeat(40).trim();
      send(started, finished("validate", { summary }));
      const lines = body(text()).slice(0, -1);
      for (const line of lines) expect(columns(line)).toBeLessThanOrEqual(width);
      const shown = lines.map((line) => line.replace(/^ {2}✔ validate| {4,}0\.4 s$/g, "").trim());
      expect(shown.join(" ")).toBe(summary);
    }
  });

  test("the running line says which step of how many, and what is left by earlier runs", () => {
    const { reporter, send, text } = record({ tty: true, width: 120 });
    reporter.expect(
      new Map([
        ["validate", 4],
        ["train", 100],
      ]),
    );
    send(started, begin("validate"));
    now = 1000;
    vi.advanceTimersByTime(100);
    expect(screen(text()).at(-1)).toMatch(/validate .* step 1 of 2, 1\.0 s, about 2 m left$/);
    send(finished("validate"), begin("train"), progress(1));
    now = 51_000;
    vi.advanceTimersByTime(100);
    expect(screen(text()).at(-1)).toMatch(/1\/3 folds +step 2 of 2, 50\.0 s, about 50 s left$/);
    now = 151_000;
    vi.advanceTimersByTime(100);
    expect(screen(text()).at(-1)).toMatch(/about 5 s left$/);
  });

  test("nothing is said of what is left where an earlier run does not tell of each step", () => {
    const { reporter, send, text } = record({ tty: true, width: 120 });
    reporter.expect(new Map([["validate", 4]]));
    send(started, begin("validate"));
    expect(screen(text()).at(-1)).toMatch(/step 1 of 2, 0\.0 s$/);
  });

  test("what a step prints stands above the running line", () => {
    const { reporter, send, text } = record({ tty: true });
    send(started, begin("train"));
    reporter.say("a line of\u001b[2J the step");
    expect(screen(text()).slice(-2)).toEqual(["a line of the step", expect.stringMatching(/train/)]);
  });

  test("warnings stand above the running line, in full", () => {
    const { send, text } = record({ tty: true, width: 50 });
    send(started, begin("validate"), {
      type: "step-warned",
      step: "validate",
      message: "price_index has 4 empty cells this quarter, which is more than the 1% that is allowed",
    });
    const lines = screen(text());
    expect(lines.at(-1)).toMatch(/validate/);
    expect(body(text()).slice(0, -1).join(" ").replace(/\s+/g, " ")).toContain(
      "! price_index has 4 empty cells this quarter, which is more than the 1% that is allowed",
    );
  });
});

describe("why a step runs", () => {
  const reason = "its model.onnx in the object store is damaged";

  test("is a line of its own in a log", () => {
    const { send, text } = record({ tty: false });
    send(begin("train", reason), begin("validate"));
    expect(text()).toBe(`→ train: ${reason}\n`);
  });

  test("and on a terminal, aligned and wrapped", () => {
    const { send, text } = record({ tty: true, width: 40 });
    send(started, begin("train", reason), finished("train"), ended);
    expect(body(text()).slice(0, 3)).toEqual([
      "  → train     its model.onnx in the",
      "              object store is damaged",
      expect.stringContaining("✔ train"),
    ]);
  });
});

describe("elsewhere", () => {
  test("plain lines: no control characters, no colour, nothing cut", () => {
    const { send, text } = record({ tty: false, width: 20 });
    const summary = `a summary ${"that goes on ".repeat(10)}to the end`;
    send(started, begin("validate"), finished("validate", { summary }), begin("train"), progress(1));
    send({ type: "step-warned", step: "train", message: "few\u001b[31m rows" });
    send(finished("train", { status: "skipped", summary: "" }), ended);
    expect(text()).toBe(
      [
        "Quarter 2025Q2  cutoff 2025-06-30 · runbook.yaml · 2 steps · run 2025Q2-4f1c09",
        `✔ validate: ${summary} (0.4 s)`,
        "! train: few rows",
        "– train",
        "",
      ].join("\n"),
    );
  });

  test("a slow step says now and then how far it is", () => {
    const { send, text } = record({ tty: false });
    send(started, begin("train"), progress(1));
    now = 11_000;
    send(progress(2), progress(3));
    expect(text().split("\n").slice(1)).toEqual(["… train: 2/3 folds", ""]);
  });
});

describe("the last block", () => {
  const finish = (degraded: boolean, options: { tty: boolean; color?: boolean }, change: object = {}) => {
    const { reporter, text } = record(options);
    const input = documentInput(degraded);
    reporter.finish(buildRunDocument({ ...input, ...change }));
    return text();
  };

  test("promoted: verdict, what is live, files, next commands", () => {
    const text = finish(false, { tty: false });
    expect(text).toContain("PROMOTED  room-demand 2025Q2 in 6.7 s");
    expect(text).toContain("  live     room-demand@best now serves version 4 (was version 3).");
    expect(text).toContain("  report   .retrain/runs/2025Q2-4f1c09/report.html");
    expect(text).toContain("  next     retrain report 2025Q2-4f1c09");
    expect(text).not.toContain("escalation");
  });

  test("escalated: every rule that stands in the way, and the page to read", () => {
    const text = finish(true, { tty: false });
    expect(text).toContain("✖ accuracy: accuracy.wmape is 29.5%, allowed is at most 20.0% (n 180)");
    expect(text).toContain("? beats-champion");
    expect(text).toContain("! checkpoints");
    expect(text).toContain("escalation.md");
    expect(text).toContain("retrain escalation 2025Q2-4f1c09");
  });

  test("failed: the failure in words", () => {
    const input = documentInput();
    const text = finish(
      false,
      { tty: false },
      {
        run: {
          ...input.run,
          verdict: "failed",
          exitCode: 1,
          champion: { before: "3", after: "3" },
          live: { version: "3", source: "registry" },
        },
        steps: [
          {
            ...input.steps[0]!,
            status: "failed",
            failure: { code: "data.empty", retryable: false, file: "d.csv" },
          },
        ],
      },
    );
    expect(text).toContain("FAILED");
    expect(text).toContain("✖ The file has no rows");
    expect(text).toContain("room-demand@best still serves version 3.");
    expect(text).toContain("retrain quarter 2025Q2");
  });

  test("colour only where it is asked for", () => {
    expect(finish(true, { tty: true, color: true })).toContain("\u001b[");
    expect(finish(true, { tty: true, color: false })).not.toContain("\u001b[");
  });
});

test("JSON lines are the events, one a line", () => {
  const lines: string[] = [];
  const reporter = jsonLinesReporter((line) => lines.push(line));
  for (const event of [started, ended]) reporter.onEvent(event);
  expect(lines.every((line) => line.endsWith("\n") && !line.slice(0, -1).includes("\n"))).toBe(true);
  expect(lines.map((line) => JSON.parse(line))).toEqual([started, ended]);
});

test.each([
  [0, 3, 9, 0],
  [1, 3, 9, 3],
  [3, 3, 9, 9],
  [5, 3, 9, 9],
  [0, 0, 9, 0],
])("a bar of %i of %i in %i columns has %i full cells", (done, total, width, full) => {
  const drawn = bar(done, total, width);
  expect([drawn.full.length, drawn.full.length + drawn.rest.length]).toEqual([full, width]);
});

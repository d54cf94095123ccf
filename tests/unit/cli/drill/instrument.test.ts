import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { type Adapters, systemAdapters } from "../../../../src/cli/adapters.js";
import { describeFileCall } from "../../../../src/cli/drill/boundary.js";
import { instrument, type Watch } from "../../../../src/cli/drill/instrument.js";
import {
  dieAt,
  lookAtFolder,
  type Moment,
  momentName,
  recordMoments,
} from "../../../../src/cli/drill/moments.js";
import { tearFileCall } from "../../../../src/cli/drill/tear.js";
import { appendRecord, readRecords } from "../../../../src/durable/journal.js";
import { nodeFiles } from "../../../../src/durable/node-files.js";
import { embeddedRegistry } from "../../../../src/registry/embedded/registry.js";

class Died extends Error {}
const die = () => Promise.reject(new Died());

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "retrain-unit-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const adaptersAt = (root: string, watch: Watch): Adapters =>
  instrument({ ...systemAdapters, notify: async () => [] }, root, tearFileCall, watch);

const moment = (side: Moment["side"], what: string, occurrence = 1): Moment => ({
  kind: "run file",
  what,
  side,
  occurrence,
});

describe("dying at a moment", () => {
  const what = "write runs/r/report.html";

  test.each([
    ["before", undefined, []],
    ["torn", undefined, [".tmp-torn"]],
    ["after", "content", ["report.html"]],
  ] as const)("%s a write", async (side, content, names) => {
    const root = folder();
    const { files } = adaptersAt(root, dieAt(moment(side, what), die));
    await files.makeFolder(join(root, "runs", "r"));
    await expect(files.writeAtomic(join(root, "runs", "r", "report.html"), "content")).rejects.toThrow(Died);
    expect(readdirSync(join(root, "runs", "r"))).toEqual(names);
    if (content !== undefined)
      expect(readFileSync(join(root, "runs", "r", "report.html"), "utf8")).toBe(content);
    // What a reader of the folder sees is never half of anything.
    expect(await nodeFiles().list(join(root, "runs", "r"))).toEqual(
      content === undefined ? [] : ["report.html"],
    );
  });

  test("the second time, and not the first", async () => {
    const root = folder();
    const { files } = adaptersAt(root, dieAt(moment("after", what, 2), die));
    const path = join(root, "runs", "r", "report.html");
    await files.writeAtomic(path, "1");
    await expect(files.writeAtomic(path, "2")).rejects.toThrow(Died);
  });

  test("in the middle of an append, which leaves half a line that the journal drops", async () => {
    const root = folder();
    const path = join(root, "runs", "r", "journal.jsonl");
    const target = {
      kind: "journal line",
      what: "append step-started train",
      side: "torn",
      occurrence: 1,
    } as const;
    const { files } = adaptersAt(root, dieAt(target, die));
    await appendRecord(files, path, { type: "session-started" }, "store.corrupt");
    await expect(
      appendRecord(files, path, { type: "step-started", step: "train" }, "store.corrupt"),
    ).rejects.toThrow(Died);
    const text = readFileSync(path, "utf8");
    expect(text.endsWith("\n")).toBe(false);
    expect(text.split("\n")[1]).toMatch(/^\{"seq":2,.+/);
    expect(await readRecords(nodeFiles(), path, z.unknown(), "store.corrupt")).toEqual([
      { type: "session-started" },
    ]);
  });

  test("around a registry call and a notification", async () => {
    const root = folder();
    const clock = systemAdapters.clock;
    const names: string[] = [];
    const watch: Watch = async (boundary, side) =>
      void names.push(`${side} ${boundary.kind} ${boundary.what}`);
    const { registry, notify } = adaptersAt(root, watch);
    const opened = registry(
      embeddedRegistry({ folder: join(root, "registry"), files: nodeFiles(), clock }, "file:registry"),
    );
    expect(await opened.listVersions("m")).toEqual([]);
    await opened.ensureRun({ key: "k", model: "m", name: "n", quarter: "q", cutoff: "2025-06-30", tags: {} });
    await (notify as unknown as () => Promise<unknown>)();
    expect(names).toEqual([
      "before registry call ensureRun",
      "after registry call ensureRun",
      "before notification every channel",
      "after notification every channel",
    ]);
  });
});

describe("recording the moments of a run", () => {
  test("reads are none; a moment that finds the state of the one before is marked, a tear never is", async () => {
    const root = folder();
    const { watch, moments } = recordMoments(() => lookAtFolder(root));
    const { files } = adaptersAt(root, watch);
    const path = join(root, "runs", "r", "report.html");
    await files.readText(path);
    await files.writeAtomic(path, "1");
    await files.remove(join(root, "nothing"));
    await files.writeAtomic(path, "2");
    expect(moments.map((each) => [momentName(each), each.sameAsBefore, each.sameTear])).toEqual([
      ["before run file: write runs/r/report.html", false, false],
      ["torn run file: write runs/r/report.html", false, false],
      ["after run file: write runs/r/report.html", false, false],
      ["before other file: remove nothing", true, false],
      ["after other file: remove nothing", true, false],
      ["before run file: write runs/r/report.html (2)", true, false],
      ["torn run file: write runs/r/report.html (2)", false, true],
      ["after run file: write runs/r/report.html (2)", false, false],
    ]);
  });

  test("what a step wrote between two calls makes another state", async () => {
    const root = folder();
    const { watch, moments } = recordMoments(() => lookAtFolder(root));
    const { files } = adaptersAt(root, watch);
    await files.makeFolder(join(root, "a"));
    await nodeFiles().writeAtomic(join(root, "a", "file"), "written by a step");
    await files.makeFolder(join(root, "a"));
    expect(moments.map(({ sameAsBefore }) => sameAsBefore)).toEqual([false, false, false, true]);
  });
});

test("an object and a record are named by what they are of, not by their hashes", () => {
  const root = folder();
  const record = JSON.stringify({ components: { step: { type: "gate" } } });
  const staged = join(root, "runs", "r", "steps", "gate", "decision", "decision.json");
  expect([
    describeFileCall(root, "copyInto", [staged, join(root, "objects", "ab", "cdef")]),
    describeFileCall(root, "writeAtomic", [join(root, "records", "ab", "cdef.json"), record]),
    describeFileCall(root, "remove", [join(root, "records", "ab", "cdef.json")]),
    describeFileCall(root, "createExclusive", [join(root, "locks", "m.lock.after-1234"), "{}"]),
  ]).toEqual([
    { kind: "object", what: "copy of gate/decision/decision.json" },
    { kind: "step record", what: "write of gate" },
    { kind: "step record", what: "remove of an effect" },
    { kind: "lock", what: "create m.lock.after-…" },
  ]);
});

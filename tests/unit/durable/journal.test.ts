import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { appendRecord, readRecords } from "../../../src/durable/journal.js";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { tempFolder } from "./temp-folder.js";

const files = nodeFiles();
const code = "store.corrupt";
const read = (path: string) => readRecords(files, path, z.unknown(), code);

/** What the format promises, computed in another way: complete lines only. */
function survivors<T>(values: readonly T[], text: string, cut: number): T[] {
  const complete = Buffer.from(text).subarray(0, cut).toString("latin1").split("\n").length - 1;
  return values.slice(0, complete);
}

describe("journal", () => {
  test("records come back in order with sequence numbers from 1", async () => {
    const path = join(await tempFolder(), "log.jsonl");
    expect(await read(path)).toEqual([]);
    expect(await appendRecord(files, path, { a: 1 }, code)).toBe(1);
    expect(await appendRecord(files, path, "zwei\n", code)).toBe(2);
    expect(await read(path)).toEqual([{ a: 1 }, "zwei\n"]);
    const lines = (await readFile(path, "utf8")).split("\n");
    // As documented: each hash is over the hash before and the text of the line without its hash.
    const hash = (before: string, text: string) =>
      createHash("sha256")
        .update(before + text)
        .digest("hex");
    const first = hash(hash("", ""), '{"seq":1,"record":{"a":1}');
    const second = hash(first, '{"seq":2,"record":"zwei\\n"');
    expect(lines).toEqual([
      `{"seq":1,"record":{"a":1},"hash":"${first}"}`,
      `{"seq":2,"record":"zwei\\n","hash":"${second}"}`,
      "",
    ]);
  });

  test("cut at every byte: the complete lines survive, and the next append goes on after them", async () => {
    const folder = await tempFolder();
    const values = [{ step: "tränen", n: 1 }, { step: "日本", n: -2.5 }, ["🙂", null], "end"];
    const whole = join(folder, "whole.jsonl");
    for (const value of values) await appendRecord(files, whole, value, code);
    const bytes = await readFile(whole);
    const path = join(folder, "cut.jsonl");
    for (let cut = 0; cut <= bytes.length; cut++) {
      await writeFile(path, bytes.subarray(0, cut));
      const expected = survivors(values, bytes.toString("utf8"), cut);
      expect(await read(path), `cut at ${cut}`).toEqual(expected);
      expect(await appendRecord(files, path, "next", code)).toBe(expected.length + 1);
      expect(await read(path), `appended after a cut at ${cut}`).toEqual([...expected, "next"]);
    }
  });

  test("any values, any cut", async () => {
    const folder = await mkdtemp(join(tmpdir(), "retrain-test-"));
    let n = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue(), { maxLength: 5 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (raw, share) => {
          const values = raw.map((value) => JSON.parse(JSON.stringify(value)) as unknown);
          const path = join(folder, `${++n}.jsonl`);
          await writeFile(path, "");
          for (const value of values) await appendRecord(files, path, value, code);
          const bytes = await readFile(path);
          const cut = Math.floor(share * bytes.length);
          await writeFile(path, bytes.subarray(0, cut));
          expect(await read(path)).toEqual(survivors(values, bytes.toString("utf8"), cut));
        },
      ),
      { numRuns: 40 },
    );
    await rm(folder, { recursive: true });
  });

  test("a last line of zeros, as a power cut leaves it, is torn too", async () => {
    const path = join(await tempFolder(), "log.jsonl");
    await appendRecord(files, path, 1, code);
    await writeFile(path, `${await readFile(path, "utf8")}\0\0\0\0\n`);
    expect(await read(path)).toEqual([1]);
    expect(await appendRecord(files, path, 2, code)).toBe(2);
    expect(await read(path)).toEqual([1, 2]);
  });

  test.each([
    ["not JSON", "{oops\n"],
    ["a gap in the sequence", '{"seq":3,"record":0}\n'],
    ["no sequence number", '{"record":0}\n'],
  ])("a broken line in the middle fails: %s", async (_name, line) => {
    const path = join(await tempFolder(), "log.jsonl");
    await appendRecord(files, path, "first", code);
    await writeFile(path, `${await readFile(path, "utf8")}${line}{"seq":3,"record":"third"}\n`);
    await expect(read(path)).rejects.toMatchObject({ failure: { code, path } });
    await expect(appendRecord(files, path, "more", code)).rejects.toMatchObject({ failure: { code } });
    await expect(readRecords(files, path, z.unknown(), "registry.corrupt")).rejects.toMatchObject({
      failure: { code: "registry.corrupt", path, detail: expect.stringContaining("line 2") },
    });
  });

  test("a record that the schema refuses fails with its line", async () => {
    const path = join(await tempFolder(), "log.jsonl");
    await appendRecord(files, path, "text", code);
    await expect(readRecords(files, path, z.number(), code)).rejects.toMatchObject({
      failure: { code, expected: expect.stringContaining("line 1") },
    });
  });
});

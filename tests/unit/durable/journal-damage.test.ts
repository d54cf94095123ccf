import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { appendRecord, type JournalOptions, readRecords, soundPart } from "../../../src/durable/journal.js";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { sealPath } from "../../../src/durable/seal.js";
import { tempFolder } from "./temp-folder.js";

const code = "registry.corrupt";
const damaged = { failure: { code } };
/** Files without the memory of another process. */
const read = (path: string, options?: JournalOptions) =>
  readRecords(nodeFiles(), path, z.unknown(), code, options);
const append = (path: string, record: unknown, options?: JournalOptions) =>
  appendRecord(nodeFiles(), path, record, code, options);

/** As if the journal held these bytes: thousands of them would take long on a disk. */
const readInstead = (path: string, bytes: Uint8Array) =>
  readRecords({ ...nodeFiles(), readBytes: async () => bytes }, path, z.unknown(), code, { seal: "synced" });

const MOVES = [
  { alias: "best", to: "1", by: "Zoë Łukasz", reason: "first" },
  { alias: "candidate", to: "12345678901234567890", by: "日本", reason: 'a "quote", a }, a \u{1f600}' },
  { alias: "best", to: "2", by: "r", reason: ',"hash":"' },
];

/** A sealed journal of the moves, on the disk. */
async function sealed(values: readonly unknown[] = MOVES): Promise<{ path: string; bytes: Buffer }> {
  const path = join(await tempFolder(), "alias-log.jsonl");
  for (const value of values) await append(path, value, { seal: "synced" });
  return { path, bytes: await readFile(path) };
}

describe("a sealed journal", () => {
  test("any one bit that flips is noticed", async () => {
    const { path, bytes } = await sealed();
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      await expect(readInstead(path, flipped), `bit ${bit}`).rejects.toMatchObject(damaged);
    }
    await writeFile(path, bytes.with(bytes.length - 1, 0x0b));
    await expect(read(path, { seal: "synced" })).rejects.toMatchObject(damaged);
  });

  test("any one bit of the seal that flips is noticed, and so is a seal that is gone or a folder", async () => {
    const { path } = await sealed();
    const seal = await readFile(sealPath(path));
    for (let bit = 0; bit < seal.length * 8; bit++) {
      const flipped = Buffer.from(seal);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      await writeFile(sealPath(path), flipped);
      // A space or a line end that becomes another blank is the same JSON, and a shorter length of the same hash is another line's.
      const isSame = JSON.stringify(parsed(flipped)) === JSON.stringify(parsed(seal));
      if (isSame) expect(await read(path, { seal: "synced" })).toEqual(MOVES);
      else await expect(read(path, { seal: "synced" }), `bit ${bit}`).rejects.toMatchObject(damaged);
    }
    await rm(sealPath(path));
    await expect(read(path, { seal: "synced" })).rejects.toMatchObject(damaged);
    await mkdir(sealPath(path));
    await expect(read(path, { seal: "synced" })).rejects.toMatchObject(damaged);
  });

  test("cut anywhere, it is missed: what was acknowledged is not there", async () => {
    const { path, bytes } = await sealed();
    for (let cut = 0; cut < bytes.length; cut++) {
      await writeFile(path, bytes.subarray(0, cut));
      await expect(read(path, { seal: "synced" }), `cut at ${cut}`).rejects.toMatchObject(damaged);
      await expect(append(path, "next", { seal: "synced" })).rejects.toMatchObject(damaged);
    }
    await rm(path);
    await expect(read(path, { seal: "synced" })).rejects.toMatchObject(damaged);
    await mkdir(path);
    await expect(read(path, { seal: "synced" })).rejects.toMatchObject(damaged);
  });

  test("a line that a kill has torn is cut off, at every byte", async () => {
    const { path, bytes } = await sealed();
    const whole = await sealed([...MOVES, { alias: "best", to: "3", by: "ü", reason: "torn" }]);
    const next = whole.bytes.subarray(bytes.length);
    for (let cut = 1; cut < next.length; cut++) {
      await writeFile(path, Buffer.concat([bytes, next.subarray(0, cut)]));
      expect(await read(path, { seal: "synced" }), `cut at ${cut}`).toEqual(MOVES);
    }
    expect(await append(path, "next", { seal: "synced" })).toBe(MOVES.length + 1);
    expect(await read(path, { seal: "synced" })).toEqual([...MOVES, "next"]);
  });

  test("killed between a line and its seal: the line counts, and the next one seals both", async () => {
    const { path } = await sealed();
    const before = await readFile(sealPath(path));
    await append(path, "unsealed", { seal: "synced" });
    await writeFile(sealPath(path), before);
    expect(await read(path, { seal: "synced" })).toEqual([...MOVES, "unsealed"]);
    await append(path, "next", { seal: "synced" });
    expect(JSON.parse(await readFile(sealPath(path), "utf8"))).toMatchObject({ length: 5 });
    // Also the very first line.
    const first = await sealed(["only"]);
    await rm(sealPath(first.path));
    expect(await read(first.path, { seal: "synced" })).toEqual(["only"]);
  });
});

const parsed = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return null;
  }
};

describe("lines that were moved about", () => {
  const values = fc.array(fc.jsonValue(), { minLength: 2, maxLength: 6 });

  test.each([
    ["two swapped", (lines: Buffer[], a: number, b: number) => swap(lines, a, b)],
    ["one twice", (lines: Buffer[], a: number) => lines.toSpliced(a, 0, lines[a]!)],
    [
      "one removed before the end",
      (lines: Buffer[], a: number) => lines.toSpliced(a % (lines.length - 1), 1),
    ],
    [
      "one of another journal",
      (lines: Buffer[], a: number) => lines.with(a, Buffer.from('{"seq":1,"record":0}\n')),
    ],
    ["one without its hash", (lines: Buffer[], a: number) => lines.with(a, unchained(lines[a]!))],
  ] as const)("%s", async (_name, change) => {
    const folder = await tempFolder();
    let n = 0;
    await fc.assert(
      fc.asyncProperty(values, fc.nat(), fc.nat(), async (raw, x, y) => {
        const path = join(folder, `${++n}.jsonl`);
        for (const value of raw) await append(path, JSON.parse(JSON.stringify(value)), { seal: "quick" });
        const bytes = await readFile(path);
        const changed = Buffer.concat(change(linesOf(bytes), x % raw.length, y % raw.length));
        fc.pre(!changed.equals(bytes));
        await writeFile(path, changed);
        await expect(read(path)).rejects.toMatchObject(damaged);
      }),
      { numRuns: 25 },
    );
  });

  function linesOf(bytes: Buffer): Buffer[] {
    return bytes
      .toString("utf8")
      .split("\n")
      .slice(0, -1)
      .map((line) => Buffer.from(`${line}\n`));
  }

  const swap = (lines: Buffer[], a: number, b: number) => lines.with(a, lines[b]!).with(b, lines[a]!);
  const unchained = (line: Buffer) =>
    Buffer.from(line.toString("utf8").replace(/,"hash":"[0-9a-f]{64}"\}/, "}"));
});

describe("a journal of a program that did not chain", () => {
  const OLD = '{"seq":1,"record":"a"}\n{"seq":2,"record":{"b":1}}\n';
  const oldJournal = async () => {
    const path = join(await tempFolder(), "old.jsonl");
    await writeFile(path, OLD);
    return path;
  };

  test("is read, and its lines are vouched for by the first line that is chained", async () => {
    const path = await oldJournal();
    expect(await read(path, { seal: "synced" })).toEqual(["a", { b: 1 }]);
    expect(await append(path, "new", { seal: "synced" })).toBe(3);
    const bytes = await readFile(path);
    expect(bytes.toString("utf8").startsWith(OLD)).toBe(true);
    expect(await read(path, { seal: "synced" })).toEqual(["a", { b: 1 }, "new"]);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      await expect(readInstead(path, flipped), `bit ${bit}`).rejects.toMatchObject(damaged);
    }
  });

  test("a last line that is whole but damaged is no torn one", async () => {
    const path = await oldJournal();
    await writeFile(path, '{"seq":1,"record":"a"}\n{"seq":2,"record":{"b":1}!\n');
    await expect(read(path)).rejects.toMatchObject(damaged);
    await writeFile(path, '{"seq":1,"record":"a"}\n{"seq":2,"record":{"b":1}}*');
    await expect(read(path)).rejects.toMatchObject(damaged);
    await writeFile(path, '{"seq":1,"record":"a"}\n{"seq":2,"rec');
    expect(await read(path)).toEqual(["a"]);
  });
});

test("what is left of a damaged journal are the lines before the damage", async () => {
  const { path, bytes } = await sealed();
  const second = bytes.indexOf("\n") + 40;
  bytes[second]! ^= 1;
  await writeFile(path, bytes);
  const sound = await soundPart(nodeFiles(), path, z.unknown());
  expect(sound.records).toEqual([MOVES[0]]);
  expect(sound.lines).toBe(1);
  expect(Buffer.from(sound.text)).toEqual(bytes.subarray(0, bytes.indexOf("\n") + 1));
  await rm(path);
  expect(await soundPart(nodeFiles(), path, z.unknown())).toMatchObject({ records: [], lines: 0, text: "" });
});

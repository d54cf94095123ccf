import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { readText } from "../../../src/cli/read-text.js";
import { FailureError } from "../../../src/kit/failure.js";
import { tempFolder } from "../durable/temp-folder.js";

const TEXT = "version: 1\nname: Übernachtungen 🧭\nsteps: []\n";

const read = (file: string) => readText(file, "the runbook", "--runbook FILE");

function refusal(file: string) {
  try {
    read(file);
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    return error.failure as { code: string; message: string; next: string };
  }
  throw new Error(`${file} was read`);
}

async function fileOf(bytes: Uint8Array | string): Promise<string> {
  const file = join(await tempFolder(), "runbook.yaml");
  writeFileSync(file, bytes);
  return file;
}

const utf16 = (text: string, isBig: boolean): Buffer => {
  const bytes = Buffer.from(text, "utf16le");
  return isBig ? bytes.swap16() : bytes;
};

describe("a text that a person wrote", () => {
  test.each([
    ["UTF-8", Buffer.from(TEXT)],
    ["UTF-8 behind a mark", Buffer.from(`\uFEFF${TEXT}`)],
    ["UTF-16 of Windows", utf16(`\uFEFF${TEXT}`, false)],
    ["UTF-16, big end first", utf16(`\uFEFF${TEXT}`, true)],
    ["CR", Buffer.from(TEXT.replaceAll("\n", "\r"))],
  ])("is read in %s", async (_name, bytes) => expect(read(await fileOf(bytes))).toBe(TEXT));

  test("keeps CRLF, also beside other line ends", async () => {
    expect(read(await fileOf("a\r\nb\rc\nd\r\n"))).toBe("a\r\nb\nc\nd\r\n");
  });

  test.each([
    [
      "Latin-1",
      Buffer.from(TEXT.replace("🧭", ""), "latin1"),
      /: line 2, column 7: the byte 0xDC is not UTF-8/,
      /^iconv -f WINDOWS-1252 /,
    ],
    [
      "a broken last character",
      Buffer.from(TEXT.trim()).subarray(0, 35),
      /line 2, column \d+: the byte 0xF0 is not/,
      /^iconv/,
    ],
    [
      "UTF-32",
      Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0]), Buffer.alloc(64)]),
      /it is in UTF-32$/,
      /-f UTF-32 -t UTF-8/,
    ],
    ["UTF-16 without a mark", utf16(TEXT, false), /it looks like UTF-16LE$/, /-f UTF-16LE/],
    ["UTF-16 without a mark, big end first", utf16(TEXT, true), /it looks like UTF-16BE$/, /-f UTF-16BE/],
    [
      "half a surrogate",
      Buffer.from([0xff, 0xfe, 0x61, 0, 0x3d, 0xd8]),
      /it is no UTF-16/,
      /save it as UTF-8/,
    ],
    [
      "a NUL byte",
      Buffer.from("name: a\nalias: b\0c\n"),
      /line 2, column 9: the character U\+0000/,
      /remove it/,
    ],
    [
      "an escape sequence",
      Buffer.from("name: \x1b[31mred\n"),
      /line 1, column 7: the character U\+001B/,
      /remove it/,
    ],
    ["NUL bytes alone", Buffer.alloc(5000), /line 1, column 1: the character U\+0000/, /remove it/],
    [
      "more than anybody writes",
      Buffer.from(`# ${"x".repeat(98)}\n`.repeat(500_000)),
      /larger than 1 MB/,
      /--runbook FILE/,
    ],
  ])("%s is refused, with the place and what helps", async (_name, bytes, message, next) => {
    const failure = refusal(await fileOf(bytes));
    expect(failure.code).toBe("usage.invalid");
    expect(failure.message).toMatch(message);
    expect(failure.next).toMatch(next);
  });

  test("the command that helps makes a file that is read", async () => {
    for (const bytes of [
      Buffer.from("name: Übernachtungen\n", "latin1"),
      utf16("name: Übernachtungen\n", true),
    ]) {
      const file = await fileOf(bytes);
      const made = `${file}.new`;
      execFileSync("sh", ["-c", refusal(file).next.replace("NEW.yaml", made)]);
      expect(read(made)).toBe("name: Übernachtungen\n");
    }
  });

  test("what is no file is refused at once, and not waited for", async () => {
    const folder = await tempFolder();
    const at = (name: string) => join(folder, name);
    mkdirSync(at("folder"));
    symlinkSync(at("loop"), at("loop"));
    symlinkSync(at("gone"), at("dangling"));
    expect(refusal(folder).message).toMatch(/it is a folder$/);
    expect(refusal(at("gone")).message).toMatch(/there is no such file$/);
    expect(refusal(at("dangling")).message).toMatch(/there is no such file$/);
    expect(refusal(at("loop")).message).toMatch(/ELOOP/);
    expect(refusal(`${at("folder")}/x\0y`).message).toMatch(/NUL byte in its path/);
    expect(refusal(at("x".repeat(400))).message).toMatch(/ENAMETOOLONG/);
    if (process.platform === "win32") return;
    execFileSync("mkfifo", [at("pipe")]);
    expect(refusal(at("pipe")).message).toMatch(/it is a named pipe/);
    expect(refusal("/dev/zero").message).toMatch(/it is a device/);
    const server = createServer().listen(at("socket"));
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.on("listening", resolve));
    expect(refusal(at("socket")).message).toMatch(/it is a socket/);
  });

  test("any bytes are read as a text or refused", async () => {
    const file = await fileOf("");
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc
        .tuple(
          fc.constantFrom([0xff, 0xfe], [0xfe, 0xff], [0xef, 0xbb, 0xbf]),
          fc.uint8Array({ maxLength: 60 }),
        )
        .map(([mark, rest]) => Uint8Array.from([...mark, ...rest])),
      fc.string({ unit: "binary" }).map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(bytes, (content) => {
        writeFileSync(file, content);
        let text: string;
        try {
          text = read(file);
        } catch (error) {
          expect(error).toBeInstanceOf(FailureError);
          return;
        }
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be in it
        expect(text).not.toMatch(/[\x00-\x08\x0b\x0c\x0e-\x1f]|\r(?!\n)/);
        const isPlain = content.every((byte) => byte < 0x80 && byte !== 0x0d);
        if (isPlain) expect(text).toBe(readFileSync(file, "latin1"));
      }),
    );
  });
});

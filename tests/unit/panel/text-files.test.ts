import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DataSpec } from "../../../src/kit/specs.js";
import { describeFinding, locateFindings } from "../../../src/panel/checks/findings.js";
import { readSource } from "../../../src/panel/source.js";
import { sourceFingerprint } from "../../../src/panel/source-files.js";
import { failureOf, scratchFolder } from "./scratch.js";

const folder = scratchFolder();
const at = (name: string) => join(folder, name);
const SPEC: Omit<DataSpec, "sources"> = {
  frequency: "month",
  delimiter: null,
  columns: { series: "id", time: "t", target: "y", attributes: ["r"], known: [], observed: [] },
};
const OPTIONS = { cutoff: "2025-06-30", fiscalYearStart: 1 } as const;
const LINES = [
  "id,t,y,r",
  "0001,2025-01,1.5,Köln",
  "0001,2025-02,2.5,Köln",
  '"Store ""7"", a",2025-01,3,東京',
];
const TEXT = `${LINES.join("\n")}\n`;

async function read(bytes: string | Buffer, spec: Partial<DataSpec> = {}) {
  await writeFile(at("t.csv"), bytes);
  return readSource({ ...SPEC, sources: [at("t.csv")], ...spec }, OPTIONS);
}

/** What the plain text reads as. */
async function expectPlain(source: Awaited<ReturnType<typeof read>>): Promise<void> {
  expect(source.panel.series).toEqual(["0001", 'Store "7", a']);
  expect([...source.panel.target]).toEqual([1.5, 2.5, 3]);
  expect(source.panel.attributes[0]!.levels).toEqual(["Köln", "東京"]);
}

const utf16 = (text: string, order: "le" | "be") => {
  const bytes = Buffer.from(text, "utf16le");
  return order === "le" ? bytes : bytes.swap16();
};

describe("text as it comes is read", () => {
  test.each<[string, string | Buffer]>([
    ["plain", TEXT],
    ["no line end at the end", TEXT.trimEnd()],
    ["byte order mark", `\ufeff${TEXT}`],
    ["CRLF", TEXT.replaceAll("\n", "\r\n")],
    ["CR", TEXT.replaceAll("\n", "\r")],
    ["CRLF, then LF", TEXT.replace("\n", "\r\n")],
    [
      "LF, then CR, then CRLF",
      TEXT.replace(/\n/g, (_, place) => (place > 60 ? "\r\n" : place > 20 ? "\r" : "\n")),
    ],
    ["empty lines between", TEXT.replaceAll("\n", "\n\n")],
    ["empty lines above", `\n\r\n${TEXT}`],
    ["Excel's line", `sep=,\n${TEXT}`],
    ["Excel's line with CRLF and a byte order mark", `\ufeffsep=,\r\n${TEXT.replaceAll("\n", "\r\n")}`],
    ["Excel's line in quotes", `"sep=,"\n${TEXT}`],
    ["comments above", `# made by export 3\n#\n${TEXT}`],
    ["a delimiter at the end of each line", LINES.map((line) => `${line},`).join("\n")],
    [
      "a delimiter at the end of each row, and none behind the header",
      LINES.map((line, row) => (row === 0 ? line : `${line},`)).join("\n"),
    ],
    ["UTF-16LE", utf16(`\ufeff${TEXT}`, "le")],
    ["UTF-16BE", utf16(`\ufeff${TEXT}`, "be")],
    ["UTF-16LE with CRLF and Excel's line", utf16(`\ufeffsep=,\r\n${TEXT.replaceAll("\n", "\r\n")}`, "le")],
    ["UTF-16LE without a mark", utf16(TEXT, "le")],
    ["UTF-16BE without a mark", utf16(TEXT, "be")],
    ["gzip of mixed line ends", gzipSync(TEXT.replace("\n", "\r\n"))],
    ["gzip of UTF-16", gzipSync(utf16(`\ufeff${TEXT}`, "le"))],
  ])("%s", async (_, bytes) => {
    await expectPlain(await read(bytes));
  });

  test("semicolons that Excel announces, also where the header says nothing of them", async () => {
    const { panel } = await read("sep=;\nid;t;y;r\na;2025-01;1;x,y\n");
    expect(panel.attributes[0]!.levels).toEqual(["x,y"]);
  });

  test("data.encoding names what the bytes do not show", async () => {
    const latin = Buffer.from(TEXT.replace("東京", "Orléans"), "latin1");
    const { panel } = await read(latin, { encoding: "windows-1252" });
    expect(panel.attributes[0]!.levels).toEqual(["Köln", "Orléans"]);
    await expectPlain(await read(utf16(TEXT, "be"), { encoding: "utf-16be" }));
  });

  test("line breaks inside quotes stay, whatever the others are", async () => {
    const { panel } = await read('id,t,y,r\r\n"a\r\nb",2025-01,1,"x\ry"\nc,2025-01,2,z\r');
    expect(panel.series).toEqual(["a\r\nb", "c"]);
    expect(panel.attributes[0]!.levels).toEqual(["x\ry", "z"]);
  });

  test("any mixture of line ends is the same table", async () => {
    const cell = fc.constantFrom("a", "b c", "x,y", 'q"q', "two\nlines", "two\r\nlines", "cr\rcr", "é🏨");
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, fc.constantFrom("\n", "\r\n", "\r", "\n\n", "\r\n\n")), {
          minLength: 1,
          maxLength: 12,
        }),
        async (rows) => {
          const quote = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
          const lines = rows.map(([text, end], row) => `s${row},2025-01,${row},${quote(text)}${end}`);
          const { panel, record } = await read(`id,t,y,r\n${lines.join("")}`);
          const place = new Map(panel.series.map((id, s) => [id, s]));
          const labelOf = (row: number) => {
            const { levels, codes } = panel.attributes[0]!;
            return levels[codes[place.get(`s${row}`)!]!];
          };
          expect(rows.map((_, row) => labelOf(row))).toEqual(rows.map(([text]) => text));
          expect(rows.map((_, row) => record[place.get(`s${row}`)!])).toEqual(rows.map((_, row) => row + 1));
        },
      ),
      { numRuns: 15 },
    );
  });

  test.each<[string, (lines: string[]) => string | Buffer, number]>([
    ["Excel's line", (lines) => `sep=,\n${lines.join("\n")}`, 4],
    ["comments", (lines) => `# a\n# "b\n${lines.join("\r\n")}`, 5],
    ["mixed line ends", (lines) => `${lines[0]}\r\n${lines.slice(1).join("\n")}`, 3],
    ["UTF-16", (lines) => utf16(`\ufeff${lines.join("\n")}`, "le"), 3],
  ])("a bad cell is named with its line under %s", async (_, form, line) => {
    const source = await read(form(["id,t,y,r", "a,2025-01,1,x", "a,2025-02,many,x"]));
    const finding = {
      file: 0,
      record: source.record[1]!,
      series: "a",
      period: source.panel.period[1]!,
      column: "y",
    };
    const check = {
      id: "numbers",
      status: "fail",
      count: 1,
      expected: "",
      detail: "",
      findings: [finding],
    } as const;
    const [found] = await locateFindings(source, [check]);
    expect(describeFinding(source, found!)).toBe(`t.csv:${line}: a, 2025-02: y is "many"`);
  });
});

describe("text that cannot be read is refused with its line", () => {
  test.each<[string, string | Buffer, number | null, RegExp]>([
    ["Latin-1 in a row", Buffer.from(TEXT, "latin1"), 2, /not UTF-8: byte 0xF6 \(ö .*data\.encoding/],
    ["Latin-1 in the header", Buffer.from("id,t,y,r,größe\na,2025-01,1,x,2\n", "latin1"), 1, /0xF6/],
    [
      "a character that is cut",
      Buffer.concat([Buffer.from(TEXT.trimEnd()), Buffer.of(0xe2, 0x82)]),
      4,
      /0xE2/,
    ],
    ["an overlong form", Buffer.concat([Buffer.from(TEXT), Buffer.of(0xc0, 0xaf)]), 5, /0xC0/],
    ["half of a surrogate pair", Buffer.concat([Buffer.from(TEXT), Buffer.of(0xed, 0xa0, 0x80)]), 5, /0xED/],
    [
      "titles above the header",
      `Report;;;\n\nAll hotels\n${TEXT}`,
      1,
      /line 4 has the columns; remove the lines above/,
    ],
    ["one field too many", `${TEXT}0002,2025-01,1,x,9\n`, 5, /expected 4 fields as in the header, found 5/],
    ["one field too few", `${TEXT}0002,2025-01\n`, 5, /found 2/],
    ["a comment between rows", `${TEXT}# total\n`, 5, /found 1/],
    ["a quote that stays open", `${TEXT}"0002,2025-01,1,x\n`, 5, /quote/],
    ["NUL in the head", `${TEXT}a\0b,2025-01,1,x\n`, null, /binary/],
    ["NUL behind the head", `${TEXT}${"#".repeat(1 << 20)}\na\0b,2025-01,1,x\n`, 6, /NUL/],
    ["one line of three megabytes", `id,t,y,r\n${"x".repeat(3 << 20)},2025-01,1,x\n`, 2, /longer than 2 MB/],
  ])("%s", async (_, bytes, line, detail) => {
    const failure = await failureOf(read(bytes));
    expect(failure).toMatchObject({
      code: "data.unreadable",
      file: at("t.csv"),
      detail: expect.stringMatching(detail),
    });
    expect(failure).toHaveProperty("line", line);
  });

  test("gzip that inflates to far more than a table is refused, and quickly", async () => {
    const bomb = gzipSync(Buffer.alloc(300 << 20));
    expect((await failureOf(read(bomb))).code).toMatch(/^data\.(unreadable|empty)$/);
  });
});

describe("what is no file", () => {
  const failureFor = async (source: string) => [
    await failureOf(readSource({ ...SPEC, sources: [source] }, OPTIONS)),
    await failureOf(sourceFingerprint({ sources: [source] })),
  ];

  test("folder, pipe, socket, device, and a link to one, are refused before they are read", async () => {
    await mkdir(at("panel"));
    execFileSync("mkfifo", [at("pipe")]);
    await symlink("/dev/zero", at("zero.csv"));
    const server = createServer().listen(at("socket"));
    try {
      for (const [name, kind] of [
        [at("panel"), "folder"],
        [at("pipe"), "pipe"],
        [at("socket"), "socket"],
        ["/dev/zero", "device"],
        ["/dev/null", "device"],
        [at("zero.csv"), "device"],
      ] as const) {
        const expected = { code: "data.source-not-a-file", retryable: false, source: name, kind };
        expect(await failureFor(name)).toEqual([expected, expected]);
      }
    } finally {
      server.close();
    }
  });

  test("a link that leads nowhere, or in circles, and a name that no file can have", async () => {
    await symlink(at("gone.csv"), at("link.csv"));
    await symlink(at("circle.csv"), at("circle.csv"));
    const [missing] = await failureFor(at("link.csv"));
    expect(missing).toEqual({
      code: "data.source-missing",
      retryable: false,
      source: at("link.csv"),
      dangling: true,
    });
    expect((await failureFor(at("circle.csv")))[0]).toMatchObject({ code: "fs.failed", errno: "ELOOP" });
    expect((await failureFor(at("a\0b.csv")))[0]).toMatchObject({ code: "data.source-missing" });
    expect((await failureFor(at("a\0*.csv")))[0]).toMatchObject({ code: "data.source-missing" });
    expect((await failureFor(at("x".repeat(300))))[0]).toMatchObject({ code: "data.source-missing" });
    await writeFile(at("file.csv"), TEXT);
    expect((await failureFor(at("file.csv/x.csv")))[0]).toMatchObject({ code: "data.source-missing" });
  });

  test("an empty file has no rows", async () => {
    expect((await failureOf(read(""))).code).toBe("data.empty");
    expect((await failureOf(read("\ufeff"))).code).toBe("data.empty");
    expect((await failureOf(read("sep=;\n"))).code).toMatch(/^data\./);
  });
});

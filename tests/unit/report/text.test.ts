import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commandLines } from "../../../src/report/console/command-lines.js";
import { createStyle } from "../../../src/report/style.js";
import { textTable } from "../../../src/report/table.js";
import { columns, cut, fitted, oneLine, pad, visible, wrap } from "../../../src/report/text.js";

describe("width in columns", () => {
  test.each([
    ["abc", 3],
    ["Zürich", 6],
    ["e\u0301", 1],
    ["東京", 4],
    ["한국", 4],
    ["👩‍👩‍👧", 2],
    ["✔", 1],
    ["", 0],
  ])("%s", (text, width) => {
    expect(columns(text)).toBe(width);
  });
});

describe("cut", () => {
  test("says that something is missing, and never splits a character", () => {
    expect(cut("a long summary", 8)).toBe("a long…");
    expect(cut("東京大阪", 6)).toBe("東京…");
    expect(cut("東京大阪", 8)).toBe("東京大阪");
    expect(cut("👩‍👩‍👧👩‍👩‍👧", 3)).toBe("👩‍👩‍👧…");
  });

  test("is never wider than asked, and pad fills to exactly that", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 30 }), (text, width) => {
        const shown = cut(oneLine(text), width);
        expect(columns(shown)).toBeLessThanOrEqual(width);
        expect(columns(pad(shown, width))).toBe(width);
      }),
    );
  });
});

test("text of a user cannot drive the terminal", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(oneLine(`\u001b[31m${text}\u0007`)).not.toMatch(/\p{Cc}/u);
      expect(visible(text)).not.toMatch(/[^\P{Cc}\n]/u);
    }),
    { numRuns: 30 },
  );
  expect(oneLine("\u001b[2Ja\nb\tc")).toBe("a b c");
});

test("wrap breaks at spaces and keeps long words whole", () => {
  expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
  expect(wrap("see /a/very/long/path now", 8)).toEqual(["see", "/a/very/long/path", "now"]);
});

const screenOf = (width: number) => createStyle({ color: false, width });

describe("text on a screen", () => {
  test("goes on below where its own text begins, broken at spaces", () => {
    expect(fitted("  next  one two three four", 16)).toBe("  next  one two\n  three four");
    expect(fitted("  ✔ validate: one two three four", 20)).toBe("  ✔ validate: one\n    two three four");
    expect(fitted("short\n\nalso", 20)).toBe("short\n\nalso");
  });

  test("is never wider than the screen, unless one word is, and loses nothing", () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z✔東]{1,5}$/), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 20, max: 60 }),
        fc.nat(8),
        (words, width, indent) => {
          const text = `${" ".repeat(indent)}${words.join(" ")}`;
          const shown = fitted(text, width);
          for (const line of shown.split("\n")) expect(columns(line)).toBeLessThanOrEqual(width);
          expect(shown.split(/\s+/).join(" ").trim()).toBe(words.join(" "));
        },
      ),
    );
  });

  test("takes no room for colours, and is left alone where somebody draws", () => {
    const red = (text: string) => `\u001b[31m${text}\u001b[39m`;
    expect(fitted(`${red("one")} ${red("two")}`, 20)).toBe(`${red("one")} ${red("two")}`);
    const drawn = `\r\u001b[2K${"a line ".repeat(10)}`;
    expect(fitted(drawn, 20)).toBe(drawn);
  });
});

describe("a command on a screen", () => {
  const lines = (command: string, width = 40) => commandLines(command, screenOf(width), 2);

  test("is whole where it fits, and in a pipe", () => {
    expect(lines("retrain report 2025Q2-1")).toEqual(["retrain report 2025Q2-1"]);
    const long = `retrain approve ${"x".repeat(80)} --by NAME`;
    expect(commandLines(long, createStyle({ color: false, width: 40, isScreen: false }), 2)).toEqual([long]);
  });

  test("goes on behind a backslash, a flag with its value", () => {
    expect(
      lines("retrain approve 2025Q2-1 --by NAME --reason 'the strike is over' --expires 2025-09-30"),
    ).toEqual([
      "retrain approve 2025Q2-1 --by NAME \\",
      "  --reason 'the strike is over' \\",
      "  --expires 2025-09-30",
    ]);
  });

  test.each([
    "retrain quarter 2025Q2 --set 'a=it'\\''s' --runbook 'some where/runbook.yaml' --state-dir /a/b/c",
    'MLFLOW_TRACKING_URI=http://127.0.0.1:5000 retrain quarter 2025Q2 --set "x y=1" --dry-run',
    "mv .retrain .retrain.old && mv ../.retrain .retrain && retrain quarter 2025Q2",
  ])("means the same to a shell: %s", (command) => {
    const asked = (text: string) =>
      execFileSync("sh", ["-c", `set -- ${text.replaceAll("&&", "and")}; printf '<%s>' "$@"`], {
        encoding: "utf8",
      });
    for (const width of [30, 40, 60]) expect(asked(lines(command, width).join("\n"))).toBe(asked(command));
  });
});

test("a table aligns numbers on the right and takes width from text only", () => {
  const table = textTable(
    [
      { label: "Series", numeric: false },
      { label: "WMAPE", numeric: true },
    ],
    [
      ["a rather long name of a series", "9.5%"],
      ["b", "110.0%"],
    ],
    createStyle({ color: false, width: 24 }),
  );
  expect(table.split("\n")).toEqual([
    "  Series           WMAPE",
    "  a rather long     9.5%",
    "  name of a",
    "  series",
    "  b               110.0%",
  ]);
});

describe("a table on a narrow screen", () => {
  const columnsOf = [
    { label: "run", numeric: false },
    { label: "started", numeric: false },
    { label: "n", numeric: true },
    { label: "verdict", numeric: false },
  ];
  const rows = [["2025Q2-1", "2025-07-01 10:02", "12", "Escalated, approved by Ada Lovelace"]];

  test("becomes blocks where words would not fit beside each other", () => {
    expect(textTable(columnsOf, rows, screenOf(30)).split("\n")).toEqual([
      "  2025Q2-1",
      "    started  2025-07-01 10:02",
      "    n        12",
      "    verdict  Escalated,",
      "             approved by Ada",
      "             Lovelace",
    ]);
  });

  test("is never wider than the screen", () => {
    for (let width = 24; width < 120; width++)
      for (const line of textTable(columnsOf, rows, screenOf(width)).split("\n"))
        expect(columns(line)).toBeLessThanOrEqual(width);
  });

  test("is whole in a pipe", () => {
    const piped = createStyle({ color: false, width: 30, isScreen: false });
    expect(textTable(columnsOf, rows, piped)).toContain("12  Escalated, approved by Ada Lovelace");
  });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { fileNameOf, nameOfFile } from "../../../src/durable/file-name.js";

const NAMES = [
  "demand",
  "Demand",
  "Café",
  "Cafe\u0301",
  "予測",
  "予".repeat(250),
  "予".repeat(249),
  "a b'(c)*!~",
  "..",
  "CON",
  "😀".repeat(125),
];

test("every name is a file name of its own, in ASCII, that leaves room behind it", () => {
  const files = NAMES.map(fileNameOf);
  expect(new Set(files).size).toBe(NAMES.length);
  for (const file of files) expect(file).toMatch(/^[\w.%-]{1,200}$/);
  fc.assert(
    fc.property(
      fc.string({ unit: "binary", maxLength: 400 }),
      fc.string({ unit: "binary", maxLength: 400 }),
      (a, b) => {
        if (a === "" || b === "") return;
        expect(fileNameOf(a)).toMatch(/^[\w.%-]{1,200}$/);
        if (a !== b && !/\p{Cs}/u.test(a + b)) expect(fileNameOf(a)).not.toBe(fileNameOf(b));
      },
    ),
  );
});

test("a short one can be read back, and a long one is shown as it is", () => {
  expect(nameOfFile(fileNameOf("予測 (1)"))).toBe("予測 (1)");
  const long = fileNameOf("é".repeat(250));
  expect(nameOfFile(long).length).toBeGreaterThan(30);
});

import { afterAll, beforeAll, expect, test } from "vitest";
import { compileSource } from "../../contract/registry/support/compiled-source.js";

/**
 * Fingerprints of these components, by an independent program: Python's hashlib over JSON written by hand, keys in the order of their
 * UTF-16 code units. A platform, locale or version of Node that gave another text would make everything anew, or worse, reuse what is different.
 */
const GOLDEN = [
  "sha256:c4a381f762e2f2a9141442d8224f1f6015e3d181bd2052000693a37afc636e6f",
  "sha256:1fabf65bf9a0cae9c3d30c10a4da21d2c5451dd4c6279c4dd1cdf4aa517b26e2",
];

const SCRIPT = `
import { spawnSync } from "node:child_process";
import { changesLine, changesOf } from "./src/plan/changes.js";
import { fingerprint } from "./src/plan/fingerprint.js";

const words = { I: 1, i: 2, "\\u0131": 3, "\\u0130": 4, "\\u00e4": 5, z: 6, Z: 7, a10: 8, a9: 9, "\\u{1f3e8}": 10, "\\uffff": 11, "": 12 };
const numbers = { zero: -0, tenth: 0.1, large: 1e21, small: 1e-7, whole: 1234567, negative: -2.5 };
const reversed = (value) => Object.fromEntries(Object.entries(value).reverse());
const components = (params, scope) => ({
  format: 1,
  step: { type: "train", version: 1 },
  params,
  inputs: { panel: "sha256:aa", segments: null },
  scope,
  external: { text: "\\u0130stanbul \\"\\\\ \\n\\u2028", list: [3, 1, 2] },
  tools: { retrain: "0.1.0" },
});
if (process.argv[2] === "child") {
  const prints = [components(words, numbers), components(numbers, words)].map(fingerprint);
  const again = [components(reversed(words), reversed(numbers)), components(reversed(numbers), reversed(words))].map((c) => fingerprint(reversed(c)));
  const line = changesLine(changesOf(components({ folds: 1234.5 }, {}), components({ folds: 0.25 }, {})));
  const { locale, timeZone } = Intl.DateTimeFormat().resolvedOptions();
  console.log(JSON.stringify({ prints, again, line, locale, timeZone }));
} else {
  const env = { ...process.env, ...JSON.parse(process.argv[2]) };
  const { stdout, stderr } = spawnSync(process.execPath, [process.argv[1], "child"], { env, encoding: "utf8" });
  process.stderr.write(stderr);
  process.stdout.write(stdout);
}
`;

let compiled: Awaited<ReturnType<typeof compileSource>>;
beforeAll(async () => {
  compiled = await compileSource(["kit", "plan"]);
});
afterAll(() => compiled.remove());

test.each([
  ["tr_TR.UTF-8", "Europe/Istanbul", "tr-TR"],
  ["de_DE.UTF-8", "America/St_Johns", "de-DE"],
  ["ar_EG.UTF-8", "Pacific/Kiritimati", "ar-EG"],
  ["C", "UTC", "en-US"],
])("fingerprints and reasons are the same with LC_ALL=%s and TZ=%s", async (LC_ALL, TZ, locale) => {
  const output = await compiled.start(SCRIPT, { LC_ALL, LANG: LC_ALL, LANGUAGE: "", TZ }).output;
  const { timeZone, ...answer } = JSON.parse(output) as Record<string, unknown>;
  expect(answer).toEqual({
    prints: GOLDEN,
    again: GOLDEN,
    line: "parameter folds 1234.5 → 0.25",
    // The setting was in force, or this test would prove nothing.
    locale,
  });
  expect(timeZone).toBe(TZ);
});

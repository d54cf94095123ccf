import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { nameFor, programName } from "../../../src/kit/program-name.js";
import { tempFolder } from "../durable/temp-folder.js";

function file(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "");
  return path;
}

function link(target: string, path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
  return path;
}

/** A clone, a project that has the program installed, a global installation, and folders that know nothing of it. */
async function machine() {
  const root = await tempFolder();
  const at = (...path: string[]) => join(root, ...path);
  const clone = file(at("clone/bin/retrain.js"));
  const local = file(at("project/node_modules/retrain/bin/retrain.js"));
  const global = file(at("prefix/lib/node_modules/retrain/bin/retrain.js"));
  const onWindows = file(at("roaming/npm/node_modules/retrain/bin/retrain.js"));
  file(at("roaming/npm/retrain.cmd"));
  link(local, at("project/node_modules/.bin/retrain"));
  link(global, at("prefix/bin/retrain"));
  for (const folder of ["project/a/b", "elsewhere", "linked"]) mkdirSync(at(folder), { recursive: true });
  link(at("clone"), at("linked/node_modules/retrain"));
  const npm = [at("project/node_modules/.bin"), at("node_modules/.bin")];
  return { at, clone, local, global, onWindows, npm };
}

test.each<[string, string, (of: Awaited<ReturnType<typeof machine>>) => [string, string, string[]]]>([
  [
    "npx in a project",
    "npx retrain",
    ({ at, local, npm }) => [local, at("project"), [...npm, at("prefix/bin")]],
  ],
  ["npx below it", "npx retrain", ({ at, local, npm }) => [local, at("project/a/b"), npm]],
  [
    "by its link there",
    "npx retrain",
    ({ at }) => [at("project/node_modules/.bin/retrain"), at("project"), []],
  ],
  ["npx in a clone", "npx retrain", ({ at, clone }) => [clone, at("clone"), []]],
  ["npx where a clone is linked", "npx retrain", ({ at, clone }) => [clone, at("linked"), []]],
  [
    "on the PATH",
    "retrain",
    ({ at, global }) => [at("prefix/bin/retrain"), at("elsewhere"), [dirname(global), at("prefix/bin")]],
  ],
  [
    "on the PATH, in a project of another one",
    "retrain",
    ({ at }) => [at("prefix/bin/retrain"), at("project"), [at("prefix/bin")]],
  ],
  [
    "on the PATH of Windows",
    "retrain",
    ({ at, onWindows }) => [onWindows, at("elsewhere"), [at("roaming/npm")]],
  ],
  [
    "a project's by npm alone, from elsewhere",
    "retrain",
    ({ at, local, npm }) => [local, at("elsewhere"), npm],
  ],
  [
    "a project's, while another one is on the PATH",
    "npx retrain",
    ({ at, local }) => [local, at("project"), [at("prefix/bin")]],
  ],
  ["node with its file, from elsewhere", "retrain", ({ at, clone }) => [clone, at("elsewhere"), []]],
  ["another program", "retrain", ({ at }) => [file(at("clone/bin/other.js")), at("clone"), []]],
])("%s: %s", async (_name, expected, of) => {
  const [script, cwd, path] = of(await machine());
  expect(nameFor({ script, cwd, path: path.join(delimiter) })).toBe(expected);
});

test("without a script and a PATH", () => {
  expect(nameFor({ script: undefined, path: undefined, cwd: "/" })).toBe("retrain");
  expect(programName()).toBe("retrain");
});

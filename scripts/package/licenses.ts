import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Plugin } from "rolldown";

/** Texts that a package asks its copies to carry: files of these names, and what lies in folders of them. */
const TEXT = /^(licen[cs]es?|notice|copying)\b/i;

/** Where a package that has no licence text among its own files says it, below the repository's folder. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "onnxruntime-common": "licenses/onnxruntime",
  "onnxruntime-node": "licenses/onnxruntime",
  // Of one author, under one licence.
  "worker-f": "node_modules/read-excel-file",
};

/**
 * Writes a file beside the bundle with the licence and notice of every package that has code in it.
 * @throws Error for a package without a licence text: it must not be shipped so
 */
export function licenses(fileName: string): Plugin {
  return {
    name: "licenses",
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
      const folders = new Set(modules.flatMap(packagesOf));
      const source = [...folders]
        .sort()
        .map(textOf)
        .join(`\n${"=".repeat(80)}\n\n`);
      this.emitFile({ type: "asset", fileName, source });
    },
  };
}

/** Folder of the package that a module lies in; none for a module of this repository. */
function packagesOf(module: string): readonly string[] {
  const [folder] = /^(?!\0).*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+/.exec(module) ?? [];
  return folder === undefined ? [] : [folder];
}

function textOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    readonly name: string;
    readonly version: string;
    readonly license: string;
  };
  const place = ELSEWHERE[name] ?? folder;
  const files = readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules", place.length))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => TEXT.test(relative(place, path)))
    .sort();
  const texts = files.length > 0 ? files.map((path) => readFileSync(path, "utf8")) : sectionOf(folder);
  if (texts.length === 0)
    throw new Error(`${name} ${version} has no licence text: name its place in scripts/package/licenses.ts`);
  return `${name} ${version} (${license})\n\n${texts.map((text) => text.trim()).join("\n\n")}\n`;
}

/** Some have it as a section of their README. */
function sectionOf(folder: string): readonly string[] {
  const readme = readdirSync(folder).find((file) => /^readme\b/i.test(file));
  const text = readme === undefined ? "" : readFileSync(join(folder, readme), "utf8");
  return /^#+ *licen[cs]e\b[\s\S]*/im.exec(text) ?? [];
}

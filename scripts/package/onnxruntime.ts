import { copyFileSync, linkSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import type { Plugin } from "rolldown";

/** For graphics cards, and a second copy of the library under its full version: nothing that runs a graph on the CPU loads them. */
const UNUSED = /^(DirectML|dxcompiler|dxil)\.dll$|^libonnxruntime\.\d+\.\d+\.\d+\.dylib$/;

const ALL = "all";

/**
 * Puts onnxruntime's binaries where its code in the bundle looks for them. They are shipped in our package, because `onnxruntime-node` as a dependency
 * fetches libraries for graphics cards from a host that is no package registry when it is installed, brings those of five platforms, and fails where
 * that host is not reached.
 * @param platforms e.g. `linux-x64,darwin-arm64`, or `all`; without it, this machine's
 * @param folder beside the bundle's
 * @throws Error for a platform that it has no binaries for
 */
export function onnxruntime(platforms: string | undefined, folder: string): Plugin {
  return {
    name: "onnxruntime",
    writeBundle() {
      const source = join(
        dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json")),
        "bin",
      );
      const binaries = binariesIn(source);
      rmSync(folder, { recursive: true, force: true });
      for (const platform of wanted(platforms, [...binaries.keys()])) {
        for (const file of binaries.get(platform)!) place(file, join(folder, relative(source, file)));
      }
    },
  };
}

/** Files by platform, e.g. `linux-x64`, below `napi-vN/PLATFORM/ARCHITECTURE`. */
function binariesIn(source: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || UNUSED.test(entry.name)) continue;
    const platform = relative(source, entry.parentPath).split(/[/\\]/).slice(1).join("-");
    found.set(platform, [...(found.get(platform) ?? []), join(entry.parentPath, entry.name)]);
  }
  return found;
}

function wanted(platforms: string | undefined, known: readonly string[]): readonly string[] {
  const names = platforms === ALL ? known : (platforms || `${process.platform}-${process.arch}`).split(",");
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(
      `onnxruntime-node has no binaries for ${unknown.join(", ")}; RETRAIN_PLATFORMS takes ${ALL}, or some of ${known.join(",")}`,
    );
  return names;
}

/** A second name for the file where the disk has such, since it is large. */
function place(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

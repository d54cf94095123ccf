import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { RegistryFile } from "../../src/kit/registry.js";

const sha256 = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** A model directory as a registry takes it: the files, with a manifest of them that the digest stands for. */
export interface ModelFiles {
  readonly files: readonly RegistryFile[];
  readonly digest: string;
}

/** @param folder where the sources are written */
export async function modelFiles(
  folder: string,
  contents: Readonly<Record<string, string | Uint8Array>>,
): Promise<ModelFiles> {
  const sources = await mkdtemp(join(folder, "model-"));
  const listed = Object.entries(contents).map(([path, content]) => ({
    path,
    sha256: sha256(content),
    bytes: Buffer.from(content).length,
  }));
  const manifest = JSON.stringify({ format: 1, files: listed });
  const files: RegistryFile[] = [];
  for (const [path, content] of [...Object.entries(contents), ["manifest.json", manifest] as const]) {
    const source = join(sources, ...path.split("/"));
    await mkdir(dirname(source), { recursive: true });
    await writeFile(source, content);
    files.push({ path, source });
  }
  return { files, digest: `sha256:${sha256(manifest)}` };
}

/** The files of a folder as a model directory, whatever manifest stands there. */
export function modelOfFolder(into: string, folder: string): Promise<ModelFiles> {
  const names = readdirSync(folder).filter((name) => name !== "manifest.json");
  return modelFiles(into, Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))])));
}

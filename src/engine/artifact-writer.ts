import { mkdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { withErrno } from "../durable/errno.js";
import type { ArtifactWriter } from "../kit/artifact.js";

/** Writes into a step's own folder. The store takes the files from there when the step has returned. */
export function artifactWriter(folder: string): ArtifactWriter {
  const path = (name: string): string => {
    const target = resolve(folder, name);
    if (!target.startsWith(resolve(folder) + sep))
      throw new Error(`an artifact's file lies outside of it: ${name}`);
    mkdirSync(dirname(target), { recursive: true });
    return target;
  };
  const write = (name: string, content: string | Uint8Array) => {
    const target = join(folder, name);
    return withErrno("write", target, () => writeFile(path(name), content));
  };
  return {
    path,
    writeText: write,
    writeBytes: write,
    writeJson: (name, value) => write(name, `${JSON.stringify(value, null, 2)}\n`),
  };
}

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import { withErrno } from "../durable/errno.js";
import type { ArtifactWriter } from "../kit/artifact.js";
import type { BeforeCommit } from "../kit/files.js";

/**
 * Writes into a step's own folder. The store takes the files from there when the step has returned.
 * @param beforeWrite called before a file is written, and before its path is given to a library that writes it
 */
export function artifactWriter(folder: string, beforeWrite?: BeforeCommit): ArtifactWriter {
  const path = (name: string): string => {
    const target = resolve(folder, name);
    if (!target.startsWith(resolve(folder) + sep))
      throw new Error(`an artifact's file lies outside of it: ${name}`);
    beforeWrite?.();
    mkdirSync(dirname(target), { recursive: true });
    return target;
  };
  const write = (name: string, content: string | Uint8Array) => {
    const target = join(folder, name);
    return withErrno("write", target, async () => writeFileSync(path(name), content));
  };
  return {
    path,
    writeText: write,
    writeBytes: write,
    writeJson: (name, value) => write(name, `${JSON.stringify(value, null, 2)}\n`),
  };
}

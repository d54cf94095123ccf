import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { nodeFiles } from "../../durable/node-files.js";
import type { PlannedFile } from "./init.js";

/** Writes what was planned. */
export async function writeInit(planned: readonly PlannedFile[]): Promise<void> {
  const files = nodeFiles();
  for (const { path, text } of planned) {
    if (text === null) continue;
    mkdirSync(dirname(path), { recursive: true });
    await files.writeAtomic(path, text);
  }
}

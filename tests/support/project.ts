import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY, tempFolder } from "./cli.js";

/** A temp folder with the reference runbook and the fixtures, as a newcomer has them. */
export function fixtureProject(whenOver?: Parameters<typeof tempFolder>[0]): string {
  const folder = tempFolder(whenOver);
  cpSync(join(REPOSITORY, "runbook.yaml"), join(folder, "runbook.yaml"));
  symlinkSync(join(REPOSITORY, "fixtures"), join(folder, "fixtures"));
  return folder;
}

const REFERENCE_TRAINING = "{ folds: 3 }";
const SIMPLE_TRAINING = "{ folds: 3, ensemble: single, learners: [pooled-ridge] }";

/**
 * Puts one ridge in the place of the default ensemble in the folder's copy of the reference runbook, for tests in which it does not matter what
 * forecasts: a quarter takes half of the time.
 */
export function trainSimply(folder: string): void {
  const path = join(folder, "runbook.yaml");
  const text = readFileSync(path, "utf8");
  if (!text.includes(REFERENCE_TRAINING))
    throw new Error(`${path} does not train with ${REFERENCE_TRAINING}`);
  writeFileSync(path, text.replace(REFERENCE_TRAINING, SIMPLE_TRAINING));
}

/** `fixtureProject` that trains simply. */
export function simpleProject(whenOver?: Parameters<typeof tempFolder>[0]): string {
  const folder = fixtureProject(whenOver);
  trainSimply(folder);
  return folder;
}

/** Relative path → sha256 of every file below a folder; empty when there is none. */
export function hashTree(folder: string): Record<string, string> {
  let entries: ReturnType<typeof readFolder>;
  try {
    entries = readFolder(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    files
      .sort()
      .map((path) => [
        path.slice(folder.length + 1),
        createHash("sha256").update(readFileSync(path)).digest("hex"),
      ]),
  );
}

const readFolder = (folder: string) => readdirSync(folder, { recursive: true, withFileTypes: true });

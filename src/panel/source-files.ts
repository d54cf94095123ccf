import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat } from "node:fs/promises";
import { dirname, relative, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { fail } from "../kit/failure.js";
import type { Json } from "../kit/json.js";
import type { DataSpec } from "../kit/specs.js";
import { withDuckDb } from "./duckdb.js";
import { requireListable } from "./listable.js";
import { fileFailure, requireRegularFile } from "./regular-file.js";
import { quoteText } from "./sql.js";

/**
 * The files behind `data.source`, sorted by path, each once. A name that exists as it is written is no glob.
 * @throws FailureError `data.source-missing` for an entry that names no file, `data.source-not-a-file`, `fs.failed`
 */
export async function sourceFiles(spec: Pick<DataSpec, "sources">): Promise<readonly string[]> {
  const files = new Set<string>();
  for (const source of spec.sources) {
    const matches = (await exists(source)) ? [source] : await glob(source);
    if (matches.length === 0) fail({ code: "data.source-missing", retryable: false, source });
    for (const match of matches) {
      await requireRegularFile(match);
      files.add(match);
    }
  }
  return [...files].sort();
}

/** Names for people and artifacts: relative to the folder that holds all files, with `/`, so that no machine's path gets in. */
export function sourceNames(files: readonly string[]): readonly string[] {
  let folder = dirname(files[0]!);
  while (files.some((file) => relative(folder, file).startsWith(".."))) folder = dirname(folder);
  return files.map((file) => relative(folder, file).split(sep).join("/"));
}

/** Content of the sources, for a step's fingerprint: sorted list of { file, sha256 }. */
export async function sourceFingerprint(spec: Pick<DataSpec, "sources">): Promise<Json> {
  const files = await sourceFiles(spec);
  const names = sourceNames(files);
  const entries: { file: string; sha256: string }[] = [];
  for (const [index, file] of files.entries()) {
    const hash = createHash("sha256");
    await pipeline(createReadStream(file), hash).catch((error: unknown) => {
      throw fileFailure(file, error);
    });
    entries.push({ file: names[index]!, sha256: hash.digest("hex") });
  }
  return entries;
}

/**
 * A link that leads nowhere exists: it is no pattern, and it is named.
 * @throws FailureError `fs.failed` for a path that this user may not even look up
 */
async function exists(path: string): Promise<boolean> {
  if (path.includes("\0")) return false;
  try {
    await lstat(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG" || WILD.test(path)) return false;
    throw fileFailure(path, error);
  }
}

const WILD = /[*?[]/;

/** @throws FailureError `fs.failed` for a folder that may match and cannot be listed: its files would be left out without a word */
async function glob(pattern: string): Promise<readonly string[]> {
  if (!WILD.test(pattern) || pattern.includes("\0")) return [];
  await requireListable(pattern);
  const found = await withDuckDb((db) => db.query(`SELECT file FROM glob(${quoteText(pattern)})`), {
    threads: 1,
  });
  return found[0]!.values as string[];
}

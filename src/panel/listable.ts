import { readdir } from "node:fs/promises";
import { join, sep } from "node:path";
import { fileFailure } from "./regular-file.js";

/**
 * Looks into every folder that a pattern leads through. DuckDB passes over one that it may not list.
 * @throws FailureError `fs.failed` that names the folder
 */
export async function requireListable(pattern: string): Promise<void> {
  const parts = pattern.split(sep);
  const first = parts.findIndex((part) => /[*?[]/.test(part));
  const start = first === 0 ? "." : parts.slice(0, first).join(sep) || sep;
  await look(start, parts.slice(first));
}

/** @param parts of the pattern below the folder: all but the last are of folders */
async function look(folder: string, [part, ...rest]: readonly string[]): Promise<void> {
  if (part === undefined) return;
  const isDeep = part === "**";
  if (rest.length === 0 && !isDeep) {
    await foldersIn(folder);
    return;
  }
  if (isDeep) await look(folder, rest);
  const matches = isDeep ? () => true : matcher(part);
  // Links below `**` are not followed, here or there: they may go round in a circle.
  for (const { name, isLink } of await foldersIn(folder))
    if (matches(name) && !(isDeep && isLink)) await look(join(folder, name), isDeep ? [part, ...rest] : rest);
}

async function foldersIn(
  folder: string,
): Promise<readonly { readonly name: string; readonly isLink: boolean }[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map((entry) => ({ name: entry.name, isLink: entry.isSymbolicLink() }));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A link to a file, or a folder that went away: nothing is left out.
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw fileFailure(folder, error);
  }
}

/** `*` and `?` as DuckDB takes them; a part with brackets may match anything. */
function matcher(part: string): (name: string) => boolean {
  if (part.includes("[")) return () => true;
  const source = part.replace(/[*?\\^$.|+(){}\]]/g, (sign) =>
    sign === "*" ? ".*" : sign === "?" ? "." : `\\${sign}`,
  );
  const pattern = new RegExp(`^${source}$`, "su");
  return (name) => pattern.test(name);
}

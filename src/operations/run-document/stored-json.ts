import type { z } from "zod";
import { FailureError } from "../../kit/failure.js";
import type { DurableFiles } from "../../kit/files.js";

/** A file that a run left: what it holds, that it is not there, or why it is not what was written. */
export type Stored<T> =
  | { readonly kind: "there"; readonly value: T; readonly text: string }
  | { readonly kind: "absent" }
  | { readonly kind: "damaged"; readonly why: string };

/** Reads a JSON file of the state directory by its schema. Damage of any kind is an answer; a disk that fails otherwise is not. */
export async function readStored<S extends z.ZodType>(
  files: DurableFiles,
  path: string,
  schema: S,
): Promise<Stored<z.output<S>>> {
  let text: string | null;
  try {
    text = await files.readText(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isFolder =
      error instanceof FailureError && error.failure.code === "fs.failed" && error.failure.errno === "EISDIR";
    if (isFolder) return { kind: "damaged", why: "it is a folder" };
    if (code === "ERR_STRING_TOO_LONG" || code === "ERR_FS_FILE_TOO_LARGE")
      return { kind: "damaged", why: "it is larger than any" };
    throw error;
  }
  if (text === null) return { kind: "absent" };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    const why = text.trim() === "" ? "it is empty" : `it is no JSON: ${JSON.stringify(text.slice(0, 40))}`;
    return { kind: "damaged", why };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { kind: "there", value: parsed.data, text };
  const issue = parsed.error.issues[0]!;
  const at = issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  return { kind: "damaged", why: `${at}${issue.message}` };
}

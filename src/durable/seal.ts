import { z } from "zod";
import { FailureError } from "../kit/failure.js";
import type { DurableFiles } from "../kit/files.js";
import type { Chain, LineDamage } from "./chain.js";

const Seal = z.object({ length: z.number().int().min(1), hash: z.string().regex(/^[0-9a-f]{64}$/) });

/** How long a journal was, and the hash of its last line: it may have grown since, and must not have shrunk. */
export type Seal = z.infer<typeof Seal>;

/** `alias-log.jsonl` → `alias-log.seal.json`, beside it. */
export const sealPath = (journal: string): string => `${journal.replace(/\.jsonl$/, "")}.seal.json`;

export async function writeSeal(
  files: DurableFiles,
  journal: string,
  { length, hash }: Seal,
  how: "synced" | "quick",
): Promise<void> {
  const text = `${JSON.stringify({ length, hash })}\n`;
  if (how === "synced") await files.writeAtomic(sealPath(journal), text);
  else await files.writeUnsynced(sealPath(journal), text);
}

/** Null where there is none, or where a power cut has left an empty one. */
export async function readSeal(files: DurableFiles, journal: string): Promise<Seal | "unreadable" | null> {
  try {
    const text = (await files.readText(sealPath(journal))) ?? "";
    if (text === "") return null;
    return Seal.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof FailureError && error.failure.code !== "fs.failed") throw error;
    return "unreadable";
  }
}

/** Why the lines are not those that were sealed, or null. */
export function sealProblem(
  seal: Seal | "unreadable" | null,
  { lines }: Chain,
  isRequired: boolean,
): LineDamage | null {
  const after = lines.length + 1;
  if (seal === "unreadable")
    return {
      line: 1,
      expected: "length and last hash of the journal",
      actual: "something else",
      isSeal: true,
    };
  if (seal === null) {
    const chained = lines.filter(({ hash }) => hash !== null).length;
    return isRequired && chained > 1
      ? { line: 1, expected: "length and last hash of the journal", actual: "no such file", isSeal: true }
      : null;
  }
  if (lines.length < seal.length)
    return { line: after, expected: `${seal.length} lines, as the seal says`, actual: `${lines.length}` };
  return lines[seal.length - 1]!.hash === seal.hash
    ? null
    : { line: seal.length, expected: `a line with the hash that the seal says`, actual: "one with another" };
}

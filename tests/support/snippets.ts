import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "./cli.js";

/** A fenced block of a document. */
export interface Snippet {
  readonly file: string;
  /** Of its first line, counted from 1. */
  readonly line: number;
  /** Behind the fence; empty for none. */
  readonly language: string;
  readonly text: string;
}

const markdownIn = (folder: string): string[] =>
  readdirSync(join(REPOSITORY, folder))
    .filter((name) => name.endsWith(".md"))
    .sort()
    .map((name) => join(folder, name));

/** What people read who use the program. Decision records are not among it: they tell what was. */
export const DOCUMENTS: readonly string[] = [
  "README.md",
  "CONTRIBUTING.md",
  ...markdownIn("docs"),
  ...readdirSync(join(REPOSITORY, "examples"))
    .sort()
    .flatMap((name) => markdownIn(join("examples", name))),
];

export const readDocument = (file: string): string => readFileSync(join(REPOSITORY, file), "utf8");

export function snippetsOf(file: string): readonly Snippet[] {
  const text = readDocument(file);
  return [...text.matchAll(/^( *)```(\w*)\n(.*?)\n\1```/gms)].map((found) => ({
    file,
    line: text.slice(0, found.index).split("\n").length + 1,
    language: found[2]!,
    text: found[3]!.replaceAll(`\n${found[1]!}`, "\n"),
  }));
}

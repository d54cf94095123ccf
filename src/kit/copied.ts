/** Tags of runs and versions that were copied from another registry. */
export const COPY_TAGS = {
  /** Where it was made: the registry's address, and its run id or version there. It stays the same when the copy is copied. */
  origin: "retrain.origin",
  /** On a run: digest of what the original held when it was copied. It is there once all of that is. */
  state: "retrain.origin-state",
  /** On a run: version numbers in its files that mean other numbers here, e.g. `2=7 3=8`; `0` is none. */
  numbers: "retrain.origin-versions",
} as const;

/**
 * The number that a version has in this registry.
 * @param number as a file of the run has it, e.g. its snapshot: files keep the numbers of the registry where they were made
 */
export function versionHere(tags: Readonly<Record<string, string>>, number: string): string {
  return parseNumbers(tags[COPY_TAGS.numbers]).get(number) ?? number;
}

export function parseNumbers(text: string | undefined): ReadonlyMap<string, string> {
  const pairs = (text ?? "").split(" ").filter((pair) => pair.includes("="));
  return new Map(pairs.map((pair) => pair.split("=", 2) as [string, string]));
}

import type { Version } from "../schemas.js";
import type { Written } from "./links.js";
import { Entry } from "./replay.js";

/** Tag of a version of the ledger that holds its entry. */
export const ENTRY = "retrain.move";

export function writtenIn({ version, tags }: Version): Written {
  const text = tags.find(({ key }) => key === ENTRY)?.value ?? "";
  return { number: Number(version), text, entry: entryIn(text) };
}

function entryIn(text: string): Entry | null {
  try {
    return Entry.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

import { z } from "zod";

/** Tag of a registry run: how the record of alias moves ended when the run was closed, or a person decided about it. */
export const TRAIL_TAG = "retrain.trail";

/**
 * How long the record of a model's alias moves was, and a hash over all of it: its number of lines, or on a server the number of its last entry. The record may
 * have grown since; one that does not have this end any more was cut, or is of an earlier time.
 */
export const TrailEnd = z.object({
  length: z.number().int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});
export type TrailEnd = Readonly<z.infer<typeof TrailEnd>>;

/** What a registry run says of it; null where it says nothing. */
export function endInTags(tags: Readonly<Record<string, string>>): TrailEnd | "unreadable" | null {
  const text = tags[TRAIL_TAG];
  if (text === undefined) return null;
  try {
    return TrailEnd.parse(JSON.parse(text));
  } catch {
    return "unreadable";
  }
}

/** Of a record that does not have a line: the hash is that of nothing. */
const NO_MOVES: TrailEnd = {
  length: 0,
  hash: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
};

/** @param trail every end that it has had, oldest first */
export const endOf = (trail: readonly TrailEnd[]): TrailEnd => trail.at(-1) ?? NO_MOVES;

/** Whether the record ended so once. */
export const hasEnd = (trail: readonly TrailEnd[], { length, hash }: TrailEnd): boolean =>
  (length === 0 ? NO_MOVES : trail.find((end) => end.length === length))?.hash === hash;

import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Boundary } from "./boundary.js";
import type { Side, Watch } from "./instrument.js";

/** A moment at which a run can be killed: one side of the n-th boundary of this description. */
export interface Moment extends Boundary {
  readonly side: Side;
  /** Counts from 1. */
  readonly occurrence: number;
}

export interface RecordedMoment extends Moment {
  /** The moment before left the same state behind, so one kill stands for both. */
  readonly sameAsBefore: boolean;
  /** A whole-file write torn in the same way as an earlier one of its kind: a hidden temp file beside the target. */
  readonly sameTear: boolean;
}

export const momentName = ({ side, kind, what, occurrence }: Moment): string =>
  `${side} ${kind}: ${what}${occurrence === 1 ? "" : ` (${occurrence})`}`;

/** Numbers the moments of one run. */
function counter(): (boundary: Boundary, side: Side) => Moment {
  const seen = new Map<string, number>();
  return (boundary, side) => {
    const key = JSON.stringify([boundary, side]);
    const occurrence = (seen.get(key) ?? 0) + 1;
    seen.set(key, occurrence);
    return { ...boundary, side, occurrence };
  };
}

/** Collects every moment of a run. `look` names the state outside of the process as it is now. */
export function recordMoments(look: () => string): { watch: Watch; moments: readonly RecordedMoment[] } {
  const moments: RecordedMoment[] = [];
  const next = counter();
  const torn = new Set<string>();
  let last: string | null = null;
  return {
    moments,
    async watch(boundary, side) {
      const state = look();
      // What a notification changes is not in the state directory.
      const isSeen = side === "torn" || boundary.kind === "notification";
      const tear = `${boundary.kind} ${boundary.what.split(" ")[0]}`;
      const sameTear = side === "torn" && !boundary.what.startsWith("append") && torn.has(tear);
      if (side === "torn") torn.add(tear);
      moments.push({ ...next(boundary, side), sameAsBefore: !isSeen && state === last, sameTear });
      last = state;
    },
  };
}

/** Dies at one moment: `die` must not return. */
export function dieAt(target: Moment, die: () => Promise<never>): Watch {
  const next = counter();
  const wanted = momentName(target);
  return async (boundary, side, tear) => {
    if (momentName(next(boundary, side)) !== wanted) return;
    await tear();
    await die();
  };
}

/** Every entry below a folder, with what tells a change: kind, mode, size, time and number on the disk. */
export function lookAtFolder(folder: string): string {
  const lines: string[] = [];
  const walk = (path: string) => {
    for (const name of readdirSync(path).sort()) {
      const full = join(path, name);
      const stat = lstatSync(full);
      lines.push(
        stat.isDirectory()
          ? full
          : `${full} ${stat.mode} ${stat.size} ${stat.mtimeMs} ${stat.ino} ${stat.nlink}`,
      );
      if (stat.isDirectory()) walk(full);
    }
  };
  try {
    walk(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return lines.join("\n");
}

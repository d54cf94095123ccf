import { rm } from "node:fs/promises";
import { FailureError, fail } from "../../kit/failure.js";
import type { LeakFound } from "../../kit/failures/learner.js";
import { type ChangedFiles, FilesNotChanged, type Programs } from "../../kit/programs.js";
import { type Part, placeOf } from "./part.js";
import { readForecasts } from "./read-forecasts.js";
import { type PartOptions, runPart } from "./run-part.js";

/** What a canary needs to know of the panel outside of the fold's folder. */
export interface Canary {
  /** Absolute paths of the panel's own files. */
  readonly files: readonly string[];
  /**
   * Other content for the panel's files: target and observed features differ in rows after `origin`. Written into `folder`.
   * @returns a text where that cannot be done: why
   */
  changedAfter(origin: number, folder: string): Promise<ChangedFiles | string>;
  /** Told once a learner. */
  report(verdict: CanaryVerdict): void;
}

export interface CanaryVerdict {
  readonly learner: string;
  /** `not-proven`: this machine could not tell. A program that was caught fails the step instead. */
  readonly verdict: "clean" | "not-proven";
  /** Null for `clean`. */
  readonly why: string | null;
}

/** A difference that is this many times larger than that of two equal runs is no noise of the program. */
const ABOVE_NOISE = 10;

/**
 * Runs the program of a fold once more where the rows after the fold's origin are other ones, wherever it may open the panel; what it was asked is
 * the same byte for byte. An honest program gives the same answer, bit for bit.
 * Where a machine cannot show a program changed files, the panel's files are watched instead.
 * @param first what it forecast in the fold, as it was read
 * @throws FailureError `learner.leaks-future`
 */
export async function checkFold(
  part: Part,
  first: Float64Array,
  programs: Programs,
  canary: Canary,
): Promise<Omit<CanaryVerdict, "learner">> {
  const cannot = await programs.cannotChangeFiles();
  const folder = await programs.scratch();
  try {
    const changed = cannot ?? (await canary.changedAfter(part.span.origin, folder));
    return typeof changed === "string"
      ? await watch(part, programs, canary, changed)
      : await compare(part, first, programs, changed);
  } catch (error) {
    if (!(error instanceof FilesNotChanged)) throw error;
    return { verdict: "not-proven", why: "the panel's files could not be changed for it" };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The way that keeps nobody out: a file that is open for a moment is seen by chance. */
async function watch(
  part: Part,
  programs: Programs,
  { files }: Canary,
  cannot: string,
): Promise<Omit<CanaryVerdict, "learner">> {
  const { place, opened, folder } = await runPart(part, programs, { purpose: "canary", watched: files });
  await rm(folder, { recursive: true, force: true });
  if (opened.length > 0) {
    const found = { kind: "opened" as const, files: [...opened] };
    fail({ code: "learner.leaks-future", retryable: false, ...place, found });
  }
  return { verdict: "not-proven", why: `${cannot}; it was not seen to open the panel's files` };
}

async function compare(
  part: Part,
  first: Float64Array,
  programs: Programs,
  changed: ChangedFiles,
): Promise<Omit<CanaryVerdict, "learner">> {
  const other = await answerOf(part, programs, { purpose: "canary, later rows changed", changed });
  if (typeof other !== "string" && largestDifference(first, other) === 0)
    return { verdict: "clean", why: null };
  // The same request in the world as it is: what differs here too is not the doing of the later rows.
  const again = await answerOf(part, programs, { purpose: "canary, nothing changed" });
  const caught = (found: LeakFound) =>
    fail({ code: "learner.leaks-future", retryable: false, ...placeOf(part, programs.logFile), found });
  if (typeof again === "string")
    return { verdict: "not-proven", why: `asked the same again, it failed: ${again}` };
  if (typeof other === "string") return caught({ kind: "failed", code: other });
  if (largestDifference(first, other) <= ABOVE_NOISE * largestDifference(first, again))
    return { verdict: "not-proven", why: "it gives another answer each time that it is asked the same" };
  const cells = first.reduce((sum, value, cell) => sum + (Object.is(value, other[cell]) ? 0 : 1), 0);
  return caught({ kind: "answer", cells, of: first.length });
}

/** What a program forecasts, or the code of its failure. */
async function answerOf(part: Part, programs: Programs, how: PartOptions): Promise<Float64Array | string> {
  try {
    const { folder, place } = await runPart(part, programs, how);
    const forecast = await readForecasts(folder, part, place);
    await rm(folder, { recursive: true, force: true });
    return forecast;
  } catch (error) {
    if (error instanceof FailureError && error.failure.code.startsWith("learner.")) return error.failure.code;
    throw error;
  }
}

/** Relative to the larger of both; 0 only when every bit is the same. */
function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((largest, value, cell) => {
    const other = b[cell]!;
    if (Object.is(value, other)) return largest;
    const scale = Math.max(Math.abs(value), Math.abs(other), Number.MIN_VALUE);
    return Math.max(largest, Math.abs(value - other) / scale);
  }, 0);
}

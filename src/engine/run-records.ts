import { z } from "zod";
import { digest } from "../durable/hash.js";
import { VERDICTS } from "../kit/events.js";
import { FailureError, fail } from "../kit/failure.js";
import { canonicalJson } from "../kit/json.js";
import { TrailEnd } from "../kit/trail.js";

/** Of `run.json` and `journal.jsonl` together. Bump it when an older program would misread either of them. */
export const RUN_FORMAT = 1;

/** `run.json`: what the run was asked for. It never changes; what happened is in the journal. */
export const RunHeader = z.object({
  format: z.literal(RUN_FORMAT),
  run: z.string(),
  quarter: z.string(),
  cutoff: z.string(),
  model: z.string(),
  alias: z.string(),
  dryRun: z.boolean(),
  /** Absolute path. */
  runbook: z.string(),
  /** `--set` values. */
  overrides: z.array(z.string()),
  startedAt: z.string(),
  /** Counts the runs of a state directory in the order in which they were made, whatever the clock said. Absent in runs of older programs, which come first. */
  order: z.number().int().exactOptional(),
  /** Was begun with `--fresh`: whoever goes on with it reuses nothing of other runs. */
  fresh: z.literal(true).exactOptional(),
  /** Version of the program that made the run. */
  retrain: z.string().exactOptional(),
});
export type RunHeader = z.infer<typeof RunHeader>;

/** An end of the record of alias moves, and the registry run that says it. */
const TrailLeft = TrailEnd.extend({
  /** Address, without credentials. */
  registry: z.string(),
  registryRun: z.string(),
  /** Digest of the decision that has closed it. */
  decision: z.string(),
});
export type TrailLeft = z.infer<typeof TrailLeft>;

const at = { at: z.string() };

/** One line of `journal.jsonl`. */
export const JournalEntry = z.discriminatedUnion("type", [
  z.object({
    ...at,
    type: z.literal("session-started"),
    pid: z.number(),
    host: z.string(),
    runbook: z.string(),
    /** Ids of the steps, in their order. Absent in journals of programs that did not say it. */
    steps: z.array(z.string()).exactOptional(),
  }),
  z.object({
    ...at,
    type: z.literal("step-started"),
    step: z.string(),
    fingerprint: z.string(),
    reason: z.string(),
  }),
  z.object({ ...at, type: z.literal("step-succeeded"), step: z.string(), fingerprint: z.string() }),
  z.object({ ...at, type: z.literal("step-reused"), step: z.string(), fingerprint: z.string() }),
  z.object({ ...at, type: z.literal("step-skipped"), step: z.string(), reason: z.string() }),
  z.object({
    ...at,
    type: z.literal("step-retried"),
    step: z.string(),
    /** Number of the attempt that is to come, from 2. */
    attempt: z.number(),
    waitSeconds: z.number(),
    code: z.string(),
    detail: z.unknown(),
  }),
  z.object({
    ...at,
    type: z.literal("step-failed"),
    step: z.string(),
    code: z.string(),
    detail: z.unknown(),
    /** The run may do without it. */
    optional: z.boolean().exactOptional(),
  }),
  z.object({
    ...at,
    type: z.literal("run-finished"),
    verdict: z.enum(VERDICTS),
    exitCode: z.number(),
    /** Where the verdict alone does not say it: a step has no result yet, although the alias has moved, say. */
    unfinished: z.boolean().exactOptional(),
    /** How the record of alias moves ended. */
    trail: TrailLeft.exactOptional(),
  }),
]);
export type JournalEntry = z.infer<typeof JournalEntry>;
type WithoutTime<T> = T extends unknown ? Omit<T, "at"> : never;
export type NewJournalEntry = WithoutTime<JournalEntry>;

/** The text of `run.json`: the header with a hash of itself. */
export const sealedHeader = (header: RunHeader): string =>
  `${JSON.stringify({ ...header, sha256: digest(canonicalJson(header)) }, null, 2)}\n`;

/** Two models may take one place at the same time, and runs of older programs have none: then the start decides, and then the id. */
export function byMaking(a: RunHeader, b: RunHeader): number {
  const place = (a.order ?? 0) - (b.order ?? 0);
  if (place !== 0) return place;
  const key = ({ startedAt, run }: RunHeader) => `${startedAt} ${run.padStart(40)}`;
  return key(a) < key(b) ? -1 : 1;
}

const AnyHeader = z.object({ format: z.number(), retrain: z.string().optional() });

/** @throws FailureError `store.format`, `store.corrupt` */
export function parseHeader(text: string, path: string): RunHeader {
  try {
    const json: unknown = JSON.parse(text);
    const any = AnyHeader.safeParse(json);
    if (any.success && any.data.format !== RUN_FORMAT) {
      const { format, retrain } = any.data;
      return fail({
        code: "store.format",
        retryable: false,
        path,
        expected: RUN_FORMAT,
        actual: format,
        writtenBy: retrain ?? null,
      });
    }
    // A program that knew of no hash wrote none.
    const { sha256, ...header } = z.looseObject({ sha256: z.string().optional() }).parse(json);
    if (sha256 !== undefined && sha256 !== digest(canonicalJson(header))) throw new Error("another hash");
    return RunHeader.parse(header);
  } catch (error) {
    if (error instanceof FailureError) throw error;
    return fail(
      {
        code: "store.corrupt",
        retryable: false,
        path,
        expected: `a run header of format ${RUN_FORMAT}`,
        actual: text.slice(0, 80),
      },
      error,
    );
  }
}

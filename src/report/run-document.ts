import { z } from "zod";
import { Absence } from "../kit/artifacts/absence.js";
import { Decision, missingChampion, RuleResult } from "../kit/artifacts/decision.js";
import { PersonDecision } from "../kit/artifacts/person-decision.js";
import type { Registered } from "../kit/artifacts/registered.js";
import { Delivery } from "../kit/channels.js";
import { STEP_STATUSES, type StepStatus, VERDICTS, type Verdict } from "../kit/events.js";
import type { Failure } from "../kit/failure.js";
import type { MetricMap } from "../kit/step.js";
import { wholeRecord } from "../kit/whole-record.js";
import { CauseWords } from "./escalation/cause-words.js";
import { explainFailure } from "./failures/explain.js";
import type { FailureContext } from "./failures/text.js";

/**
 * What an alias names. `run`: the registry did not answer after the last step, and this is what the run itself left there; `unknown`: it did not
 * answer, and the run does not know.
 */
const LiveVersion = z.object({
  version: z.string().nullable(),
  source: z.enum(["registry", "run", "unknown"]),
});
export type LiveVersion = z.infer<typeof LiveVersion>;

const RunDocumentStep = z.object({
  id: z.string(),
  type: z.string(),
  /** The run may do without it; absent where it may not. */
  optional: z.literal(true).exactOptional(),
  status: z.enum(STEP_STATUSES),
  seconds: z.number(),
  summary: z.string(),
  failure: z
    .object({
      code: z.string(),
      title: z.string(),
      where: z.string().nullable(),
      expected: z.string().nullable(),
      details: z.array(z.string()).readonly(),
      next: z.array(z.string()).readonly(),
    })
    .nullable(),
});
export type RunDocumentStep = z.infer<typeof RunDocumentStep>;

/** What `retrain quarter --json` prints. Names are a contract: members may be added, none renamed or removed. */
export const RunDocument = z.object({
  run: z.string(),
  quarter: z.string(),
  /** ISO day. */
  cutoff: z.string(),
  dryRun: z.boolean(),
  verdict: z.enum(VERDICTS),
  exitCode: z.number().int(),
  seconds: z.number(),
  model: z.object({ name: z.string(), alias: z.string() }),
  steps: z.array(RunDocumentStep).readonly(),
  candidate: z.object({ name: z.string(), version: z.string() }).nullable(),
  /** Versions that the alias named before and after the run; null where it named none. In a dry run `after` is what it would name. */
  champion: z.object({ before: z.string().nullable(), after: z.string().nullable() }),
  /** What services load, asked after the last step; absent in documents of programs that did not ask. */
  live: LiveVersion.exactOptional(),
  decision: z.object({ digest: z.string(), rules: z.array(RuleResult).readonly() }).nullable(),
  /** Approvals by which the champion came to be live although rules had failed; absent where there are none. */
  overrides: Decision.shape.overrides.unwrap().exactOptional(),
  /** What was live and is not there; absent where nothing is missing. */
  missing: z.array(Absence).readonly().exactOptional(),
  /** What was live is damaged, as the decision says; absent where it is sound. */
  damaged: Decision.shape.damaged,
  /** By full name, `<step>.<metric>`; null could not be measured. */
  metrics: wholeRecord(z.string(), z.number().nullable()),
  /** Paths as the caller shows them; null where the run did not make the file. */
  files: z.object({
    report: z.string().nullable(),
    outlook: z.string().nullable(),
    snapshot: z.string().nullable(),
    escalation: z.string().nullable(),
    /** The same as a page for a browser. */
    escalationPage: z.string().nullable().exactOptional(),
  }),
  /** What probably happened to the data, the likeliest first; of a run that escalated, or that its validation stopped. */
  diagnosis: z.array(CauseWords).readonly().exactOptional(),
  /** What people decided about the run, or about its model, oldest first; absent where nothing was. In `document.json` only those from before its run came to its end. */
  decisions: z.array(PersonDecision).readonly().exactOptional(),
  /** Who was told, and who could not be. Not in `document.json`, which is written before. */
  notifications: z.array(Delivery).readonly().exactOptional(),
});
export type RunDocument = z.infer<typeof RunDocument>;

export interface RunDocumentInput {
  readonly run: {
    readonly id: string;
    readonly quarter: string;
    readonly cutoff: string;
    readonly dryRun: boolean;
    readonly verdict: Verdict;
    readonly exitCode: number;
    readonly seconds: number;
    readonly model: { readonly name: string; readonly alias: string };
    readonly champion: RunDocument["champion"];
    readonly live: LiveVersion;
  };
  readonly steps: readonly {
    readonly id: string;
    readonly type: string;
    readonly optional?: boolean;
    readonly status: StepStatus;
    readonly seconds: number;
    readonly summary: string;
    /** By name as the step declares it, without the step id. */
    readonly metrics: MetricMap;
    readonly failure: Failure | null;
  }[];
  readonly decision: Decision | null;
  readonly registered: Registered | null;
  readonly files: RunDocument["files"];
  /** For the commands in a failure's `next`. */
  readonly context: FailureContext;
}

export function buildRunDocument(input: RunDocumentInput): RunDocument {
  const { run, steps, decision, registered, files, context } = input;
  return {
    run: run.id,
    quarter: run.quarter,
    cutoff: run.cutoff,
    dryRun: run.dryRun,
    verdict: run.verdict,
    exitCode: run.exitCode,
    seconds: run.seconds,
    model: run.model,
    steps: steps.map(({ id, type, optional, status, seconds, summary, failure }) => ({
      id,
      type,
      ...(optional ? { optional } : {}),
      status,
      seconds,
      summary,
      failure: failure === null ? null : { code: failure.code, ...explainFailure(failure, context) },
    })),
    candidate: registered === null ? null : { name: registered.name, version: registered.version },
    champion: run.champion,
    live: run.live,
    decision: decision === null ? null : { digest: decision.digest, rules: decision.rules },
    ...(decision === null || decision.overrides.length === 0 ? {} : { overrides: decision.overrides }),
    ...(decision?.missing === undefined ? {} : { missing: missingChampion(decision) }),
    ...(decision?.damaged === undefined ? {} : { damaged: decision.damaged }),
    metrics: Object.fromEntries(
      steps.flatMap(({ id, metrics }) =>
        Object.entries(metrics).map(([name, { value }]) => [`${id}.${name}`, value] as const),
      ),
    ),
    files,
  };
}

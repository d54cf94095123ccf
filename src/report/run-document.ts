import type { Absence } from "../kit/artifacts/absence.js";
import { type Decision, missingChampion, type RuleResult } from "../kit/artifacts/decision.js";
import type { Registered } from "../kit/artifacts/registered.js";
import type { Delivery } from "../kit/channels.js";
import type { StepStatus, Verdict } from "../kit/events.js";
import type { Failure } from "../kit/failure.js";
import type { MetricMap } from "../kit/step.js";
import type { CauseWords } from "./escalation/cause-words.js";
import { explainFailure } from "./failures/explain.js";
import type { FailureContext, FailureText } from "./failures/text.js";

/** What `retrain quarter --json` prints. Names are a contract: members may be added, none renamed or removed. */
export interface RunDocument {
  readonly run: string;
  readonly quarter: string;
  /** ISO day. */
  readonly cutoff: string;
  readonly dryRun: boolean;
  readonly verdict: Verdict;
  readonly exitCode: number;
  readonly seconds: number;
  readonly model: { readonly name: string; readonly alias: string };
  readonly steps: readonly RunDocumentStep[];
  readonly candidate: { readonly name: string; readonly version: string } | null;
  /** Versions that the alias named before and after the run; null where it named none. In a dry run `after` is what it would name. */
  readonly champion: { readonly before: string | null; readonly after: string | null };
  /** What services load, asked after the last step; absent in documents of programs that did not ask. */
  readonly live?: LiveVersion;
  readonly decision: { readonly digest: string; readonly rules: readonly RuleResult[] } | null;
  /** Approvals by which the champion came to be live although rules had failed; absent where there are none. */
  readonly overrides?: Decision["overrides"];
  /** What was live and is not there; absent where nothing is missing. */
  readonly missing?: readonly Absence[];
  /** By full name, `<step>.<metric>`; null could not be measured. */
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly files: RunFiles;
  /** What probably happened to the data, the likeliest first; of a run that escalated, or that its validation stopped. */
  readonly diagnosis?: readonly CauseWords[];
  /** Who was told, and who could not be. Not in `document.json`, which is written before. */
  readonly notifications?: readonly Delivery[];
}

/**
 * What an alias names. `run`: the registry did not answer after the last step, and this is what the run itself left there; `unknown`: it did not
 * answer, and the run does not know.
 */
export interface LiveVersion {
  readonly version: string | null;
  readonly source: "registry" | "run" | "unknown";
}

export interface RunDocumentStep {
  readonly id: string;
  readonly type: string;
  /** The run may do without it; absent where it may not. */
  readonly optional?: true;
  readonly status: StepStatus;
  readonly seconds: number;
  readonly summary: string;
  readonly failure: (FailureText & { readonly code: string }) | null;
}

/** Paths as the caller shows them; null where the run did not make the file. */
interface RunFiles {
  readonly report: string | null;
  readonly outlook: string | null;
  readonly snapshot: string | null;
  readonly escalation: string | null;
  /** The same as a page for a browser. */
  readonly escalationPage?: string | null;
}

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
  readonly files: RunFiles;
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
    metrics: Object.fromEntries(
      steps.flatMap(({ id, metrics }) =>
        Object.entries(metrics).map(([name, { value }]) => [`${id}.${name}`, value] as const),
      ),
    ),
    files,
  };
}

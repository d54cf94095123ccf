import type { z } from "zod";
import type { ArtifactKind, ArtifactReader, ArtifactWriter } from "./artifact.js";
import type { Clock } from "./clock.js";
import type { EarlierRuns } from "./earlier.js";
import type { Json } from "./json.js";
import type { QuarterWindow } from "./quarter.js";
import type { ModelRegistry } from "./registry.js";
import type { CodeVersion, DataSpec, ModelSpec } from "./specs.js";

/** One measured figure. `null` is "could not be measured", never zero; `why` then says the reason. */
export interface Metric {
  readonly value: number | null;
  /** How many observations stand behind the value. */
  readonly n?: number;
  /** Machine word for why the value is null, e.g. `no-live-snapshot`. */
  readonly why?: string;
}

export type MetricMap = Readonly<Record<string, Metric>>;

/** A named input. A plain kind is required; `optional(kind)` is wired when an earlier step makes it. */
export type InputPort = ArtifactKind | { readonly kind: ArtifactKind; readonly optional: true };

export const optional = <K extends ArtifactKind>(kind: K) => ({ kind, optional: true }) as const;

export type InputPorts = Readonly<Record<string, InputPort>>;
export type OutputPorts = Readonly<Record<string, ArtifactKind>>;

/** What a step type whose ports are named in the runbook takes, gives and reports there. */
export interface Ports {
  readonly inputs: InputPorts;
  readonly outputs: OutputPorts;
  readonly metrics: Readonly<Record<string, string>>;
}

type InputReaders<I extends InputPorts> = {
  readonly [K in keyof I]: I[K] extends ArtifactKind ? ArtifactReader : ArtifactReader | null;
};
type OutputWriters<O extends OutputPorts> = { readonly [K in keyof O]: ArtifactWriter };

/** What every step may read besides its inputs; all of it is in the fingerprint. */
export interface RunScope {
  readonly quarter: QuarterWindow;
  readonly data: DataSpec;
  readonly model: ModelSpec;
  /** Month (1..12) in which the fiscal year starts. */
  readonly fiscalYearStart: number;
  /** Only where CSV files for people keep what a spreadsheet would run. */
  readonly csv?: { readonly formulas: "keep" };
}

export interface Services {
  readonly registry: ModelRegistry;
  readonly clock: Clock;
  /** Threads that a step may use; absent is one. No result depends on it. */
  readonly workers?: number;
  /** What earlier runs are known to have put live, besides what the registry says; absent where nothing is kept of them. */
  readonly earlier?: EarlierRuns;
  /** Loads a value once per process and key (an artifact hash, say), so that steps can share a parsed panel. */
  memo<T>(key: string, load: () => Promise<T>): Promise<T>;
}

/** What a step sees before it runs: enough to say which state outside its inputs it will read. */
export interface ExternalContext<P, I extends InputPorts> extends RunScope {
  readonly params: P;
  readonly inputs: InputReaders<I>;
  readonly services: Services;
}

/** Where one attempt at a step may leave what is no artifact. */
export interface Workspace {
  /** Makes an empty folder on the same disk as the outputs, which is removed when the attempt is over. */
  scratch(): Promise<string>;
  /** Absolute path of the step's log. */
  readonly logFile: string;
  /** Absolute path of the state directory, which keeps what other runs and steps made. */
  readonly stateFolder: string;
  /** Appends one line to the step's log, with secrets masked. */
  log(line: string): void;
}

export interface StepContext<P, I extends InputPorts, O extends OutputPorts> extends ExternalContext<P, I> {
  readonly outputs: OutputWriters<O>;
  readonly workspace: Workspace;
  readonly run: { readonly id: string; readonly dryRun: boolean; readonly step: string };
  readonly lineage: {
    readonly code: CodeVersion;
    /** `sha256:` of the runbook as it was resolved (with `--set`, without environment values). */
    readonly runbook: string;
  };
  /** The same for every attempt at this step with this fingerprint; register, promote and notify look it up before acting. */
  readonly idempotencyKey: string;
  /** Aborted on Ctrl-C and at the step's `timeout`. A step that waits passes it on or asks `signal.throwIfAborted()`. */
  readonly signal: AbortSignal;
  /** Metrics of the earlier steps of this run by full path, e.g. `accuracy.wmape`. */
  readonly metrics: MetricMap;
  progress(done: number, total: number, label: string): void;
  /** Says something that a person should look at; it does not stop the run. */
  warn(message: string): void;
}

export interface StepResult {
  /** One line for people with the main figure, e.g. `912 pairs, WMAPE 11.2%`. */
  readonly summary: string;
  /** By name as declared in `metrics`; reported as `<step id>.<name>`. */
  readonly metrics?: MetricMap;
}

/** What the steps before this one in the runbook will offer. */
export interface Upstream {
  /** Full metric paths; a `*` stands for one segment, e.g. `validate.drift.*.statistic`. */
  readonly metrics: readonly string[];
  /** Themselves, in runbook order. */
  readonly steps: readonly { readonly id: string; readonly type: string; readonly params: unknown }[];
  /** The alias that promotion moves. */
  readonly alias: string;
  /** Columns of the panel by their roles; absent where the runbook's own cannot be read. */
  readonly columns?: Pick<DataSpec["columns"], "target" | "attributes" | "known" | "observed">;
}

/** A parameter that is well-formed but cannot work here. `path` is inside `with:`. */
export interface ParameterProblem {
  readonly path: readonly (string | number)[];
  /** The last part of the path is a key of a mapping, and the key is what is wrong. */
  readonly isKey?: true;
  readonly message: string;
  readonly suggestion: string | null;
}

export interface StepType<
  P = unknown,
  I extends InputPorts = InputPorts,
  O extends OutputPorts = OutputPorts,
  S extends z.ZodType<P> = z.ZodType<P>,
> {
  /** `uses:` in the runbook. */
  readonly type: string;
  /** In the fingerprint: bump it when the same inputs mean another result. */
  readonly version: number;
  readonly summary: string;
  /** `with:` in the runbook. Descriptions feed the JSON schema and docs/steps.md. */
  readonly params: S;
  readonly inputs: I;
  readonly outputs: O;
  /** Metric names with what they mean; a `*` stands for one path segment, e.g. `drift.*.statistic`. */
  readonly metrics: Readonly<Record<string, string>>;
  /** Those that it will report with these parameters, where the patterns of `metrics` stand for more. */
  reports?(params: P): readonly string[];
  /** For step types whose ports are parameters: they then stand for `inputs`, `outputs` and `metrics`. */
  ports?(params: P): Ports;
  /** `external` steps change something outside the run and must be idempotent by `idempotencyKey`. */
  readonly effect: "pure" | "external";
  /** True if the step reads `ctx.metrics`; then they are in its fingerprint. */
  readonly readsMetrics?: boolean;
  /** True if it may only run when every earlier step that is not optional has a result. */
  readonly afterAll?: boolean;
  /** True if `ctx.lineage` is part of the result (a decision), not only a label on it; then it is in the fingerprint. */
  readonly readsLineage?: boolean;
  /** Checks at parse time what a schema cannot: parameters against what the earlier steps will offer. */
  check?(params: P, upstream: Upstream): readonly ParameterProblem[];
  /** State outside the inputs that the result depends on (file hashes, champion version): hashed into the fingerprint. */
  external?(ctx: ExternalContext<P, I>): Promise<Json>;
  /** For external steps: null if the recorded effect still stands, else why it does not. Asked before reuse. */
  holds?(
    ctx: ExternalContext<P, I>,
    outputs: Readonly<Record<keyof O, ArtifactReader>>,
  ): Promise<string | null>;
  run(ctx: StepContext<P, I, O>): Promise<StepResult>;
}

/** A step type whose parameter and port types are erased, as the plan and the engine see it. */
// biome-ignore lint/suspicious/noExplicitAny: variance: a list of step types has no common parameter type
export type AnyStepType = StepType<any, InputPorts, OutputPorts, z.ZodType<any>>;

/** Declares a step type; only helps the compiler to infer ports and parameters. */
export function defineStep<S extends z.ZodType, const I extends InputPorts, const O extends OutputPorts>(
  step: StepType<z.output<S>, I, O, S & z.ZodType<z.output<S>>>,
): StepType<z.output<S>, I, O, S & z.ZodType<z.output<S>>> {
  return step;
}

export const inputKind = (port: InputPort): ArtifactKind => (typeof port === "string" ? port : port.kind);
export const isOptional = (port: InputPort): boolean => typeof port !== "string";

/** The step type as this `with:` makes it: with its ports fixed. */
export const withPorts = (type: AnyStepType, params: unknown): AnyStepType =>
  type.ports === undefined ? type : { ...type, ...type.ports(params) };

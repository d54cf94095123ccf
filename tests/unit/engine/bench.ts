import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { parseQuarter } from "../../../src/calendar/quarter.js";
import { nodeFiles } from "../../../src/durable/node-files.js";
import { createEngine, type Engine, type RunRequest } from "../../../src/engine/engine.js";
import { previewRun, type RunPlan } from "../../../src/engine/preview.js";
import { type RunResult, runQuarter } from "../../../src/engine/run.js";
import { stateFolder } from "../../../src/engine/state-folder.js";
import type { RunEvent, Verdict } from "../../../src/kit/events.js";
import type { DurableFiles } from "../../../src/kit/files.js";
import type { ModelRegistry } from "../../../src/kit/registry.js";
import type { AnyStepType, InputPorts, OutputPorts, StepContext } from "../../../src/kit/step.js";
import { wireGraph } from "../../../src/plan/graph.js";
import { embeddedRegistry } from "../../../src/registry/embedded/registry.js";
import { scratchRegistry } from "../../../src/registry/scratch.js";
import { tempFolder } from "../durable/temp-folder.js";
import { runbookOf, type StepOf } from "../plan/runbook-of.js";

export type AnyContext = StepContext<unknown, InputPorts, OutputPorts>;

/** Every output of a test step is this one file. */
export const FILE = "value.txt";

/**
 * A step type for tests: writes its `value` parameter and the texts of its inputs into every output. Other parameters are in the
 * fingerprint and not in the output.
 */
export function stepType(
  type: string,
  inputs: InputPorts,
  outputs: OutputPorts,
  rest: Partial<AnyStepType> = {},
): AnyStepType {
  return {
    type,
    version: 1,
    summary: `does ${type}`,
    params: z.any(),
    inputs,
    outputs,
    metrics: {},
    effect: "pure",
    run: async (ctx: AnyContext) => {
      await writeValue(ctx);
      return { summary: `made by ${type}` };
    },
    ...rest,
  };
}

export async function writeValue(ctx: AnyContext): Promise<void> {
  const texts = Object.entries(ctx.inputs).map(([port, reader]) =>
    reader === null ? `${port}: none` : `${port}: (${readFileSync(reader.file(FILE), "utf8")})`,
  );
  const { value } = (ctx.params ?? {}) as { value?: unknown };
  for (const [port, writer] of Object.entries(ctx.outputs))
    await writer.writeText(FILE, [port, value, ...texts].join(" "));
}

export type RunOptions = Partial<Pick<RunRequest, "dryRun" | "fresh" | "from" | "until">> & {
  readonly quarter?: string;
  readonly model?: string;
  readonly verdict?: Verdict;
  readonly signal?: AbortSignal;
  readonly conclude?: (result: RunResult) => Promise<void>;
};

export interface Ran extends RunResult {
  /** `id status` in order */
  readonly statuses: readonly string[];
  /** Why the steps that ran did, by id. */
  readonly reasons: Readonly<Record<string, string>>;
  /** Text of a step's first output. */
  text(step: string): string;
}

export interface Bench {
  readonly root: string;
  readonly engine: Engine;
  readonly registry: ModelRegistry;
  readonly events: RunEvent[];
  request(steps: readonly StepOf[], options?: RunOptions): RunRequest;
  run(steps: readonly StepOf[], options?: RunOptions): Promise<Ran>;
  plan(steps: readonly StepOf[], options?: RunOptions): Promise<RunPlan>;
}

export interface BenchOptions {
  readonly root?: string;
  readonly files?: DurableFiles;
  readonly tools?: Readonly<Record<string, string>>;
  readonly git?: string;
  readonly now?: () => string;
  readonly mask?: (text: string) => string;
  /** What stands in the place of the embedded registry, which it gets. */
  readonly registry?: (embedded: ModelRegistry) => ModelRegistry;
}

/** A real engine with a real embedded registry over real files in a temp folder. */
export async function openBench(options: BenchOptions = {}): Promise<Bench> {
  const root = options.root ?? (await tempFolder());
  const files = options.files ?? nodeFiles();
  let ticks = 0;
  const clock = {
    now: options.now ?? (() => new Date(Date.UTC(2025, 6, 1) + ticks++ * 1000).toISOString()),
    monotonic: () => ticks++,
  };
  const state = stateFolder(root);
  const embedded = embeddedRegistry({ folder: state.registry, files, clock }, `file:${state.registry}`);
  const registry = options.registry?.(embedded) ?? embedded;
  const events: RunEvent[] = [];
  const engine = createEngine({
    files,
    clock,
    state,
    registryFor: async ({ folder, dryRun }) =>
      dryRun ? scratchRegistry(registry, { folder: join(folder, "scratch"), files, clock }) : registry,
    tools: options.tools ?? { retrain: "1.0.0" },
    code: { retrain: "1.0.0", git: options.git ?? "c0ffee" },
    emit: (event) => events.push(event),
    mask: options.mask ?? ((text) => text),
  });

  const request: Bench["request"] = (steps, given = {}) => {
    const runbook = runbookOf(steps, given.model);
    const wired = wireGraph(
      runbook,
      steps.map(({ type }) => type),
    );
    if (!wired.ok) throw new Error(JSON.stringify(wired.diagnostics));
    const quarter = parseQuarter(given.quarter ?? "2025Q2")!;
    return {
      graph: wired.graph,
      scope: { quarter, data: runbook.data, model: runbook.model, fiscalYearStart: 1 },
      quarter,
      runbook: { file: "runbook.yaml", path: "/nowhere/runbook.yaml", digest: runbook.digest, overrides: [] },
      dryRun: given.dryRun ?? false,
      fresh: given.fresh ?? false,
      from: given.from ?? null,
      until: given.until ?? null,
    };
  };

  return {
    root,
    engine,
    registry,
    events,
    request,
    async run(steps, given = {}) {
      let result: RunResult | undefined;
      const first = events.length;
      const signal = given.signal ?? new AbortController().signal;
      await runQuarter(engine, request(steps, given), signal, async (finished) => {
        result = finished;
        await given.conclude?.(finished);
        const verdict = { done: "completed", stopped: "completed" } as const;
        return {
          verdict:
            given.verdict ??
            (finished.state === "failed" || finished.state === "interrupted"
              ? finished.state
              : verdict[finished.state]),
          exitCode: 0,
        };
      });
      const ran = result!;
      const reasons = events
        .slice(first)
        .flatMap((event) => (event.type === "step-started" ? [[event.step, event.reason]] : []));
      return {
        ...ran,
        statuses: ran.steps.map(({ id, status }) => `${id} ${status}`),
        reasons: Object.fromEntries(reasons) as Record<string, string>,
        text(step) {
          const record = ran.steps.find(({ id }) => id === step)?.record;
          const artifact = Object.values(record?.outputs ?? {})[0];
          if (artifact === undefined) throw new Error(`${step} left nothing`);
          return readFileSync(engine.objects.reader(artifact).file(FILE), "utf8");
        },
      };
    },
    plan: (steps, given = {}) => previewRun(engine, request(steps, given), registry),
  };
}

/** The error that a promise ends with. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => error,
  );
}

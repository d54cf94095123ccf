import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { concludeRun } from "../../../../src/cli/conclude/conclude.js";
import type { Terminal } from "../../../../src/cli/terminal.js";
import { type RunResult, runQuarter } from "../../../../src/engine/run.js";
import { decisionDigest } from "../../../../src/history/decision.js";
import type { Decision } from "../../../../src/kit/artifacts/decision.js";
import { Registered } from "../../../../src/kit/artifacts/registered.js";
import type { ChannelSpec } from "../../../../src/kit/channels.js";
import { type Failure, FailureError } from "../../../../src/kit/failure.js";
import type { ModelRegistry } from "../../../../src/kit/registry.js";
import type { AnyStepType, InputPorts, OutputPorts } from "../../../../src/kit/step.js";
import type { Notice } from "../../../../src/notify/notice.js";
import { commandsFor } from "../../../../src/report/commands.js";
import { runSummary } from "../../../../src/report/console/summary.js";
import type { RunDocument } from "../../../../src/report/run-document.js";
import { createStyle } from "../../../../src/report/style.js";
import { promote } from "../../../../steps/promote.js";
import { type AnyContext, type Bench, openBench, stepType } from "../../engine/bench.js";
import { runbookOf } from "../../plan/runbook-of.js";

/** The steps of a small quarter, in order. Only those between `register` and `promote` that say so are wired to each other. */
export const STEPS = [
  "prepare",
  "register",
  "build",
  "check",
  "gate",
  "between",
  "promote",
  "export",
  "mail",
] as const;
export type StepId = (typeof STEPS)[number];

/** Steps without which there is nothing to release. */
export const NEEDED: readonly StepId[] = ["prepare", "register", "build", "gate", "promote"];

/**
 * What goes wrong, and where. `bug`: an error that nobody foresaw. `stuck`: it does not stop at its time limit. `moved`: in `promote`, after the alias has moved; `stopped`: Ctrl-C there.
 */
export interface Fault {
  readonly step: StepId;
  readonly kind: "before" | "bug" | "stuck" | "interrupted" | "moved" | "stopped";
}

export interface WorldOptions {
  readonly registry?: (embedded: ModelRegistry) => ModelRegistry;
  readonly model?: string;
  readonly gate: "pass" | "fail";
  /** Steps that the runbook calls optional. */
  readonly optional?: readonly StepId[];
  readonly dryRun?: boolean;
  readonly until?: StepId;
  readonly notify?: readonly ChannelSpec[];
}

/** What a reader finds of a run. */
export interface Told {
  readonly document: RunDocument;
  readonly exitCode: number;
  readonly statuses: Readonly<Record<string, string>>;
  readonly unfinished: boolean;
  /** Every text that says how it ended, by its name. */
  readonly pages: Readonly<Record<string, string>>;
  readonly notices: readonly Notice[];
}

export interface World {
  readonly bench: Bench;
  readonly model: string;
  /** Makes a version live that was promoted before. */
  haveChampion(): Promise<void>;
  /** What the alias names, asked of the registry itself. */
  live(): Promise<string | null>;
  /** Runs the quarter, or goes on with it. */
  run(fault?: Fault | null, more?: Meanwhile): Promise<Told>;
  /** A file of the latest run. */
  left(file: string): string;
}

/** What happens outside while a run is at work. */
interface Meanwhile {
  readonly afterPromote?: () => Promise<void>;
  /** Right before the step `between`. */
  readonly between?: () => Promise<void>;
}

const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const exited = (step: string): Failure => ({
  code: "command.failed",
  retryable: true,
  step,
  program: "python3",
  exitCode: 1,
  signal: null,
  log: `${step}.log`,
  lines: [],
});

/** A small quarter with the real engine, registry, `promote` and conclusion; what is registered and judged is made up. */
export async function openWorld(options: WorldOptions): Promise<World> {
  const model = options.model ?? "demand";
  let fault: Fault | null = null;
  let meanwhile: Meanwhile = {};
  let interrupt = new AbortController();

  const bench = await openBench({
    registry: (embedded) => {
      const real = options.registry?.(embedded) ?? embedded;
      return {
        ...real,
        async closeRun(runId, tags) {
          if (fault?.kind === "moved") throw new Error("the line went dead");
          if (fault?.kind === "stopped") {
            interrupt.abort("SIGINT");
            interrupt.signal.throwIfAborted();
          }
          await real.closeRun(runId, tags);
        },
      };
    },
  });
  const { registry } = bench;

  const trip = (id: StepId): void => {
    if (fault?.step !== id || fault.kind === "moved" || fault.kind === "stopped") return;
    if (fault.kind === "stuck")
      throw new FailureError({
        code: "step.timeout",
        retryable: false,
        step: id,
        limit: "1s",
        stopped: false,
      });
    if (fault.kind === "bug") throw new TypeError("undefined is not a function");
    if (fault.kind === "interrupted") {
      interrupt.abort("SIGINT");
      interrupt.signal.throwIfAborted();
    }
    throw new FailureError(exited(id));
  };
  const step = (
    id: StepId,
    inputs: InputPorts,
    outputs: OutputPorts,
    run: (ctx: AnyContext) => Promise<void>,
    rest: Partial<AnyStepType> = {},
  ): AnyStepType =>
    stepType(id, inputs, outputs, {
      ...rest,
      run: async (ctx: AnyContext) => {
        if (id === "between") await meanwhile.between?.();
        trip(id);
        await run(ctx);
        return { summary: `${id} is done` };
      },
    });
  const plain = (id: StepId) =>
    step(id, {}, { made: `custom/${id}` }, (ctx) => ctx.outputs.made!.writeText("made.txt", id));
  const registered = (ctx: AnyContext) => ctx.inputs.version!.readJson("registered.json", Registered);

  const types: Readonly<Record<StepId, AnyStepType>> = {
    prepare: plain("prepare"),
    register: step("register", { base: "custom/prepare" }, { version: "registered-version" }, async (ctx) => {
      const key = "candidate";
      const spec = { model, name: "2025Q2", quarter: "2025Q2", cutoff: "2025-06-30", tags: {} };
      const { registry } = ctx.services;
      const { runId } = await registry.ensureRun({ ...spec, key });
      const { version } = await registry.ensureVersion({
        name: model,
        key,
        runId,
        description: "",
        tags: {},
      });
      await ctx.outputs.version!.writeJson("registered.json", {
        registry: registry.uri,
        name: model,
        version,
        runId,
      });
    }),
    build: step("build", { version: "registered-version" }, { forecaster: "forecaster" }, async (ctx) => {
      const { version } = await registered(ctx);
      const manifest = '{"format":1,"files":[]}';
      await ctx.outputs.forecaster!.writeText("manifest.json", manifest);
      const source = ctx.outputs.forecaster!.path("manifest.json");
      await ctx.services.registry.attachModel(
        model,
        version,
        [{ path: "manifest.json", source }],
        sha256(manifest),
      );
    }),
    check: plain("check"),
    gate: step(
      "gate",
      { version: "registered-version", forecaster: "forecaster" },
      { decision: "decision" },
      async (ctx) => {
        const { version } = await registered(ctx);
        const live = await ctx.services.registry.getAlias(model, "best");
        const judged: Omit<Decision, "digest"> = {
          quarter: "2025Q2",
          cutoff: "2025-06-30",
          model,
          alias: "best",
          candidate: { version, digest: sha256('{"format":1,"files":[]}') },
          baseline: live === null ? null : { version: live, digest: null },
          firstRelease: live === null,
          verdict: options.gate,
          rules: [],
          loosened: [],
          policy: null,
          overrides: [],
          inputs: { panel: "p", training: "t", runbook: "r", retrain: "0.1.0", git: null },
        };
        await ctx.outputs.decision!.writeJson("decision.json", { ...judged, digest: decisionDigest(judged) });
      },
      { readsMetrics: true },
    ),
    between: plain("between"),
    promote: {
      ...promote,
      run: async (ctx: Parameters<typeof promote.run>[0]) => {
        trip("promote");
        const result = await promote.run(ctx);
        await meanwhile.afterPromote?.();
        return result;
      },
    } as AnyStepType,
    export: plain("export"),
    mail: plain("mail"),
  };
  const steps = STEPS.map((id) => ({
    id,
    type: types[id],
    optional: options.optional?.includes(id) ?? false,
  }));
  const flags = { runbook: null, stateDir: null, overrides: [], dryRun: options.dryRun ?? false };
  const style = createStyle({ color: false, width: 200 });

  return {
    bench,
    model,
    async haveChampion() {
      const spec = { model, name: "2025Q1", quarter: "2025Q1", cutoff: "2025-03-31", tags: {} };
      const { runId } = await registry.ensureRun({ ...spec, key: "champion" });
      const made = { name: model, key: "champion", runId, description: "", tags: {} };
      const { version } = await registry.ensureVersion(made);
      const move = { name: model, alias: "best", to: version, by: "retrain", reason: "", decision: null };
      await registry.moveAlias({ ...move, key: "champion" });
    },
    left: (file) => readFileSync(join(bench.root, "runs", "2025Q2-1", file), "utf8"),
    live: () => registry.getAlias(model, "best"),
    async run(wrong = null, more = {}) {
      fault = wrong;
      meanwhile = more;
      interrupt = new AbortController();
      const request = bench.request(steps, { model, dryRun: flags.dryRun, until: options.until ?? null });
      const notices: Notice[] = [];
      let document: RunDocument | undefined;
      let result: RunResult | undefined;
      const runbook = runbookOf(steps, model);
      const { exitCode } = await runQuarter(
        bench.engine,
        request,
        interrupt.signal,
        async (ended, engine) => {
          result = ended;
          document = await concludeRun({
            engine,
            request,
            result: ended,
            runbook: { ...runbook, escalation: { ...runbook.escalation, notify: options.notify ?? [] } },
            flags,
            terminal: { mask: (text: string) => text, jobSummary: null } as Terminal,
            signal: interrupt.signal,
            notify: async (channels, notice) => {
              notices.push(...channels.map(() => notice));
              return [];
            },
          });
          return { verdict: document.verdict, exitCode: document.exitCode };
        },
      );
      const { header, folder } = result!.run;
      const stored = await bench.engine.runs.get(header.run);
      const read = (file: string) => readFileSync(join(folder, file), "utf8");
      return {
        document: document!,
        exitCode,
        statuses: Object.fromEntries(result!.steps.map(({ id, status }) => [id, status])),
        unfinished: stored.unfinished,
        notices,
        pages: {
          console: runSummary(document!, commandsFor(flags), style),
          report: read("report.html"),
          "job summary": read("job-summary.md"),
          junit: read("junit.xml"),
          document: read("document.json"),
          ...(document!.files.escalation === null ? {} : { escalation: read("escalation/escalation.md") }),
          ...Object.fromEntries(
            notices.map(({ occasion, markdown, title }) => [`notice ${occasion}`, `${title}\n${markdown}`]),
          ),
        },
      };
    },
  };
}

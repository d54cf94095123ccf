import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { CONTRACT_FORMAT, type CommandContext } from "../src/command/contract.js";
import { hashFiles, moveFolder, strangeFile } from "../src/command/files.js";
import { programsOf } from "../src/command/programs.js";
import { readResult } from "../src/command/result.js";
import { isArtifactKind, RELEASE_KINDS } from "../src/kit/artifact.js";
import { fail } from "../src/kit/failure.js";
import type { ProgramEnding } from "../src/kit/programs.js";
import { defineStep, type InputPorts, type OutputPorts, type StepContext } from "../src/kit/step.js";
import { wholeRecord } from "../src/kit/whole-record.js";

const name = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]*$/, "expected a letter, then letters, digits, - and _");
const kind = z.string().refine(isArtifactKind, {
  error: "expected an artifact kind of docs/steps.md, or custom/NAME",
});

const params = z.strictObject({
  run: z
    .array(z.string().min(1))
    .min(1)
    .describe("Program and arguments, e.g. [python3, my_step.py]. No shell reads it: no quoting, no globs"),
  cwd: z
    .string()
    .min(1)
    .meta({ path: true })
    .default(".")
    .describe("Folder that it runs in, relative to the runbook"),
  files: z
    .array(z.string().min(1))
    .meta({ path: true })
    .default([])
    .describe(
      "Further files that the result depends on, relative to the runbook: when one changes, the step runs again. Files that `run` names are in anyway",
    ),
  env: wholeRecord(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "expected the name of a variable"),
    z.string(),
  )
    .default({})
    .describe("Environment variables; secrets belong here, as references to the environment"),
  params: wholeRecord(z.string(), z.unknown())
    .default({})
    .describe("Anything that the command wants to know; it finds it under `params`"),
  inputs: wholeRecord(name, kind).default({}).describe("Input port → artifact kind, e.g. `{ panel: panel }`"),
  outputs: wholeRecord(
    name,
    // It could name any version as judged, or as live.
    kind.refine((made) => !RELEASE_KINDS.some((reserved) => reserved === made), {
      error: `a command may not make ${RELEASE_KINDS.join(", ")}: only the steps that keep the rules of a release do`,
    }),
  )
    .default({})
    .describe("Output port → artifact kind, one of docs/steps.md or `custom/NAME`"),
  metrics: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$/, "expected letters, digits, -, _ and dots"),
    )
    .default([])
    .describe("Names of the metrics that it reports"),
});

type Params = z.output<typeof params>;
type Context = StepContext<Params, InputPorts, OutputPorts>;

export const command = defineStep({
  type: "command",
  version: 1,
  summary: "Runs a program of yours, told by a file what there is and answering by files",
  params,
  inputs: {} as InputPorts,
  outputs: {} as OutputPorts,
  metrics: {},
  ports: ({ inputs, outputs, metrics }) => ({
    inputs: inputs as InputPorts,
    outputs: outputs as OutputPorts,
    metrics: Object.fromEntries(metrics.map((metric) => [metric, "Reported by the command"])),
  }),
  effect: "pure",

  async external({ params: { files, run, cwd } }) {
    return { files: await hashFiles(files, run, cwd) };
  },

  async run(ctx) {
    const { params, workspace } = ctx;
    const folder = await workspace.scratch();
    const context = describe(ctx, folder);
    for (const output of Object.values(context.outputs)) await mkdir(output, { recursive: true });
    const contextFile = join(folder, "context.json");
    await writeFile(contextFile, `${JSON.stringify(context, null, 2)}\n`, { mode: 0o600 });

    const ending = await programsOf(workspace, ctx.signal).run({
      command: params.run,
      cwd: params.cwd,
      env: { ...params.env, RETRAIN_CONTEXT: contextFile },
      timeoutMs: null,
    });
    checkEnding(ctx, ending);

    const place = { step: ctx.run.step, log: workspace.logFile };
    const result = await readResult(context.result, params.metrics, place);
    for (const [port, output] of Object.entries(context.outputs)) {
      const strange = await strangeFile(output);
      if (strange === "") fail({ code: "command.output-missing", retryable: false, port, ...place });
      if (strange !== null) {
        const problem = `${strange} is neither a file nor a folder`;
        fail({
          code: "command.result-invalid",
          retryable: false,
          path: `outputs.${port}`,
          problem,
          ...place,
        });
      }
      await moveFolder(output, dirname(ctx.outputs[port]!.path("file")));
    }
    return result;
  },
});

function describe(ctx: Context, folder: string): CommandContext {
  const { quarter, data, model, run, params } = ctx;
  const { label, start, cutoff } = quarter;
  const { series, time, target, attributes, known, observed } = data.columns;
  const inputs = Object.entries(ctx.inputs).flatMap(([port, reader]) =>
    reader === null
      ? []
      : [
          [
            port,
            {
              kind: reader.kind,
              files: Object.fromEntries(reader.files.map(({ path }) => [path, reader.file(path)])),
            },
          ],
        ],
  );
  return {
    format: CONTRACT_FORMAT,
    run: { id: run.id, dryRun: run.dryRun },
    step: run.step,
    quarter: { label, start, cutoff },
    cutoff,
    params: params.params,
    data: {
      frequency: data.frequency,
      columns: {
        series,
        time,
        target,
        attributes: [...attributes],
        known: [...known],
        observed: [...observed],
      },
    },
    model: { name: model.name, alias: model.alias, horizon: model.horizon },
    inputs: Object.fromEntries(inputs) as CommandContext["inputs"],
    outputs: Object.fromEntries(
      Object.keys(ctx.outputs).map((port) => [port, join(folder, "outputs", port)]),
    ),
    result: join(folder, "result.json"),
  };
}

/** @throws FailureError `command.not-found` or `command.failed`, unless it ended with exit code 0 */
function checkEnding({ params, run, workspace }: Context, ending: ProgramEnding): void {
  const program = params.run[0]!;
  if (!ending.started) {
    const { what, errno } = ending;
    const name = what === "program" ? program : params.cwd;
    fail({ code: "command.not-found", retryable: false, step: run.step, what, name, errno });
  }
  const { exitCode, signal, lines } = ending;
  if (exitCode === 0) return;
  fail({
    code: "command.failed",
    retryable: true,
    step: run.step,
    program,
    exitCode,
    signal,
    log: workspace.logFile,
    lines: [...lines],
  });
}

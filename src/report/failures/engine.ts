import type { EngineFailure } from "../../kit/failures/engine.js";
import { programName } from "../../kit/program-name.js";
import { shellWord } from "../commands.js";
import { plural, shortHash } from "../format.js";
import { explainErrno } from "./errno.js";
import { explainLockFailure } from "./lock.js";
import { againCommand, assertNever, type FailureContext, type FailureText, quarterCommand } from "./text.js";

export function explainEngineFailure(failure: EngineFailure, context: FailureContext): FailureText {
  const { commands } = context;
  const again = againCommand(context);
  switch (failure.code) {
    case "usage.invalid":
      return {
        title: failure.message,
        where: null,
        expected: null,
        details: [],
        next: [failure.next ?? `\`${programName()} --help\``],
      };
    case "runbook.invalid":
      return {
        title: `The runbook has ${plural(failure.count, "error")}; nothing was run`,
        where: failure.file,
        expected: null,
        details: [],
        next: [`Correct the runbook and try it with \`${commands.check()}\``],
      };
    case "run.locked":
    case "run.lock-lost":
    case "run.lock-unreadable":
    case "run.unlock-refused":
      return explainLockFailure(failure, context);
    case "run.none":
      return {
        title: "There is no run here yet",
        where: failure.state,
        expected: null,
        details: failure.runbook === null ? ["There is no runbook.yaml beside it either."] : [],
        next:
          failure.runbook === null
            ? [`\`${programName()} --help\` says how to begin, \`--runbook FILE\` names a project elsewhere`]
            : [
                `See whether the runbook is sound: \`${programName()} check${failure.runbook === "runbook.yaml" ? "" : ` ${shellWord(failure.runbook)}`}\``,
                `Run the quarter that has just closed: ${againCommand(context)}`,
              ],
      };
    case "run.unknown":
      return {
        title: `There is no run ${failure.run}`,
        where: null,
        expected: failure.known.length === 0 ? "a run, but none has been made here" : "one of the runs below",
        details: failure.known,
        next: [failure.known.length === 0 ? again : `\`${commands.runs()}\``],
      };
    case "run.interrupted":
      return {
        title: `Stopped by ${failure.signal}${failure.step === null ? "" : ` during the step ${failure.step}`}`,
        where: context.run,
        expected: null,
        details: ["Everything finished so far is kept, and nothing that is live has changed half-way."],
        next: [`Go on where it stopped: ${again}`],
      };
    case "plan.mismatch":
      return {
        title: "The plan is not the one that was asked for; nothing was run",
        where: null,
        expected: `plan ${failure.expected}`,
        details: [`Now it is ${failure.actual}: data, runbook, program or champion has changed since.`],
        next: [
          `See what would run now, with its digest: \`${
            context.quarter === null ? `${programName()} plan QUARTER` : commands.plan(context.quarter)
          }\``,
        ],
      };
    case "step.output-missing": {
      const { step, port } = failure;
      const output = /^[A-Za-z_]\w*$/.test(port) ? `ctx.outputs.${port}` : `ctx.outputs["${port}"]`;
      return {
        title: `The step ${step} ended without writing its output \`${port}\``,
        where: `step ${step}`,
        expected: "at least one file in every declared output before `run` ends",
        details: ["This is a defect of the step, not of your data or runbook."],
        next: [
          `In a module of your own write it, \`await ${output}.writeJson("${port}.json", value)\`, or a file at \`${output}.path("NAME")\`, or take it out of \`outputs\`; then ${again}`,
          `Where the step is retrain's own, report it to ${context.reportTo}`,
        ],
      };
    }
    case "step.timeout":
      return {
        title: `The step ${failure.step} took longer than its time limit of ${failure.limit}`,
        where: `step ${failure.step}`,
        expected: `an end within ${failure.limit}`,
        details: failure.stopped
          ? ["It was stopped; nothing of it is kept."]
          : [
              "It did not stop when it was told to, so nothing was run after it and the process ended.",
              "Nothing of it is kept.",
            ],
        next: [
          `Give it more time with \`timeout:\` in the runbook, or find out what it waits for; then ${again}`,
        ],
      };
    case "step.artifact-file-missing":
      return {
        title: `The ${failure.kind} artifact has no file ${failure.file}`,
        where: context.run,
        expected: failure.file,
        details: ["A step of another version may have written it."],
        next: [freshCommand(context)],
      };
    case "step.artifact-invalid":
      return {
        title: `The file ${failure.file} of the ${failure.kind} artifact is not valid`,
        where: context.run,
        expected: null,
        details: [failure.detail],
        next: [freshCommand(context)],
      };
    case "store.corrupt": {
      const isHash = /^[0-9a-f]{64}$/.test(failure.expected);
      const isRun = /[\\/](run\.json|journal\.(jsonl|seal\.json))$/.test(failure.path);
      const isLog = !isRun && /\.(jsonl|seal\.json)$/.test(failure.path);
      const toldOf =
        /[\\/]runs[\\/]([^\\/]+)-\d+[\\/](?:escalation[\\/])?(?:document|escalation|notifications)\.json$/.exec(
          failure.path,
        )?.[1];
      return {
        title: "A stored file is not what was written: it was changed or damaged",
        where: failure.path,
        expected: isHash ? `sha256 ${shortHash(failure.expected)}` : failure.expected,
        details: [isHash ? `It has sha256 ${shortHash(failure.actual)}.` : `It reads: ${failure.actual}`],
        next: isRun
          ? [
              `Move that run's folder out of the state directory and run ${again}: finished steps are kept elsewhere and reused`,
            ]
          : isLog
            ? [
                `Move its \`.jsonl\` and its \`.seal.json\` out of the state directory, keep them for whoever asks, and run ${again}: a new one is begun`,
              ]
            : toldOf !== undefined
              ? [`\`${commands.quarter(toldOf)}\` writes it anew, and every step is reused`]
              : [`Remove that file and run ${again}: the step that made it runs again`],
      };
    }
    case "store.format":
      return {
        title: `This run was written by ${failure.actual > failure.expected ? "a newer" : "an older"} retrain and cannot be gone on with`,
        where: failure.path,
        expected: `a run of format ${failure.expected}`,
        details: [
          `It has format ${failure.actual}${failure.writtenBy === null ? "" : `, of retrain ${failure.writtenBy}`}. Runs of other quarters can be used as before.`,
        ],
        next: [
          `Go on with it in ${failure.writtenBy === null ? "the retrain that wrote it" : `retrain ${failure.writtenBy}`}`,
          freshCommand(context),
          "Or keep both apart with another `--state-dir`",
        ],
      };
    case "fs.failed":
      return explainErrno(failure, again);
    case "memory.exhausted":
      return {
        title: "There was not enough memory",
        where: context.run === null ? null : `run ${context.run}`,
        expected: "memory for the panel several times over, and for each thread",
        details: [failure.detail],
        next: [
          `Use fewer threads: \`RETRAIN_WORKERS=1\` before ${again}; finished steps are kept`,
          "Let Node use more of the machine's memory: `NODE_OPTIONS=--max-old-space-size=8192` (in MB) before it",
        ],
      };
    case "internal.bug":
      return {
        title: `This is a bug in retrain: ${failure.message}`,
        where: context.run === null ? null : `run ${context.run}`,
        expected: null,
        details: failure.stack.split("\n"),
        next: [
          `Report it to ${context.reportTo} with the lines above${context.run === null ? "" : ` and the run id ${context.run}`}`,
          `Nothing that is live has been left half-changed; ${quarterCommand(context)} continues the run`,
        ],
      };
    default:
      return assertNever(failure);
  }
}

const freshCommand = (context: FailureContext): string =>
  `Make it again from the start: ${quarterCommand(context, "--fresh")}`;

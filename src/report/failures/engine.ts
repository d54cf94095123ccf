import type { EngineFailure } from "../../kit/failures/engine.js";
import { plural, shortHash } from "../format.js";
import { againCommand, assertNever, type FailureContext, type FailureText } from "./text.js";

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
        next: [failure.next ?? "`retrain --help`"],
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
      return {
        title: `Another run holds the lock: ${failure.holder.run}`,
        where: failure.path,
        expected: "one writer at a time for a model and state directory",
        details: [
          `Held by process ${failure.holder.pid} on ${failure.holder.host} since ${failure.holder.since}.`,
          "A lock whose process has died is taken over without being asked.",
        ],
        next: [
          `Wait for it (\`${commands.status(failure.holder.run)}\` shows how far it is), then run ${again}`,
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
            context.quarter === null ? "retrain plan <quarter>" : commands.plan(context.quarter)
          }\``,
        ],
      };
    case "step.output-missing":
      return {
        title: `The step ${failure.step} ended without writing its output \`${failure.port}\``,
        where: `step ${failure.step}`,
        expected: "every declared output is written before a step ends",
        details: ["This is a defect of the step, not of your data or runbook."],
        next: [`Report it to ${context.reportTo}`],
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
    case "store.corrupt":
      return {
        title: "A stored file is not what was written: it was changed or damaged",
        where: failure.path,
        expected: `sha256 ${shortHash(failure.expected)}`,
        details: [`It has sha256 ${shortHash(failure.actual)}.`],
        next: [`Remove that file and run ${again}: the step that made it runs again`],
      };
    case "fs.failed":
      return {
        title: `The operating system refused to ${failure.operation}: ${errnoWords(failure.errno)}`,
        where: failure.path,
        expected: "a path that this user may read and write, on a disk with space left",
        details: [],
        next: [`Make it so, then run ${again}; finished steps are kept`],
      };
    case "internal.bug":
      return {
        title: `This is a bug in retrain: ${failure.message}`,
        where: context.run === null ? null : `run ${context.run}`,
        expected: null,
        details: failure.stack.split("\n"),
        next: [
          `Report it to ${context.reportTo} with the lines above${context.run === null ? "" : ` and the run id ${context.run}`}`,
          `Nothing that is live has been left half-changed; ${again} continues the run`,
        ],
      };
    default:
      return assertNever(failure);
  }
}

const freshCommand = (context: FailureContext): string =>
  `Make it again from the start: ${againCommand(context).replace(/`$/, " --fresh`")}`;

function errnoWords(errno: string): string {
  const words: Readonly<Record<string, string>> = {
    EACCES: "permission denied",
    EPERM: "permission denied",
    ENOSPC: "no space left on the disk",
    EDQUOT: "the disk quota is used up",
    EROFS: "the file system is read-only",
    ENOENT: "no such file or folder",
    ENOTDIR: "a part of the path is not a folder",
    EISDIR: "it is a folder",
    EMFILE: "too many open files",
    EXDEV: "source and target are on different file systems",
  };
  const known = words[errno];
  return known === undefined ? errno : `${known} (${errno})`;
}

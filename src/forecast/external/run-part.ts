import { fail } from "../../kit/failure.js";
import type { ProgramCall, ProgramEnding, Programs } from "../../kit/programs.js";
import { temporaryFolder } from "../../kit/temporary-folder.js";
import type { CommandSpec } from "../learners/spec.js";
import { type Part, type Place, placeOf } from "./part.js";
import { writeRequest } from "./write-request.js";

const DEFAULT_TIMEOUT = "1h";
const UNITS = { s: 1000, m: 60_000, h: 3_600_000 } as const;

const milliseconds = (text: string): number =>
  Number(text.slice(0, -1)) * UNITS[text.slice(-1) as keyof typeof UNITS];

/** How a part is run otherwise than as a part of the training. */
export interface PartOptions extends Pick<ProgramCall, "changed" | "watched"> {
  /** For the log. */
  readonly purpose: string;
}

interface PartRun {
  /** With the request and what the program wrote. The caller removes it once that is read: the next part must not find it. */
  readonly folder: string;
  readonly place: Place;
  /** Of the watched files. */
  readonly opened: readonly string[];
}

/**
 * Runs the program of a part in a folder of its own.
 * @throws FailureError `learner.not-found`, `learner.failed`, `learner.timeout`
 * @throws FilesNotChanged only with `changed`
 */
export async function runPart(part: Part, programs: Programs, options?: PartOptions): Promise<PartRun> {
  const { spec } = part;
  const place = placeOf(part, programs.logFile);
  // What a program finds changed may lie beside the usual scratch folder.
  const folder = await (options?.changed === undefined ? programs.scratch() : temporaryFolder("fold"));
  await writeRequest(folder, part);
  const title = [place.learner, place.part].join(": ");
  programs.log(`--- ${title}${options === undefined ? "" : `, ${options.purpose}`} ---`);
  const { purpose: _, ...asked } = options ?? { purpose: "" };
  const ending = await programs.run({
    command: spec.command,
    cwd: spec.cwd,
    env: { ...spec.env, RETRAIN_LEARNER_DIR: folder },
    timeoutMs: milliseconds(spec.timeout ?? DEFAULT_TIMEOUT),
    ...asked,
  });
  return { folder, place, opened: openedBy(ending, spec, place) };
}

function openedBy(ending: ProgramEnding, spec: CommandSpec, place: Place): readonly string[] {
  const program = spec.command[0]!;
  if (!ending.started) {
    const { what, errno } = ending;
    const name = what === "program" ? program : spec.cwd;
    fail({ code: "learner.not-found", retryable: false, ...place, what, name, errno });
  }
  const { timedOut, exitCode, signal } = ending;
  const lines = [...ending.lines];
  if (timedOut) {
    const limit = spec.timeout ?? DEFAULT_TIMEOUT;
    fail({ code: "learner.timeout", retryable: true, ...place, program, limit, lines });
  }
  if (exitCode !== 0)
    fail({ code: "learner.failed", retryable: true, ...place, program, exitCode, signal, lines });
  return ending.opened;
}

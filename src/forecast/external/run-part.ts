import { fail } from "../../kit/failure.js";
import type { ProgramEnding, Programs } from "../../kit/programs.js";
import type { CommandSpec } from "../learners/spec.js";
import { type Part, type Place, placeOf } from "./part.js";
import { writeRequest } from "./write-request.js";

const DEFAULT_TIMEOUT = "1h";
const UNITS = { s: 1000, m: 60_000, h: 3_600_000 } as const;

const milliseconds = (text: string): number =>
  Number(text.slice(0, -1)) * UNITS[text.slice(-1) as keyof typeof UNITS];

/**
 * Runs the program of a part in a folder of its own.
 * @returns the folder with what it wrote
 * @throws FailureError `learner.not-found`, `learner.failed`, `learner.timeout`
 */
export async function runPart(part: Part, programs: Programs): Promise<{ folder: string; place: Place }> {
  const { spec } = part;
  const place = placeOf(part, programs.logFile);
  const folder = await programs.scratch();
  await writeRequest(folder, part);
  programs.log(`--- ${place.learner}: ${place.part} ---`);
  const ending = await programs.run({
    command: spec.command,
    cwd: spec.cwd,
    env: { ...spec.env, RETRAIN_LEARNER_DIR: folder },
    timeoutMs: milliseconds(spec.timeout ?? DEFAULT_TIMEOUT),
  });
  checkEnding(ending, spec, place);
  return { folder, place };
}

function checkEnding(ending: ProgramEnding, spec: CommandSpec, place: Place): void {
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
}

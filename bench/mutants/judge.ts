import { basename, dirname } from "node:path";
import type { Outcome } from "../../scripts/command-host/command-host.js";

/** Documented exit codes of a command that nobody interrupted. */
const EXIT_CODES = [0, 1, 2, 3, 4, 5];

const BUG = /This is a bug|internal\.bug/;
const STACK = /^\s*at .*(?:\(|file:|node:|\/).*:\d+:\d+\)?$/m;

/**
 * What is wrong with how a command ended on a damaged file, or null.
 * @param path of the damaged file; null where an answer of a server was damaged
 * @param healthy exit code of the same command on the healthy project
 */
export function problemOf(outcome: Outcome, path: string | null, healthy: number): string | null {
  if (outcome.kind === "hung") return `hung for ${outcome.seconds.toFixed(0)} s`;
  if (outcome.kind === "died") return `the process died (${outcome.how}): ${outcome.talk.slice(-500)}`;
  const { exitCode, stdout, stderr, uncaught } = outcome.answer;
  if (uncaught.length > 0) return `nobody caught: ${uncaught[0]!.slice(0, 500)}`;
  if (!EXIT_CODES.includes(exitCode)) return `exit code ${exitCode}`;
  const said = stdout + stderr;
  if (BUG.test(said)) return `called a bug: ${firstLines(stderr)}`;
  if (STACK.test(said)) return `a stack trace: ${firstLines(stderr)}`;
  if (said.trim() === "" && exitCode !== 0) return `exit code ${exitCode} without a word`;
  // A verdict is about what the file says, not about the file.
  if (exitCode === healthy || exitCode === 0 || exitCode === 3 || path === null) return null;
  return isNamed(path, said)
    ? null
    : `exit code ${exitCode}, and ${path} is not named: ${firstLines(stderr)}`;
}

/** By its name, for the runbook by what of it is wrong, and for what a run keeps by the run. */
function isNamed(path: string, said: string): boolean {
  const words = said.replace(/\s+/g, " ");
  if (words.includes(basename(path)) || words.includes(path)) return true;
  // A well-formed runbook that names something else: what it names is told, and where to correct it.
  if (path === "runbook.yaml" && words.includes("in the runbook")) return true;
  // Rows that a check refuses are listed with their file and line.
  if (words.includes("validation/failures.csv")) return true;
  // The only file of a pattern that is gone is told by the pattern, and a seal by the log that it seals.
  if (words.includes(`${dirname(path)}/*`)) return true;
  if (path.endsWith(".seal.json") && words.includes(basename(path).replace(".seal.json", ".jsonl")))
    return true;
  const run = /\/runs\/([^/]+)\//.exec(path)?.[1];
  const hash = /\/(?:objects|records|derived)\/(..\/[0-9a-f]{8})/.exec(path)?.[1];
  const version = /\/versions\/(\d+)\//.exec(path)?.[1];
  return (
    (run !== undefined && words.includes(run)) ||
    (hash !== undefined && words.includes(hash)) ||
    (version !== undefined && words.includes(`version ${version}`))
  );
}

const firstLines = (text: string): string => text.trim().split("\n").slice(-12).join(" ⏎ ").slice(0, 700);

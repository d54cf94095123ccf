import type { EngineFailure } from "../../kit/failures/engine.js";
import { programName } from "../../kit/program-name.js";
import { type FailureText, namedBy } from "./text.js";

type DiskFailure = Extract<EngineFailure, { readonly code: "fs.failed" }>;

/** What is to be done: about rights, the path, room on the disk, a disk that is read-only, or the limit of open files. */
type Remedy = "rights" | "path" | "room" | "mount" | "limit";

const ERRNO: ReadonlyMap<string, readonly [words: string, remedy: Remedy]> = new Map([
  ["EACCES", ["permission denied", "rights"]],
  ["EPERM", ["permission denied", "rights"]],
  ["ENOSPC", ["no space left on the disk", "room"]],
  ["EDQUOT", ["the disk quota is used up", "room"]],
  ["EROFS", ["the file system is read-only", "mount"]],
  ["ENOENT", ["no such file or folder", "path"]],
  ["ENOTDIR", ["a part of the path is not a folder", "path"]],
  ["EISDIR", ["it is a folder", "path"]],
  ["EMFILE", ["too many open files", "limit"]],
  ["ENFILE", ["too many open files", "limit"]],
  ["EXDEV", ["source and target are on different file systems", "path"]],
]);

export function explainErrno(failure: DiskFailure, again: string): FailureText {
  const [words, remedy] = ERRNO.get(failure.errno) ?? [null, null];
  return {
    title: `The operating system refused to ${failure.operation}: ${words === null ? failure.errno : `${words} (${failure.errno})`}`,
    where: failure.path,
    expected: expectedFor(remedy, failure),
    details: [],
    next: [`${adviceFor(remedy, failure)}, then run ${again}; finished steps are kept`],
  };
}

function expectedFor(remedy: Remedy | null, { option }: DiskFailure): string {
  const isInput = option === "data.source" || option === "importSnapshots";
  const usable = isInput ? "a path that this user may read" : "a path that this user may read and write";
  switch (remedy) {
    case "rights":
    case "mount":
      return usable;
    case "path":
      return "folders on the way, and the kind of file that is meant at its end";
    case "room":
      return "room on the disk";
    case "limit":
      return "a limit of at least 256 open files";
    default:
      return `${usable}, on a disk that works`;
  }
}

function adviceFor(remedy: Remedy | null, failure: DiskFailure): string {
  const { option } = failure;
  const elsewhere =
    option === undefined
      ? "choose another `--state-dir`"
      : option === "TMPDIR"
        ? "name another folder in `TMPDIR`"
        : `correct ${namedBy(failure)}`;
  switch (remedy) {
    case "rights":
      return `Give this user the rights, or ${elsewhere}`;
    case "path":
      return `Put that right, or ${elsewhere}`;
    case "mount":
      return `Mount it for writing, or ${elsewhere}`;
    case "room":
      if (option === undefined)
        return `Free some space (\`${programName()} clean\` removes what no run needs)`;
      return option === "TMPDIR" ? `Free some space there, or ${elsewhere}` : "Free some space there";
    case "limit":
      return "Raise the limit (`ulimit -n 1024`)";
    default:
      return "Make it so";
  }
}

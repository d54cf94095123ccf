import { relative, sep } from "node:path";

/** A call that changes the world outside the process. */
export interface Boundary {
  /** What sort of thing changes, e.g. `journal line`: the rows of the drill's table. */
  readonly kind: string;
  /** Which one, without anything that differs from run to run, e.g. `append step-started train`. */
  readonly what: string;
}

const VERBS: Readonly<Record<string, string>> = {
  writeAtomic: "write",
  writeUnsynced: "write",
  createExclusive: "create",
  appendLine: "append",
  copyInto: "copy",
  renameExclusive: "rename to",
  makeFolder: "make folder",
  remove: "remove",
};

/** Describes a call of `DurableFiles` by where in the state directory it goes. */
export function describeFileCall(root: string, operation: string, args: readonly unknown[]): Boundary {
  // copyInto and renameExclusive name what they change second.
  const changed = ["copyInto", "renameExclusive"].includes(operation) ? args[1] : args[0];
  const path = relative(root, String(changed)).split(sep);
  const kind = kindOf(path);
  const subject = subjectOf(kind, path, args);
  return { kind, what: `${VERBS[operation] ?? operation} ${subject}` };
}

function kindOf(path: readonly string[]): string {
  const [top] = path;
  const last = path.at(-1)!;
  switch (top) {
    case "objects":
      return "object";
    case "records":
      return "step record";
    case "locks":
      return "lock";
    case "runs":
      if (last === "journal.jsonl") return "journal line";
      return path[2] === "steps" ? "step folder" : "run file";
    case "registry":
      if (last === "alias-log.jsonl") return "alias move";
      return last.startsWith("lock") ? "registry lock" : "registry file";
    default:
      return "other file";
  }
}

/** Fingerprints and some objects hold the registry's address, so their hashes are other ones in every folder: they name nothing here. */
function subjectOf(kind: string, path: readonly string[], args: readonly unknown[]): string {
  switch (kind) {
    case "journal line":
      return entryOf(args[1]);
    case "object":
      return args.length > 1 ? `of ${String(args[0]).split(sep).slice(-3).join("/")}` : "of a damaged file";
    case "step record":
      return typeof args[1] === "string" ? `of ${typeOf(args[1])}` : "of an effect";
    case "lock":
    case "registry lock":
      // What comes after the name is the random token of a dead holder.
      return path.at(-1)!.replace(/\.after-.*$/, ".after-…");
    default:
      return path.join("/");
  }
}

function typeOf(content: string): string {
  const record = JSON.parse(content) as { components: { step: { type: string } } };
  return record.components.step.type;
}

function entryOf(line: unknown): string {
  const { record } = JSON.parse(String(line)) as { record: { type: string; step?: string } };
  return record.step === undefined ? record.type : `${record.type} ${record.step}`;
}

import { type Document, isCollection, isMap, isNode, isScalar, isSeq, type Node } from "yaml";
import type { Diagnostic } from "../kit/diagnostic.js";
import { nearest } from "../kit/suggest.js";
import { parseSource, type RunbookPath, type RunbookSource } from "./source.js";

/**
 * Applies `--set path=value` to the document before it is checked. Steps are named by id: `steps.train.with.folds=5`; `train.folds=5` is short for that.
 * The value is read as YAML, so `3` is a number, `[a, b]` a list and `"3"` text.
 */
export function applyOverrides(source: RunbookSource, overrides: readonly string[]): Diagnostic[] {
  return overrides.flatMap((override) => {
    const problem = applyOverride(source, override);
    if (problem === null) return [];
    return [{ code: "runbook.override", ...problem, path: `--set ${override}`, span: null }];
  });
}

interface Problem {
  readonly message: string;
  readonly suggestion: string | null;
}

function applyOverride({ document, origins }: RunbookSource, override: string): Problem | null {
  const equals = override.indexOf("=");
  if (equals < 1) return { message: "expected PATH=VALUE", suggestion: "--set steps.train.with.folds=5" };
  const { source: value, isUsable } = parseSource(override.slice(equals + 1), "--set");
  if (!isUsable) return { message: "the value is not YAML", suggestion: "put it in quotes" };
  const located = locate(document, override.slice(0, equals).split("."));
  if ("message" in located) return located;
  const { parent, rest } = existing(document, located.path);
  if (parent === null) {
    return { message: "the path goes on below a value that is no mapping", suggestion: null };
  }
  // What the path goes through and the file does not have is made with it, so that all of it is known to come from here.
  const contents = (value.document.contents as Node | null) ?? document.createNode(null);
  const made = rest
    .slice(1)
    .reduceRight<Node>((inner, key) => document.createNode({ [key]: inner }), contents);
  origins.set(made, { override: `--set ${override}` });
  document.setIn([...parent, rest[0]!], made);
  return null;
}

/** The longest prefix of the path that is a mapping or list, or null where the path runs into something else. */
function existing(document: Document, path: RunbookPath): { parent: RunbookPath | null; rest: RunbookPath } {
  for (let length = 0; length < path.length; length++) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isSeq(node) && typeof path[length] !== "number") return { parent: null, rest: [] };
    if (isCollection(node)) continue;
    const isAbsent = !isNode(node) || (isScalar(node) && node.value === null);
    if (length === 0 || !isAbsent) return { parent: null, rest: [] };
    return { parent: path.slice(0, length - 1), rest: path.slice(length - 1) };
  }
  return { parent: path.slice(0, -1), rest: path.slice(-1) };
}

const TOP_LEVEL = ["version", "name", "data", "calendar", "model", "registry", "steps", "csv", "escalation"];

function locate(document: Document, parts: readonly string[]): { path: RunbookPath } | Problem {
  const ids = stepIds(document);
  const first = parts[0] ?? "";
  if (first === "steps" || (!TOP_LEVEL.includes(first) && ids.includes(first))) {
    const id = first === "steps" ? (parts[1] ?? "") : first;
    const index = ids.indexOf(id);
    if (index < 0) {
      const near = nearest(id, ids);
      return {
        message: `no step has the id "${id}"`,
        suggestion: near === null ? `steps: ${ids.join(", ")}` : `did you mean "${near}"?`,
      };
    }
    const rest = first === "steps" ? parts.slice(2) : ["with", ...parts.slice(1)];
    if (rest.length === 0 || (first !== "steps" && rest.length === 1))
      return { message: "the path ends at a step", suggestion: `--set steps.${id}.with.NAME=VALUE` };
    return { path: ["steps", index, ...rest.map(indexOrKey)] };
  }
  if (!TOP_LEVEL.includes(first)) {
    const near = nearest(first, [...TOP_LEVEL, ...ids]);
    return {
      message: `"${first}" is neither a section of the runbook nor a step`,
      suggestion: near === null ? `sections: ${TOP_LEVEL.join(", ")}` : `did you mean "${near}"?`,
    };
  }
  return { path: parts.map(indexOrKey) };
}

const indexOrKey = (part: string): string | number => (/^[0-9]+$/.test(part) ? Number(part) : part);

/** Empty for a step without an id. */
function stepIds(document: Document): string[] {
  const steps = isMap(document.contents) ? document.contents.get("steps", true) : null;
  if (!isSeq(steps)) return [];
  return steps.items.map((item) => (isMap(item) ? String(item.get("id") ?? "") : ""));
}

import { type Document, isMap, isSeq, parse } from "yaml";
import type { Diagnostic } from "../kit/diagnostic.js";
import { nearest } from "../kit/suggest.js";

/**
 * Applies `--set path=value` to the document before it is checked. Steps are named by id: `steps.train.with.folds=5`; `train.folds=5` is short for that.
 * The value is read as YAML, so `3` is a number, `[a, b]` a list and `"3"` text.
 */
export function applyOverrides(document: Document, overrides: readonly string[]): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const override of overrides) {
    const problem = applyOverride(document, override);
    if (problem !== null) {
      diagnostics.push({
        code: "runbook.override",
        message: problem.message,
        path: `--set ${override}`,
        span: null,
        suggestion: problem.suggestion,
      });
    }
  }
  return diagnostics;
}

interface Problem {
  readonly message: string;
  readonly suggestion: string | null;
}

function applyOverride(document: Document, override: string): Problem | null {
  const equals = override.indexOf("=");
  if (equals < 1) return { message: "expected PATH=VALUE", suggestion: "--set steps.train.with.folds=5" };
  let value: unknown;
  try {
    value = parse(override.slice(equals + 1), { version: "1.2", schema: "core" });
  } catch (error) {
    return {
      message: `the value is not YAML: ${(error as Error).message.split("\n")[0]}`,
      suggestion: "put it in quotes",
    };
  }
  const located = locate(document, override.slice(0, equals).split("."));
  if ("message" in located) return located;
  document.setIn(located.path, document.createNode(value));
  return null;
}

const TOP_LEVEL = ["version", "name", "data", "calendar", "model", "registry", "steps", "escalation"];

function locate(document: Document, parts: readonly string[]): { path: (string | number)[] } | Problem {
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

function stepIds(document: Document): string[] {
  const steps = document.get("steps", true);
  if (!isSeq(steps)) return [];
  return steps.items.map((item) => (isMap(item) ? String(item.get("id")) : ""));
}

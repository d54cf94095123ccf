import { isAlias, isMap, isPair, isScalar, isSeq, type Scalar, visit } from "yaml";
import type { Diagnostic } from "../kit/diagnostic.js";
import { SHORTEST_SECRET } from "../kit/secrets/forms.js";
import { secretsOfAddress } from "./secrets.js";
import type { RunbookPath, RunbookSource } from "./source.js";

/** A value that came, in whole or in part, from the environment. It is shown by its variables' names only. */
export interface EnvironmentValue {
  readonly path: RunbookPath;
  /** As written, e.g. `${RETRAIN_WEBHOOK_URL:-}`. */
  readonly written: string;
}

export interface Interpolated {
  readonly values: EnvironmentValue[];
  readonly secrets: string[];
  readonly diagnostics: Diagnostic[];
  /** Where a reference could not be replaced: what stands there is not the value. */
  readonly unresolved: readonly RunbookPath[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const REFERENCE = /\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-((?:[^}\\]|\\.)*))?\}|\$\{[^}]*\}?/g;

/**
 * Replaces `${VAR}` and `${VAR:-default}` in string scalars, in place; `$$` is a plain dollar. As in a shell, the default also stands in for an
 * empty variable. A plain (unquoted) scalar that is one whole reference is typed again, so `folds: ${FOLDS:-3}` is a number; a quoted one stays text.
 */
export function interpolate(source: RunbookSource, env: Environment): Interpolated {
  const secrets = new Set<string>();
  const written = new Map<Scalar, string>();
  const problems = new Map<Scalar, Problem[]>();
  visit(source.document, {
    Scalar(key, node, ancestors) {
      if (key === "key" || typeof node.value !== "string" || !node.value.includes("$")) return;
      const text = node.value;
      const expanded = expand(text, env);
      const isAddress = expanded.secrets.length > 0 && isRegistryUri(ancestors);
      for (const secret of isAddress ? secretsOfAddress(expanded.text) : expanded.secrets)
        secrets.add(secret);
      if (expanded.problems.length > 0) problems.set(node, expanded.problems);
      if (expanded.isReference) {
        written.set(node, text);
        source.origins.set(node, { ...source.origins.get(node), reference: text });
      }
      node.value = isPlain(node) && isWholeReference(text) ? retype(expanded.text) : expanded.text;
    },
  });

  const values: EnvironmentValue[] = [];
  const diagnostics: Diagnostic[] = [];
  const unresolved: RunbookPath[] = [];
  const reported = new Set<Scalar>();
  for (const { node, path } of scalars(source, source.document.contents, [])) {
    const text = written.get(node);
    if (text !== undefined) values.push({ path, written: text });
    if (problems.has(node)) unresolved.push(path);
    if (reported.has(node)) continue;
    reported.add(node);
    for (const problem of problems.get(node) ?? []) {
      diagnostics.push({ code: "runbook.environment", ...problem, ...source.at(path) });
    }
  }
  return { values, secrets: [...secrets], diagnostics, unresolved };
}

interface Problem {
  readonly message: string;
  readonly suggestion: string | null;
}

function expand(written: string, env: Environment) {
  const secrets: string[] = [];
  const problems: Problem[] = [];
  let isReference = false;
  const text = written.replace(REFERENCE, (match, name?: string, fallback?: string) => {
    if (match === "$$") return "$";
    if (name === undefined) {
      const message = `${match} is not a variable reference; write \${NAME} or \${NAME:-default}, and $$ for a plain dollar`;
      problems.push({ message, suggestion: null });
      return match;
    }
    isReference = true;
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value !== undefined && (value !== "" || fallback === undefined)) {
      if (value.length >= SHORTEST_SECRET) secrets.push(value);
      return value;
    }
    if (fallback !== undefined) return fallback.replace(/\\(.)/g, "$1");
    problems.push({
      message: `the environment variable ${name} is not set`,
      suggestion: `export ${name}=… or write \${${name}:-default}`,
    });
    return match;
  });
  return { text, secrets, problems, isReference };
}

/** Every string scalar with its path, one through every alias that leads to it. */
function* scalars(
  source: RunbookSource,
  node: unknown,
  path: RunbookPath,
): Generator<{ node: Scalar; path: RunbookPath }> {
  if (isAlias(node)) yield* scalars(source, node.resolve(source.document), path);
  else if (isScalar(node)) yield { node, path };
  else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) yield* scalars(source, item, [...path, index]);
  } else if (isMap(node)) {
    for (const { key, value } of node.items) {
      if (isScalar(key)) yield* scalars(source, value, [...path, String(key.value)]);
    }
  }
}

const isRegistryUri = (ancestors: readonly unknown[]): boolean =>
  ancestors
    .filter((node) => isPair(node))
    .map(({ key }) => (isScalar(key) ? key.value : null))
    .join(".") === "registry.uri";

const isPlain = (node: Scalar): boolean => node.type === "PLAIN";
const isWholeReference = (text: string): boolean => /^\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}$/.test(text);

/** YAML 1.2 core types of a plain scalar. */
function retype(text: string): unknown {
  if (/^[-+]?[0-9]+$/.test(text) || /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(text))
    return Number(text);
  if (/^(true|True|TRUE)$/.test(text)) return true;
  if (/^(false|False|FALSE)$/.test(text)) return false;
  if (/^(null|Null|NULL|~)$/.test(text)) return null;
  return text;
}

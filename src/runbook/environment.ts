import { isMap, isPair, isScalar, isSeq, type Scalar, visit } from "yaml";
import type { Diagnostic } from "../kit/diagnostic.js";
import { formatPath, type RunbookPath, type RunbookSource } from "./source.js";

/** A value that came, in whole or in part, from the environment. It is shown by its variables' names only. */
export interface EnvironmentValue {
  readonly path: RunbookPath;
  /** As written, e.g. `${RETRAIN_WEBHOOK_URL:-}`. */
  readonly written: string;
}

const REFERENCE = /\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-((?:[^}\\]|\\.)*))?\}|\$\{[^}]*\}?/g;

/**
 * Replaces `${VAR}` and `${VAR:-default}` in string scalars, in place; `$$` is a plain dollar. As in a shell, the default also stands in for an
 * empty variable. A plain (unquoted) scalar that is one whole reference is typed again, so `folds: ${FOLDS:-3}` is a number; a quoted one stays text.
 */
export function interpolate(
  source: RunbookSource,
  env: Readonly<Record<string, string | undefined>>,
): { values: EnvironmentValue[]; secrets: string[]; diagnostics: Diagnostic[] } {
  const values: EnvironmentValue[] = [];
  const secrets = new Set<string>();
  const diagnostics: Diagnostic[] = [];

  visit(source.document, {
    Scalar(key, node, ancestors) {
      if (key === "key" || typeof node.value !== "string" || !node.value.includes("$")) return;
      const path = pathOf(node, ancestors);
      const written = node.value;
      let fromEnvironment = false;
      const replaced = written.replace(REFERENCE, (match, name?: string, fallback?: string) => {
        if (match === "$$") return "$";
        if (name === undefined) {
          diagnostics.push({
            code: "runbook.environment",
            message: `${match} is not a variable reference; write \${NAME} or \${NAME:-default}, and $$ for a plain dollar`,
            path: formatPath(path, source),
            span: source.span(path),
            suggestion: null,
          });
          return match;
        }
        fromEnvironment = true;
        const value = env[name];
        if (value !== undefined && (value !== "" || fallback === undefined)) {
          if (value.length >= 4) secrets.add(value);
          return value;
        }
        if (fallback !== undefined) return fallback.replace(/\\(.)/g, "$1");
        diagnostics.push({
          code: "runbook.environment",
          message: `the environment variable ${name} is not set`,
          path: formatPath(path, source),
          span: source.span(path),
          suggestion: `export ${name}=… or write \${${name}:-default}`,
        });
        return match;
      });
      if (fromEnvironment) values.push({ path, written });
      node.value = isPlain(node) && isWholeReference(written) ? retype(replaced) : replaced;
    },
  });
  return { values, secrets: [...secrets], diagnostics };
}

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

function pathOf(node: Scalar, ancestors: readonly unknown[]): RunbookPath {
  const path: (string | number)[] = [];
  const chain = [...ancestors, node];
  for (let i = 0; i < chain.length - 1; i++) {
    const [parent, child] = [chain[i], chain[i + 1]];
    if (isSeq(parent)) path.push(parent.items.indexOf(child));
    if (isPair(parent) && isScalar(parent.key)) path.push(String(parent.key.value));
    if (isMap(parent)) continue;
  }
  return path;
}

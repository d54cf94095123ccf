import { type Document, isAlias, isScalar, type Node, type Scalar, visit, type YAMLError } from "yaml";
import type { Diagnostic, SourceSpan } from "../kit/diagnostic.js";

type SpanOf = (start: number, end: number) => SourceSpan;

/** What is wrong with a file as YAML. It is usable when the only fault is a key that stands twice. */
export function syntaxDiagnostics(
  document: Document,
  text: string,
  spanOf: SpanOf,
): { diagnostics: Diagnostic[]; isUsable: boolean } {
  const errors = [...document.errors, ...document.warnings];
  const duplicates = errors.filter(({ code }) => code === "DUPLICATE_KEY");
  const others = errors.filter(({ code }) => code !== "DUPLICATE_KEY");
  const faults =
    others.length > 0
      ? withoutStumbles(others, spanOf).map((error) => fromError(error, document, text, spanOf))
      : aliasFaults(document, spanOf);
  return {
    diagnostics: [...duplicates.map((error) => duplicateKey(error, document, spanOf)), ...faults],
    isUsable: faults.length === 0,
  };
}

/** One slip makes the parser stumble over much of what follows; the first time in a line says what it was. */
function withoutStumbles(errors: readonly YAMLError[], spanOf: SpanOf): YAMLError[] {
  const lines = new Set<number>();
  return errors.filter(({ code, pos }, index) => {
    const { line } = spanOf(pos[0], pos[1]);
    if (lines.has(line) || (index > 0 && code === "UNEXPECTED_TOKEN")) return false;
    return lines.add(line);
  });
}

function fromError(error: YAMLError, document: Document, text: string, spanOf: SpanOf): Diagnostic {
  const [start, end] = error.pos;
  if (error.code === "MISSING_CHAR" && /quote/.test(error.message)) {
    const open = quoteOpenAt(document, start);
    if (open !== null) return broken("this quote is never closed", spanOf(open[0], open[1]));
  }
  const reference = /^\$\{[^}\n]*\}?/.exec(text.slice(Math.max(0, start - 1)))?.[0];
  if (reference !== undefined) {
    return {
      ...broken(
        "inside { } and [ ] a reference needs quotes",
        spanOf(start - 1, start - 1 + reference.length),
      ),
      suggestion: `"${reference}" is text; for a number, write the mapping over several lines, without braces`,
    };
  }
  return broken(MESSAGES[error.code] ?? sentence(error.message), spanOf(start, end));
}

const MESSAGES: Readonly<Partial<Record<YAMLError["code"], string>>> = {
  TAB_AS_INDENT: "a tab in the indentation: YAML takes spaces only",
  MULTIPLE_DOCS: "a second document starts here: a runbook is one document",
  NON_STRING_KEY: "a key must be text",
  RESOURCE_EXHAUSTION: "the values are nested too deeply",
};

/** A quoted scalar that runs into the place where the parser gave up. */
function quoteOpenAt(document: Document, position: number): readonly [number, number] | null {
  let found: readonly [number, number] | null = null;
  visit(document, {
    Scalar(_key, node) {
      if (!isQuoted(node) || !node.range) return;
      if (node.range[0] < position && node.range[1] >= position) found = [node.range[0], node.range[1]];
    },
  });
  return found;
}

const isQuoted = (node: Scalar): boolean => node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE";

function duplicateKey({ pos }: YAMLError, document: Document, spanOf: SpanOf): Diagnostic {
  let [key, end, firstLine]: [string, number, number | null] = ["", pos[1], null];
  visit(document, {
    Map(_key, map) {
      const keys = map.items.flatMap(({ key }) => (isScalar(key) && key.range ? [key] : []));
      const second = keys.find(({ range }) => range![0] === pos[0]);
      if (second === undefined) return;
      const first = keys.find(({ value }) => value === second.value)!;
      [key, end] = [String(second.value), second.range![1]];
      firstLine = spanOf(first.range![0], first.range![1]).line;
    },
  });
  return {
    code: "runbook.duplicate-key",
    message:
      firstLine === null
        ? "this key stands twice in one mapping"
        : `the key "${key}" stands twice in one mapping, first on line ${firstLine}`,
    path: key,
    span: spanOf(pos[0], end),
    suggestion: null,
  };
}

/** Aliases that stand for nothing, for something that holds themselves, or for more than a runbook can hold. */
function aliasFaults(document: Document, spanOf: SpanOf): Diagnostic[] {
  const faults: Diagnostic[] = [];
  const spanOfNode = ({ range }: Node): SourceSpan => (range ? spanOf(range[0], range[1]) : spanOf(0, 1));
  visit(document, {
    Alias(_key, node, ancestors) {
      const target = node.resolve(document);
      if (target === undefined)
        faults.push(broken(`no anchor &${node.source} before this`, spanOfNode(node)));
      else if (ancestors.some((ancestor) => ancestor === target))
        faults.push(broken(`*${node.source} stands inside its own anchor`, spanOfNode(node)));
    },
  });
  if (faults.length > 0) return faults;
  try {
    document.toJS();
    return [];
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return [broken("the aliases expand to more than a runbook can hold", firstAlias(document, spanOfNode))];
  }
}

function firstAlias(document: Document, spanOfNode: (node: Node) => SourceSpan): SourceSpan {
  let first: Node | null = null;
  visit(document, {
    Node(_key, node) {
      if (!isAlias(node)) return undefined;
      first = node;
      return visit.BREAK;
    },
  });
  return spanOfNode(first ?? (document.contents as Node));
}

const broken = (message: string, span: SourceSpan): Diagnostic => ({
  code: "runbook.yaml",
  message,
  path: "",
  span,
  suggestion: null,
});

/** The parser's own words, as ours begin and end. */
function sentence(message: string): string {
  const text = message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "");
  return /^[A-Z][a-z]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text;
}

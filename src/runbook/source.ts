import { type Document, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { Diagnostic, SourceSpan } from "../kit/diagnostic.js";

export type RunbookPath = readonly (string | number)[];

/** A parsed YAML file that still knows where everything stands. */
export interface RunbookSource {
  readonly file: string;
  readonly document: Document;
  /** The value's place; for a missing value, the place of its nearest parent. */
  span(path: RunbookPath): SourceSpan;
  /** The place of a mapping's key. */
  keySpan(path: RunbookPath, key: string): SourceSpan;
}

/**
 * Parses YAML 1.2 (core schema, unique keys). Syntax errors come back as diagnostics, all of them.
 * @param file the name to show, usually relative to the working directory
 */
export function parseSource(
  text: string,
  file: string,
): { source: RunbookSource; diagnostics: Diagnostic[] } {
  const lineCounter = new LineCounter();
  const body = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const document = parseDocument(body, { lineCounter, version: "1.2", schema: "core", prettyErrors: false });
  const lines = body.split(/\r\n|\n|\r/);

  const at = (start: number, end: number): SourceSpan => {
    const { line, col } = lineCounter.linePos(Math.min(start, body.length));
    const excerpt = lines[line - 1] ?? "";
    const length = Math.max(1, Math.min(end - start, excerpt.length - col + 1));
    return { file, line: Math.max(1, line), column: Math.max(1, col), length, excerpt };
  };

  const nodeAt = (path: RunbookPath): Node | null => {
    let node = document.contents as Node | null;
    for (const part of path) {
      const next: unknown =
        isMap(node) && typeof part === "string"
          ? node.get(part, true)
          : isSeq(node) && typeof part === "number"
            ? node.get(part, true)
            : undefined;
      if (next === undefined || next === null) return node;
      node = next as Node;
    }
    return node;
  };

  const keySpan = (path: RunbookPath, key: string): SourceSpan => {
    const map = nodeAt(path);
    if (isMap(map)) {
      const pair = map.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key,
      );
      const range = isScalar(pair?.key) ? pair.key.range : null;
      if (range) return at(range[0], range[1]);
    }
    return span(path);
  };

  const span = (path: RunbookPath): SourceSpan => {
    const node = nodeAt(path);
    const range = node?.range;
    if (!range) return at(0, 1);
    // A block mapping is marked by its first key rather than by all of its lines.
    if (isMap(node) && !node.flow) {
      const first = node.items[0]?.key;
      if (isScalar(first) && first.range) return at(first.range[0], first.range[1]);
    }
    return at(range[0], range[1]);
  };

  const diagnostics = [...document.errors, ...document.warnings].map((error): Diagnostic => {
    const duplicate = error.code === "DUPLICATE_KEY";
    return {
      code: duplicate ? "runbook.duplicate-key" : "runbook.yaml",
      message: duplicate ? "the same key stands twice in this mapping" : sentence(error.message),
      path: "",
      span: at(error.pos[0], error.pos[1]),
      suggestion: null,
    };
  });
  return { source: { file, document, span, keySpan }, diagnostics };
}

/** `steps.train.with.folds`: list items by their id where they have one. */
export function formatPath(path: RunbookPath, source: RunbookSource): string {
  return path
    .map((part, i) => {
      if (typeof part !== "number") return part;
      const id: unknown = source.document.getIn([...path.slice(0, i + 1), "id"]);
      return typeof id === "string" ? id : String(part + 1);
    })
    .join(".");
}

const sentence = (message: string): string =>
  message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "");

import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
} from "yaml";
import type { Diagnostic, SourceSpan } from "../kit/diagnostic.js";
import { syntaxDiagnostics } from "./syntax.js";

export type RunbookPath = readonly (string | number)[];

/** Where a diagnostic points: the path for people, and the text in the file, or null for a value from the command line. */
export interface Place {
  readonly path: string;
  readonly span: SourceSpan | null;
}

/** Where a value comes from that the file does not spell out. */
export interface Origin {
  /** `--set model.horizon=3` */
  readonly override?: string;
  /** The reference as written, e.g. `${HORIZON:-6}`: shown in place of the value. */
  readonly reference?: string;
}

/** A parsed YAML file that still knows where everything stands. */
export interface RunbookSource {
  readonly document: Document;
  /** By node; overrides and the environment fill it in. */
  readonly origins: Map<Node, Origin>;
  /** The value's place; for a missing value, the place of its nearest parent. */
  at(path: RunbookPath): Place;
  /** The place of a mapping's key. */
  atKey(path: RunbookPath, key: string): Place;
  /** The place of a mapping that lacks something: its own key where it has one. */
  atParent(path: RunbookPath): Place;
}

const YAML = { version: "1.2", schema: "core", stringKeys: true, prettyErrors: false } as const;

/** Whether a text has the syntax of YAML; a key that stands twice is no fault of syntax. */
export const isYaml = (text: string): boolean =>
  parseDocument(text, YAML).errors.every(({ code }) => code === "DUPLICATE_KEY");

/**
 * Parses YAML 1.2 (core schema, unique keys). Where the syntax is broken every diagnostic comes back, and the document is of no use;
 * a key that stands twice leaves a document that can be checked further.
 * @param file the name to show, usually relative to the working directory
 */
export function parseSource(
  text: string,
  file: string,
): { readonly source: RunbookSource; readonly diagnostics: Diagnostic[]; readonly isUsable: boolean } {
  const lineCounter = new LineCounter();
  const body = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const document = parseDocument(body, { ...YAML, lineCounter });
  const lines = body.split(/\r\n|\n/);

  const spanOf = (start: number, end: number): SourceSpan => {
    const { line, col } = lineCounter.linePos(Math.min(start, body.length));
    const excerpt = lines[line - 1] ?? "";
    const length = Math.max(1, Math.min(end - start, excerpt.length - col + 1));
    return { file, line: Math.max(1, line), column: Math.max(1, col), length, excerpt };
  };
  const origins = new Map<Node, Origin>();
  const source = { document, origins, ...places(document, origins, spanOf) };
  const { diagnostics, isUsable } = syntaxDiagnostics(document, body, spanOf);
  return { source, diagnostics, isUsable };
}

function places(
  document: Document,
  origins: ReadonlyMap<Node, Origin>,
  spanOf: (start: number, end: number) => SourceSpan,
): Pick<RunbookSource, "at" | "atKey" | "atParent"> {
  /** The nodes on the way to a path, as far as they exist. */
  const nodesTo = (path: RunbookPath): Node[] => {
    const nodes = document.contents === null ? [] : [document.contents as Node];
    for (const part of path) {
      const node = nodes.at(-1);
      const next = isMap(node) || isSeq(node) ? node.get(part, true) : null;
      if (!isNode(next)) break;
      nodes.push(next);
    }
    return nodes;
  };

  const placeOf = (
    nodes: readonly Node[],
    path: RunbookPath,
    range: readonly number[] | null | undefined,
  ) => {
    const override = nodes.map((node) => origins.get(node)?.override).find((text) => text !== undefined);
    if (override !== undefined) return { path: override, span: null };
    return { path: formatPath(path, document), span: range ? spanOf(range[0]!, range[1]!) : spanOf(0, 1) };
  };

  const at = (path: RunbookPath): Place => {
    const nodes = nodesTo(path);
    const node = nodes.at(-1);
    // A block mapping is marked by its first key rather than by all of its lines.
    const first = isMap(node) && !node.flow ? node.items[0]?.key : null;
    return placeOf(nodes, path, isScalar(first) && first.range ? first.range : node?.range);
  };

  const atKey = (path: RunbookPath, key: string): Place => {
    const nodes = nodesTo(path);
    const pair = pairOf(nodes.length === path.length + 1 ? nodes.at(-1) : undefined, key);
    if (pair === undefined) return { ...at(path), path: formatPath([...path, key], document) };
    const value = isNode(pair.value) ? [pair.value] : [];
    return placeOf([...nodes, ...value], [...path, key], isScalar(pair.key) ? pair.key.range : null);
  };

  const atParent = (path: RunbookPath): Place => {
    const nodes = nodesTo(path);
    const node = nodes.at(-1);
    const key = path.at(-1);
    const isBlock = isMap(node) && !node.flow && nodes.length === path.length + 1;
    return isBlock && typeof key === "string" ? atKey(path.slice(0, -1), key) : at(path);
  };
  return { at, atKey, atParent };
}

/** Keys that an override made are plain strings. */
const pairOf = (node: Node | undefined, key: string): Pair | undefined =>
  isMap(node)
    ? node.items.find((item) => String(isScalar(item.key) ? item.key.value : item.key) === key)
    : undefined;

/** `steps.train.with.folds`: list items by their id where they have one, else by their number from 1. */
export function formatPath(path: RunbookPath, document: Document): string {
  return path
    .map((part, i) => {
      if (typeof part !== "number") return part;
      const item = document.getIn(path.slice(0, i + 1), true);
      const id: unknown = isMap(item) ? item.get("id") : undefined;
      return typeof id === "string" ? id : String(part + 1);
    })
    .join(".");
}

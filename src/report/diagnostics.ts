import type { Diagnostic, SourceSpan } from "../kit/diagnostic.js";
import { plural } from "./format.js";
import type { Style } from "./style.js";
import { columns, oneLine, visible, wrap } from "./text.js";

/** What is wrong with a runbook, for the terminal: place, sentence, the line with a caret, a suggestion, a count. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], style: Style): string {
  const { chalk } = style;
  const blocks = diagnostics.map((diagnostic) => renderOne(diagnostic, style));
  const files = new Set(diagnostics.flatMap(({ span }) => (span === null ? [] : [span.file])));
  const inFile = files.size === 1 ? ` in ${oneLine([...files][0]!)}` : "";
  return `${blocks.join("\n")}\n${chalk.bold(`${plural(diagnostics.length, "error")}${inFile}`)}\n`;
}

function renderOne({ span, path, message, suggestion }: Diagnostic, style: Style): string {
  const { chalk } = style;
  const place = span === null ? oneLine(path) : `${oneLine(span.file)}:${span.line}:${span.column}`;
  const lines = [`${place === "" ? "" : `${chalk.cyan(place)}: `}${chalk.bold(oneLine(message))}`];
  if (span !== null) lines.push(...excerpt(span, style));
  if (suggestion !== null) {
    const hint = isName(suggestion) ? `did you mean ${chalk.bold(suggestion)}?` : visible(suggestion);
    lines.push(...wrap(hint, style.width - 4).map((line) => `    ${chalk.green(line)}`));
  }
  return `${lines.join("\n")}\n`;
}

/** A diagnostic that no run will stop for. */
export interface Warning extends Diagnostic {
  /** Step that will say it, if one does. */
  readonly step: string | null;
}

/** What no run will stop for, by step, as the console says it during a run; below it the place in the runbook, and what helps. */
export function renderWarnings(warnings: readonly Warning[], { chalk, width }: Style): string {
  return warnings
    .map(({ step, message, span, path, suggestion }) => {
      const about = step === null ? message : `${step}: ${message}`;
      const [first, ...rest] = wrap(visible(about), width - 2);
      const place = span === null ? oneLine(path) : `${oneLine(span.file)}:${span.line}:${span.column}`;
      const hint = suggestion === null ? place : `${place}: ${visible(suggestion)}`;
      return [
        `${chalk.yellow("!")} ${first}`,
        ...rest.map((line) => `  ${line}`),
        ...wrap(hint, width - 4).map((line) => `    ${chalk.dim(line)}`),
      ].join("\n");
    })
    .map((line) => `${line}\n`)
    .join("");
}

const isName = (suggestion: string): boolean => /^[\w.$\-[\]]+$/.test(suggestion);

/** The source line and a caret under the marked part; a long line is cut around the mark. */
function excerpt({ line, column, length, excerpt }: SourceSpan, { chalk, width }: Style): string[] {
  const number = String(line);
  const room = Math.max(12, width - number.length - 7);
  const source = excerpt.replace(/\p{Cc}/gu, " ");
  const from = column - 1 + length + CONTEXT <= room ? 0 : Math.max(0, column - 1 - CONTEXT);
  const head = from === 0 ? "" : "…";
  const tail = from + room - 2 < source.length && source.length > room ? "…" : "";
  const shown = source.slice(from, from + room - head.length - tail.length);
  const before = head + shown.slice(0, column - 1 - from);
  const marked = shown.slice(column - 1 - from, column - 1 - from + length);
  const carets = "^".repeat(Math.max(1, columns(marked)));
  return [
    `  ${chalk.dim(`${number} |`)} ${head}${shown}${tail}`,
    `  ${chalk.dim(`${" ".repeat(number.length)} |`)} ${" ".repeat(columns(before))}${chalk.red(carets)}`,
  ];
}

/** Characters kept before the mark, and wanted after it, when a long line is cut. */
const CONTEXT = 12;

export interface DiagnosticDocument {
  readonly code: string;
  readonly message: string;
  readonly path: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly length: number | null;
  readonly excerpt: string | null;
  readonly suggestion: string | null;
  /** The suggestion as a sentence. */
  readonly hint: string | null;
}

interface DiagnosticsDocument {
  readonly valid: boolean;
  readonly errors: readonly DiagnosticDocument[];
}

/** The same as a JSON document. */
export const diagnosticsDocument = (diagnostics: readonly Diagnostic[]): DiagnosticsDocument => ({
  valid: diagnostics.length === 0,
  errors: diagnostics.map(documentOf),
});

export const warningDocument = (warning: Warning): DiagnosticDocument & { readonly step: string | null } => ({
  step: warning.step,
  ...documentOf(warning),
});

const documentOf = ({ code, message, path, span, suggestion }: Diagnostic): DiagnosticDocument => ({
  code,
  message,
  path,
  file: span?.file ?? null,
  line: span?.line ?? null,
  column: span?.column ?? null,
  length: span?.length ?? null,
  excerpt: span?.excerpt ?? null,
  suggestion,
  hint: suggestion === null ? null : sentence(suggestion),
});

const sentence = (suggestion: string): string =>
  isName(suggestion) ? `did you mean ${suggestion}?` : suggestion;

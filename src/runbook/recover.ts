import { isYaml, parseSource, type RunbookSource } from "./source.js";

/** What can be read of a file whose YAML is broken. */
export interface Recovered {
  readonly source: RunbookSource;
  /** Sections that are broken and were left out. */
  readonly sections: ReadonlySet<string>;
  /** Whether steps were left out of a section that is otherwise there. */
  readonly steps: boolean;
}

/**
 * Leaves out each section, and each step, that is no YAML by itself. Lines keep their numbers: what is left out becomes blank. Null where that leaves
 * nothing, or still no YAML, as where the fault stands between two sections.
 */
export function recover(text: string, file: string): Recovered | null {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n/);
  const sections = new Set<string>();
  let steps = false;
  for (const section of blocks(lines, 0, lines.length, /^[A-Za-z][\w-]*\s*:/, /^[^\s#]/)) {
    if (standsAlone(lines, section.start, section)) continue;
    const name = /^[A-Za-z][\w-]*/.exec(lines[section.start]!)![0];
    const items = name === "steps" ? itemsOf(lines, section) : [];
    const broken = items.filter((item) => !standsAlone(lines, section.start, item));
    for (const item of broken) blank(lines, item);
    if (broken.length > 0 && broken.length < items.length && standsAlone(lines, section.start, section)) {
      steps = true;
    } else {
      blank(lines, section);
      sections.add(name);
    }
  }
  const { source, isUsable } = parseSource(lines.join("\n"), file);
  return isUsable && (steps || sections.size > 0) ? { source, sections, steps } : null;
}

interface Block {
  readonly start: number;
  /** The line after it. */
  readonly end: number;
}

/** Blocks between two lines, each from one that begins it to one that ends it. */
function blocks(
  lines: readonly string[],
  first: number,
  end: number,
  begins: RegExp,
  ends: RegExp,
): readonly Block[] {
  const found: Block[] = [];
  for (let line = first; line < end; line++) {
    if (!begins.test(lines[line]!)) continue;
    const next = lines.findIndex((text, at) => at > line && at < end && ends.test(text));
    found.push({ start: line, end: next < 0 ? end : next });
  }
  return found;
}

/** Items of the list below the key of a section. */
function itemsOf(lines: readonly string[], { start, end }: Block): readonly Block[] {
  const indent = lines.slice(start + 1, end).flatMap((text) => /^( *)- /.exec(text)?.[1] ?? [])[0];
  if (indent === undefined) return [];
  const item = new RegExp(`^${indent}- `);
  return blocks(lines, start + 1, end, item, item);
}

/** Whether the block is YAML with the key that it stands under, and nothing else. */
const standsAlone = (lines: readonly string[], key: number, { start, end }: Block): boolean =>
  isYaml(lines.map((text, line) => (line === key || (line >= start && line < end) ? text : "")).join("\n"));

function blank(lines: string[], { start, end }: Block): void {
  for (let line = start; line < end; line++) lines[line] = "";
}

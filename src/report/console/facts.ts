import type { Style } from "../style.js";
import { columns, oneLine, wrap } from "../text.js";
import { commandLines } from "./command-lines.js";

/** A label and what it is about: a sentence, or a command to copy. The same label as in the line above is not repeated. */
export type Fact = readonly [label: string, value: string | { readonly command: string }];

/** Aligned lines, indented by two. */
export function factLines(facts: readonly Fact[], style: Style): string {
  const { chalk, width } = style;
  const labels = Math.max(0, ...facts.map(([label]) => label.length)) + 2;
  const used = 2 + labels;
  return facts
    .flatMap(([label, value], i) => {
      const isSame = i > 0 && facts[i - 1]![0] === label;
      const lines =
        typeof value !== "string"
          ? commandLines(value.command, style, used)
          : style.isScreen
            ? wrap(oneLine(value), width - used)
            : [oneLine(value)];
      // A path that is longer than what is left beside its label stands below.
      if (style.isScreen && lines.length === 1 && used + columns(lines[0]!) > width)
        return [...(isSame ? [] : [`  ${chalk.dim(label)}`]), `    ${lines[0]}`];
      return lines.map((line, l) => `  ${chalk.dim((isSame || l > 0 ? "" : label).padEnd(labels))}${line}`);
    })
    .join("\n");
}

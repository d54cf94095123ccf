import type { Style } from "../style.js";
import { oneLine, wrap } from "../text.js";
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
      return lines.map((line, l) => `  ${chalk.dim((isSame || l > 0 ? "" : label).padEnd(labels))}${line}`);
    })
    .join("\n");
}

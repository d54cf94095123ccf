import type { Commands } from "../commands.js";
import { renderFailure } from "../failures/render.js";
import { seconds } from "../format.js";
import { liveSentence } from "../live.js";
import { ruleSentence, sortRules } from "../rules.js";
import type { RunDocument } from "../run-document.js";
import type { Style } from "../style.js";
import { oneLine, wrap } from "../text.js";
import { type Tone, VERDICT_WORDS } from "../verdict.js";
import { toned } from "./lines.js";

/** The last words of a run: verdict, why, what is live now, files to read, next commands. */
export function runSummary(document: RunDocument, commands: Commands, style: Style): string {
  const { chalk } = style;
  const { title, tone } = VERDICT_WORDS[document.verdict];
  const about = `${oneLine(document.model.name)} ${document.quarter} in ${seconds(document.seconds)}`;
  const blocks = [
    `${badge(style, tone, title.toUpperCase())}  ${chalk.bold(about)}`,
    ...reasons(document, style),
    facts(
      [
        ["live", liveSentence(document)],
        ["escalation", document.files.escalation],
        ["report", document.files.report],
        ["outlook", document.files.outlook],
        ...nextCommands(document, commands).map((next, i): Fact => [i === 0 ? "next" : "", next]),
      ],
      style,
    ),
  ];
  return `\n${blocks.join("\n\n")}\n`;
}

type Fact = readonly [label: string, value: string | null];

function badge({ chalk }: Style, tone: Tone, word: string): string {
  if (chalk.level === 0) return word;
  const paint = { good: chalk.bgGreen, warn: chalk.bgYellow, bad: chalk.bgRed, quiet: chalk.bgBlue }[tone];
  return paint.black.bold(` ${word} `);
}

function reasons(document: RunDocument, style: Style): string[] {
  const failures = document.steps.flatMap(({ failure }) =>
    failure === null ? [] : [renderFailure(failure, style).trimEnd()],
  );
  if (failures.length > 0) return failures;
  const { failed, unknown, warnings } = sortRules(document.decision?.rules ?? []);
  const line = (tone: Tone, mark: string) => (rule: (typeof failed)[number]) =>
    wrap(`${oneLine(rule.id)}: ${oneLine(ruleSentence(rule))}`, style.width - 4)
      .map((text, i) => `  ${i === 0 ? toned(style, tone, mark) : " "} ${text}`)
      .join("\n");
  const lines = [
    ...failed.map(line("bad", "✖")),
    ...unknown.map(line("warn", "?")),
    ...warnings.map(line("warn", "!")),
  ];
  return lines.length === 0 ? [] : [lines.join("\n")];
}

/** Paths and commands are never cut or wrapped: they are there to be copied. */
function facts(rows: readonly Fact[], { chalk }: Style): string {
  const shown = rows.filter((row): row is readonly [string, string] => row[1] !== null);
  const labelWidth = Math.max(...shown.map(([label]) => label.length)) + 2;
  return shown.map(([label, value]) => `  ${chalk.dim(label.padEnd(labelWidth))}${value}`).join("\n");
}

function nextCommands({ verdict, run, quarter, files, steps }: RunDocument, commands: Commands): string[] {
  switch (verdict) {
    case "escalated":
    case "would-escalate":
      return [
        ...(files.escalation === null ? [] : [commands.escalation(run)]),
        ...(files.report === null ? [] : [commands.report(run)]),
      ];
    case "promoted":
    case "would-promote":
      return [...(files.report === null ? [] : [commands.report(run)]), commands.models()];
    case "completed":
      return [commands.status(run), commands.quarter(quarter)];
    case "interrupted":
      return [commands.quarter(quarter), commands.status(run)];
    case "failed":
      // A failed step says what comes next itself.
      return steps.some(({ failure }) => failure !== null) ? [] : [commands.status(run)];
  }
}

import type { StepStatus } from "../../kit/events.js";
import { NEVER_RAN } from "../../kit/explanation.js";
import { plural, seconds } from "../format.js";
import type { Style } from "../style.js";
import { columns, cut, oneLine, pad, padLeft, wrap } from "../text.js";
import { STATUS_WORDS, type Tone } from "../verdict.js";
import { bar, spinner } from "./bar.js";

/** The lines of the console, as text: nothing here writes. */

const SECONDS_WIDTH = "59 m 59 s".length;
const BAR_WIDTH = 18;
const MAX_ID = 20;

/** Whether a reason to run is worth a line: a step that never ran needs none. */
export const isTelling = (reason: string): boolean => reason !== NEVER_RAN;

export interface Layout {
  readonly style: Style;
  /** Columns of the id column. */
  readonly idWidth: number;
}

export const layoutFor = (style: Style, ids: readonly string[]): Layout => ({
  style,
  idWidth: Math.min(MAX_ID, Math.max(4, ...ids.map((id) => columns(oneLine(id))))),
});

export function toned({ chalk }: Style, tone: Tone, text: string): string {
  switch (tone) {
    case "good":
      return chalk.green(text);
    case "warn":
      return chalk.yellow(text);
    case "bad":
      return chalk.red(text);
    case "quiet":
      return chalk.dim(text);
  }
}

/** mark, id, summary, seconds: aligned to the width of the terminal; a summary that is too long goes on below. */
export function finishedLine(
  layout: Layout,
  step: {
    readonly id: string;
    readonly status: StepStatus;
    readonly seconds: number;
    readonly summary: string;
  },
): string {
  const { style, idWidth } = layout;
  const { mark, tone } = STATUS_WORDS[step.status];
  const room = Math.max(8, style.width - idWidth - SECONDS_WIDTH - "  ✔ ".length - 4);
  const [summary = "", ...more] = wrap(oneLine(step.summary), room);
  const time = step.status === "skipped" ? "" : seconds(step.seconds);
  const quiet = tone === "quiet" ? style.chalk.dim : (text: string) => text;
  const first = [
    "  ",
    toned(style, tone, mark),
    " ",
    style.chalk.bold(pad(cut(oneLine(step.id), idWidth), idWidth)),
    "  ",
    quiet(pad(summary, room)),
    "  ",
    style.chalk.dim(padLeft(time, SECONDS_WIDTH)),
  ]
    .join("")
    .trimEnd();
  const indent = " ".repeat("  ✔ ".length + idWidth + 2);
  return [first, ...more.map((line) => indent + quiet(line))].join("\n");
}

export interface ActiveStep {
  readonly id: string;
  /** From 1, and how many there are. */
  readonly number: number;
  readonly of: number;
  readonly startedAt: number;
  /** Seconds that the whole run is likely to take from the step's start on, by earlier runs; null where they do not tell. */
  readonly rest: { readonly step: number; readonly after: number } | null;
  readonly progress: { readonly done: number; readonly total: number; readonly label: string } | null;
}

/** Below this the words are short. */
const ROOMY = 90;

/** `step 4 of 12, 12.3 s, about 2 m left` */
function tailOf({ number, of, rest }: ActiveStep, elapsed: number, width: number): string {
  const left = rest === null ? null : Math.max(0, rest.step - elapsed) + rest.after;
  const words =
    width < ROOMY
      ? [`${number}/${of}`, seconds(elapsed), ...(left === null ? [] : [`~${roughly(left)} left`])]
      : [
          `step ${number} of ${of}`,
          seconds(elapsed),
          ...(left === null ? [] : [`about ${roughly(left)} left`]),
        ];
  return words.join(width < ROOMY ? "  " : ", ");
}

/** 3 → `5 s`, 61 → `2 m`, 4000 → `1 h 07 m`: rounded up, since nobody minds that it is over early. */
function roughly(left: number): string {
  if (left <= 55) return `${Math.max(1, Math.ceil(left / 5)) * 5} s`;
  const minutes = Math.ceil(left / 60);
  return minutes < 60
    ? `${minutes} m`
    : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} m`;
}

/** The line that is redrawn while a step runs. It never fills the last column, where terminals wrap. */
export function activeLine({ style, idWidth }: Layout, step: ActiveStep, now: number): string {
  const { chalk, width } = style;
  const elapsed = now - step.startedAt;
  const time = tailOf(step, elapsed / 1000, width);
  const head = `  ${chalk.cyan(spinner(elapsed))} ${chalk.bold(pad(cut(oneLine(step.id), idWidth), idWidth))}  `;
  const room = width - idWidth - "  ⠋ ".length - 2 - time.length - 3;
  if (step.progress === null) return `${head}${" ".repeat(Math.max(0, room))}  ${chalk.dim(time)}`;
  const { done, total, label } = step.progress;
  const barWidth = Math.max(0, Math.min(BAR_WIDTH, room - 16));
  const { full, rest } = bar(done, total, barWidth);
  const words = cut(`${done}/${total} ${oneLine(label)}`, Math.max(0, room - barWidth - 1));
  const gap = " ".repeat(Math.max(0, room - barWidth - 1 - columns(words)));
  return `${head}${chalk.cyan(full)}${chalk.dim(rest)} ${words}${gap}  ${chalk.dim(time)}`;
}

/** `attempt 2 of 3 after fs.failed, in 4 s` */
export const retryWords = (retry: {
  readonly attempt: number;
  readonly attempts: number;
  readonly waitSeconds: number;
  readonly failure: { readonly code: string };
}): string =>
  `attempt ${retry.attempt} of ${retry.attempts} after ${retry.failure.code}, in ${retry.waitSeconds} s`;

/** Notes in as few lines as they fit into, none of them broken. */
function together(notes: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const [i, note] of notes.entries()) {
    const last = lines.at(-1);
    const text = i === notes.length - 1 ? note : `${note} ·`;
    if (last !== undefined && columns(`${last} ${text}`) <= width)
      lines[lines.length - 1] = `${last} ${text}`;
    else lines.push(text);
  }
  return lines;
}

export function headerLine(
  { style }: Layout,
  run: {
    readonly run: string;
    readonly quarter: string;
    readonly cutoff: string;
    readonly dryRun: boolean;
    readonly resumed: boolean;
    readonly runbook: string;
    readonly steps: readonly unknown[];
  },
): string {
  const notes = [
    `cutoff ${run.cutoff}`,
    oneLine(run.runbook),
    plural(run.steps.length, "step"),
    ...(run.dryRun ? ["dry run"] : []),
    `${run.resumed ? "continues" : "run"} ${oneLine(run.run)}`,
  ];
  const head = `Quarter ${oneLine(run.quarter)}`;
  const [first = "", ...rest] = together(notes, style.isScreen ? style.width - columns(head) - 2 : Infinity);
  const below = " ".repeat(columns(head) + 2);
  return [
    `${style.chalk.bold(head)}  ${style.chalk.dim(first)}`,
    ...rest.map((line) => below + style.chalk.dim(line)),
  ].join("\n");
}

import { toned } from "./console/lines.js";
import type { FailureText } from "./failures/text.js";
import type { Style } from "./style.js";
import { oneLine, visible } from "./text.js";

export const CHECKUP_STATES = ["ok", "warning", "problem", "skipped"] as const;

/** One thing that was looked at, and how it is. */
export interface Checkup {
  /** Stable, e.g. `registry.alias`. */
  readonly id: string;
  /** `warning`: a run goes on all the same. `skipped`: it could not be looked at, or there is none. */
  readonly state: (typeof CHECKUP_STATES)[number];
  /** What is, in one sentence without a full stop. */
  readonly title: string;
  readonly where: string | null;
  readonly details: readonly string[];
  /** What to type or to do, the best first; empty where nothing is wrong. */
  readonly next: readonly string[];
}

/** `retrain doctor --json`. Names are a contract: members may be added, none renamed or removed. */
export interface CheckupDocument {
  /** Whether nothing is a problem. */
  readonly healthy: boolean;
  readonly checks: readonly Checkup[];
}

export const checkupDocument = (checks: readonly Checkup[]): CheckupDocument => ({
  healthy: checks.every(({ state }) => state !== "problem"),
  checks,
});

export const fine = (id: string, title: string, where: string | null = null): Checkup => ({
  id,
  state: "ok",
  title,
  where,
  details: [],
  next: [],
});

export const skipped = (id: string, title: string): Checkup => ({ ...fine(id, title), state: "skipped" });

/** A failure that was met on the way. */
export const failed = (id: string, { title, where, expected, details, next }: FailureText): Checkup => ({
  id,
  state: "problem",
  title,
  where,
  details: [...(expected === null ? [] : [`expected: ${expected}`]), ...details],
  next,
});

const MARKS = {
  ok: ["✔", "good"],
  warning: ["!", "warn"],
  problem: ["✖", "bad"],
  skipped: ["–", "quiet"],
} as const;

/** One line for what is well; what is not, with the place and what to type. */
export function checkupText(checks: readonly Checkup[], style: Style): string {
  const { chalk } = style;
  const lines = checks.flatMap(({ state, title, where, details, next }) => {
    const [mark, tone] = MARKS[state];
    const head = `${toned(style, tone, mark)} ${oneLine(title)}`;
    if (state === "ok" || state === "skipped")
      return [where === null ? head : `${head} ${chalk.dim(`(${visible(where)})`)}`];
    return [
      state === "problem" ? chalk.bold(head) : head,
      ...(where === null ? [] : [`  ${chalk.dim("where".padEnd(7))}${visible(where)}`]),
      ...details.map((detail) => `  ${chalk.dim("│")} ${oneLine(detail)}`),
      ...next.map(
        (command, i) => `  ${chalk.dim((i === 0 ? "next" : "").padEnd(7))}${bare(visible(command))}`,
      ),
    ];
  });
  const count = (wanted: Checkup["state"]) => checks.filter(({ state }) => state === wanted).length;
  const [problems, warnings] = [count("problem"), count("warning")];
  const words = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`;
  const end =
    problems > 0
      ? `${words(problems, "problem")}${warnings === 0 ? "" : ` and ${words(warnings, "warning")}`}`
      : warnings > 0
        ? `healthy, with ${words(warnings, "warning")}`
        : "healthy";
  return `${[...lines, "", end].join("\n")}\n`;
}

/** A next step that is only a command is shown bare, ready to be copied. */
const bare = (next: string): string => /^`([^`]+)`$/.exec(next)?.[1] ?? next;

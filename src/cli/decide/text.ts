import type { Soundness } from "../../approval/sound-model.js";
import type { Subject } from "../../approval/subject.js";
import type { Approval } from "../../kit/artifacts/approval.js";
import { type Commands, commandsFor } from "../../report/commands.js";
import { count } from "../../report/format.js";
import { ruleSentence } from "../../report/rules.js";
import type { Style } from "../../report/style.js";
import { oneLine } from "../../report/text.js";
import { flagsToRepeat } from "../flags.js";
import type { PersonOptions } from "./open.js";

/** Commands to copy, with the flags of the one that was typed. */
export const commandsOf = (options: PersonOptions): Commands =>
  commandsFor(flagsToRepeat({ ...options, overrides: options.set, dryRun: false }));

export const versionText = (version: string | null): string =>
  version === null ? "no version" : `version ${version}`;

/** What a person must know before they answer: what is live, and what they would override. */
export function subjectText({ run, decision, candidate, live, blocking }: Subject, { chalk }: Style): string {
  const head = `${chalk.bold(`${oneLine(decision.model)} ${decision.quarter}`)}, run ${run}: the gate refused version ${candidate}; ${versionText(live)} is live.`;
  const rules = blocking.map(
    (rule) => `  ${rule.verdict === "FAIL" ? "✖" : "?"} ${oneLine(rule.id)}: ${oneLine(ruleSentence(rule))}`,
  );
  return `${[head, ...(rules.length === 0 ? [] : ["An approval overrides:", ...rules])].join("\n")}\n\n`;
}

/** One person's words: `Ada Lovelace until 2025-09-30: the outlier is explained`. */
export const saidText = ({ by, reason, expires }: Approval): string =>
  `${oneLine(by)}${expires === null ? "" : ` until ${expires}`}: ${oneLine(reason)}`;

export const goldenText = (golden: Soundness): string =>
  golden === null
    ? "hashes only: it was released before golden predictions were kept"
    : `${count(golden.series)} series forecast as they did at the release`;

/** Lines of a label and a value below a headline. */
export function factsText(
  headline: string,
  facts: readonly (readonly [string, string])[],
  { chalk }: Style,
): string {
  const width = Math.max(...facts.map(([label]) => label.length)) + 2;
  const lines = facts.map(([label, value], i) => {
    const isSame = i > 0 && facts[i - 1]![0] === label;
    return `  ${chalk.dim((isSame ? "" : label).padEnd(width))}${value}`;
  });
  return `${[chalk.bold(headline), ...lines].join("\n")}\n`;
}

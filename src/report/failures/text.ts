import type { FileOption } from "../../kit/failures/data.js";
import { programName } from "../../kit/program-name.js";
import { type CommandFlags, type Commands, commandsFor } from "../commands.js";

/** A failure in words. Every string is plain text; a command to type stands in backticks. */
export interface FailureText {
  /** What was wrong, in one sentence without a full stop. */
  readonly title: string;
  /** File, line, run, step or series. */
  readonly where: string | null;
  readonly expected: string | null;
  readonly details: readonly string[];
  /** What to do, the best first. */
  readonly next: readonly string[];
}

/** What a failure cannot know by itself, so that its next commands can be copied as they are. */
export interface FailureContext {
  readonly run: string | null;
  readonly quarter: string | null;
  /** The command line that failed, without secrets, where there is no run to tell it by. */
  readonly typed: string | null;
  /** Where a bug is reported: a URL or an address. */
  readonly reportTo: string;
  readonly commands: Commands;
}

interface FailureContextInput extends CommandFlags {
  readonly run: string | null;
  readonly quarter: string | null;
  readonly typed?: string | null;
  readonly reportTo: string;
}

export const failureContext = ({
  run,
  quarter,
  typed = null,
  reportTo,
  ...flags
}: FailureContextInput): FailureContext => ({ run, quarter, typed, reportTo, commands: commandsFor(flags) });

/** For a reader who knows neither run nor flags, e.g. a stored failure. */
export const NO_CONTEXT: FailureContext = failureContext({
  run: null,
  quarter: null,
  reportTo: "the issue tracker of retrain",
  runbook: null,
  stateDir: null,
  overrides: [],
  dryRun: false,
});

/** The command to try again: that of the run, else the one that was typed. */
export const againCommand = (context: FailureContext): string =>
  context.quarter === null && context.typed !== null ? `\`${context.typed}\`` : quarterCommand(context);

/** `retrain quarter 2025Q2`, with a placeholder where the quarter is not known. */
export const quarterCommand = ({ quarter, commands }: FailureContext, ...flags: readonly string[]): string =>
  `\`${[quarter === null ? `${programName()} quarter QUARTER` : commands.quarter(quarter), ...flags].join(" ")}\``;

export const at = (file: string, line: number | null): string => (line === null ? file : `${file}:${line}`);

/** A failure about a file of the user's, and what names it. */
export type Named = { readonly option?: FileOption };

export const isSource = ({ option }: Named): boolean => option === undefined || option === "data.source";

/** What is to be corrected where a failure's file is not the right one. */
export function namedBy({ option = "data.source" }: Named): string {
  switch (option) {
    case "data.source":
    case "registry.uri":
      return `\`${option}\` in the runbook`;
    case "importSnapshots":
      return `\`${option}\` of the step in the runbook`;
    default:
      return `\`${option}\``;
  }
}

export function assertNever(value: never): never {
  throw new TypeError(`no prose for ${JSON.stringify(value)}`);
}

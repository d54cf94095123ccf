import { seconds } from "../format.js";

/** How far a run without a verdict is. */
export interface RunProgress {
  /** `killed`: nobody works on it any more. `elsewhere`: its process is on another host, where nobody here can look. */
  readonly state: "running" | "killed" | "elsewhere";
  /** Who worked on it last, and since when (ISO instant); null where nobody has begun. */
  readonly process: { readonly pid: number; readonly host: string; readonly since: string } | null;
  /** The step that was begun and has no end, counted from 1; null between two steps, and before and after them all. */
  readonly step: { readonly id: string; readonly number: number; readonly since: string } | null;
  /** Steps that have an end. */
  readonly done: number;
  /** Steps in all; null where the program that ran did not say. */
  readonly steps: number | null;
}

/** `2026-11-30 15:28:03 UTC` */
const instant = (iso: string): string => `${iso.slice(0, 19).replace("T", " ")} UTC`;

/**
 * Lines about it, each with a label.
 * @param now ISO instant, to say how long; a process on another host may have another clock, so it is said only of this one
 */
export function progressLines(
  { state, process, step, done, steps }: RunProgress,
  now: string,
): readonly (readonly [label: string, text: string])[] {
  const of = steps === null ? "" : ` of ${steps}`;
  const since = (at: string) =>
    `since ${instant(at)}${state === "running" ? ` (${seconds((Date.parse(now) - Date.parse(at)) / 1000)})` : ""}`;
  const where =
    step === null
      ? `${done}${of} steps are done`
      : `step ${step.number}${of}, ${step.id}, ${since(step.since)}`;
  const who = process === null ? null : `process ${process.pid} on ${process.host}`;
  switch (state) {
    case "running":
      return [
        ["running", where],
        ...(process === null ? [] : [["process", `${who}, ${since(process.since)}`] as const]),
      ];
    case "elsewhere":
      return [
        ["running", `${where}, unless it was killed: nobody here can look at another host`],
        ...(process === null ? [] : [["process", `${who}, ${since(process.since)}`] as const]),
      ];
    case "killed":
      return [
        [
          "killed",
          `${step === null ? `after ${done}${of} steps` : `in step ${step.number}${of}, ${step.id}, which began ${instant(step.since)}`}`,
        ],
        [
          "process",
          process === null ? "none has begun" : `${who} began ${instant(process.since)} and came to no end`,
        ],
      ];
  }
}

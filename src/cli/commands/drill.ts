import { fail } from "../../kit/failure.js";
import { programName } from "../../kit/program-name.js";
import { drill as runDrill } from "../drill/drill.js";
import { drillText } from "../drill/text.js";
import { EXIT } from "../exit-codes.js";
import { openTerminal } from "../terminal.js";

export interface DrillCommandOptions {
  readonly jobs: string;
  readonly sample?: string;
  readonly everyTear?: boolean;
  readonly keep?: boolean;
  readonly json?: boolean;
}

/** Of progress, whatever the number of kills: also in a log, where a line cannot be drawn again. */
const LINES = 20;

export async function drill(options: DrillCommandOptions): Promise<void> {
  const terminal = openTerminal();
  const jobs = count("--jobs", options.jobs);
  const sample = options.sample === undefined ? null : count("--sample", options.sample);
  terminal.talk(
    "Running a quarter without interruption, then killing it at every boundary and resuming it\n",
  );
  const result = await runDrill({
    jobs,
    sample,
    everyTear: options.everyTear ?? false,
    keep: options.keep ?? false,
    progress: (done, total) => {
      const each = Math.max(1, Math.ceil(total / LINES));
      if (done % each === 0 && done < total) terminal.talk(`  ${done} of ${total} kills\n`);
    },
  });
  terminal.show(options.json, result, (style) => drillText(result, style));
  process.exitCode = result.attempts.every(({ problems }) => problems.length === 0) ? EXIT.ok : EXIT.failed;
}

function count(flag: string, text: string): number {
  if (/^[1-9][0-9]{0,5}$/.test(text)) return Number(text);
  return fail({
    code: "usage.invalid",
    retryable: false,
    message: `${flag} takes a whole number from 1 on, not "${text}"`,
    next: `${programName()} drill ${flag} 2`,
  });
}

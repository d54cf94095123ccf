import type { Style } from "../../report/style.js";
import { textTable } from "../../report/table.js";
import type { Attempt } from "./attempt.js";
import type { DrillResult } from "./drill.js";

/** Failures shown in full; the rest is counted. */
const SHOWN = 10;

/** The drill for a terminal: a table by kind of boundary, failures in full, and what was not killed separately. */
export function drillText(result: DrillResult, style: Style): string {
  const { attempts } = result;
  const groups = new Map<string, Attempt[]>();
  for (const attempt of attempts) {
    const key = JSON.stringify([attempt.scenario, attempt.kind]);
    groups.set(key, [...(groups.get(key) ?? []), attempt]);
  }
  const rows = [...groups.values()].map((group) => {
    const same = group.filter(({ problems }) => problems.length === 0).length;
    const { scenario, kind, what } = group[0]!;
    const last = group.at(-1)!.what;
    const where = what === last ? what : `${what} … ${last}`;
    return [scenario, kind, where, String(group.length), String(same)];
  });
  const columns = ["run", "boundary", "where", "kills", "same"].map((label, index) => ({
    label,
    numeric: index > 2,
  }));
  return [textTable(columns, rows, style), "", ...failureLines(result), ...closing(result, style), ""].join(
    "\n",
  );
}

function failureLines({ attempts, kept }: DrillResult): string[] {
  const failed = attempts.filter(({ problems }) => problems.length > 0);
  const lines = failed
    .slice(0, SHOWN)
    .flatMap(({ scenario, at, problems }) => [
      `  ✖ ${scenario}, killed ${at}`,
      ...problems.slice(0, SHOWN).map((problem) => `      ${problem}`),
      ...(problems.length > SHOWN ? [`      … and ${problems.length - SHOWN} more`] : []),
    ]);
  if (failed.length > SHOWN) lines.push(`  … and ${failed.length - SHOWN} more kills; --json lists them all`);
  if (kept !== null) lines.push(`  the folders of these attempts are in ${kept}`);
  return lines.length === 0 ? [] : [...lines, ""];
}

function closing(
  { attempts, moments, merged, sameTears, unsampled, seconds }: DrillResult,
  style: Style,
): string[] {
  const failed = attempts.filter(({ problems }) => problems.length > 0).length;
  const repeats = attempts.reduce((sum, { repeats: own }) => sum + own, 0);
  const verdict =
    failed === 0
      ? `${style.chalk.bold("SAME")}  ${attempts.length} kills, ${attempts.length} resumed runs that ended like the uninterrupted one, in ${seconds.toFixed(0)} s`
      : `${style.chalk.bold("DIFFERENT")}  ${failed} of ${attempts.length} kills did not end like the uninterrupted run, in ${seconds.toFixed(0)} s`;
  const lines = [
    verdict,
    `  ${moments} moments: ${merged} left the state of the one before, so one kill stands for both`,
  ];
  if (sameTears > 0)
    lines.push(`  ${sameTears} torn temp files like one that was torn: not killed again (--every-tear does)`);
  if (unsampled > 0) lines.push(`  ${unsampled} points left out by --sample`);
  lines.push(
    repeats === 0
      ? "  every notification arrived once"
      : `  every notification was delivered once by its key; ${repeats} repeated POSTs carried the key of the first`,
  );
  return lines;
}

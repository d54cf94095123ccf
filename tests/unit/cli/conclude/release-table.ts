import { expect, test } from "vitest";
import type { Verdict } from "../../../../src/kit/events.js";
import {
  type Fault,
  NEEDED,
  openWorld,
  STEPS,
  type StepId,
  type Told,
  type WorldOptions,
} from "./release-world.js";

/** One row: what goes wrong, in which world. */
export interface Row {
  readonly fault: Fault;
  readonly champion: boolean;
  readonly gate: "pass" | "fail";
  readonly optional: boolean;
}

const at = (id: StepId): number => STEPS.indexOf(id);

const KINDS: Readonly<Partial<Record<StepId, readonly Fault["kind"][]>>> = {
  check: ["before", "interrupted"],
  between: ["before", "interrupted"],
  promote: ["before", "interrupted", "moved", "stopped"],
  export: ["before", "bug", "interrupted"],
};

/** Each step failing × gate × first release or not × optional or not, where a step may be. */
export const ROWS: readonly Row[] = STEPS.flatMap((step) =>
  (KINDS[step] ?? ["before"]).flatMap((kind) =>
    [true, false].flatMap((champion) =>
      (["pass", "fail"] as const).flatMap((gate) =>
        (NEEDED.includes(step) ? [false] : [false, true]).map((optional) => ({
          fault: { step, kind },
          champion,
          gate,
          optional,
        })),
      ),
    ),
  ),
);

export const rowName = ({ fault, champion, gate, optional }: Row): string =>
  `${optional ? "optional " : ""}${fault.step} ${fault.kind}, ${champion ? "with a champion" : "first release"}, gate ${gate}`;

/** What has to come of a row, worked out from the words of the rule alone. */
export function expectedOf({ fault, champion, gate, optional }: Row) {
  const before = champion ? "1" : null;
  const candidate = champion ? "2" : "1";
  const isInterrupted = fault.kind === "interrupted" || fault.kind === "stopped";
  // An interruption ends the run wherever it is; a failure stops `promote` unless the step may fail.
  const isDecided = at(fault.step) > at("promote") || (optional && !isInterrupted);
  const moved = gate === "pass" && (isDecided || fault.kind === "moved" || fault.kind === "stopped");
  const undecided: Verdict = isInterrupted ? "interrupted" : "failed";
  const verdict = moved ? "promoted" : isDecided ? "escalated" : undecided;
  const isForgiven = optional && !isInterrupted;
  const exitCode = isInterrupted ? 130 : !isForgiven ? 1 : verdict === "promoted" ? 0 : 3;
  return { before, candidate, live: moved ? candidate : before, verdict, exitCode, unfinished: !isForgiven };
}

/** Every version that a page says is live, or was left live, in whatever words. */
function claims(page: string): string[] {
  const said = [
    /still serves version (\d+)/g,
    /now serves version (\d+)/g,
    /serves version (\d+) by now/g,
    /ersion (\d+) is live/g,
    /ersion (\d+) stays live/g,
  ];
  return said.flatMap((words) => [...page.matchAll(words)].map(([, version]) => version!));
}

const FIRST = /Nothing is live|nothing yet|no version is live|no version was live/i;

/** No page says anything else than what the registry says. */
export function expectTruth(told: Told, live: string | null): void {
  for (const [name, page] of Object.entries(told.pages)) {
    for (const version of claims(page))
      expect(`${name}: ${version} is live`).toBe(`${name}: ${live} is live`);
    if (live !== null) expect(page, name).not.toMatch(FIRST);
  }
  expect(told.document.live).toEqual({ version: live, source: "registry" });
  expect(told.document.champion.after).toBe(live);
}

/** Rows of the table in one world each: the run, what is told of it, and the way on. */
export function releaseTable(
  rows: readonly Row[],
  options: () => Promise<Pick<WorldOptions, "registry" | "model">>,
): void {
  test.each(rows.map((row) => [rowName(row), row] as const))("%s", async (_name, row) => {
    const { fault, champion, gate, optional } = row;
    const world = await openWorld({ ...(await options()), gate, optional: optional ? [fault.step] : [] });
    if (champion) await world.haveChampion();
    const expected = expectedOf(row);
    const told = await world.run(fault);

    expect(await world.live()).toBe(expected.live);
    expect(told).toMatchObject({ exitCode: expected.exitCode, unfinished: expected.unfinished });
    expect(told.document).toMatchObject({
      verdict: expected.verdict,
      exitCode: expected.exitCode,
      champion: { before: expected.before, after: expected.live },
    });
    expectTruth(told, expected.live);
    const headline =
      expected.verdict === "promoted" && expected.exitCode === 1
        ? `version ${expected.live} is live; \`${fault.step}\` failed`
        : null;
    if (headline !== null) {
      for (const name of ["console", "job summary", "junit"])
        expect(told.pages[name], name).toContain(headline);
      expect(told.pages.report).toContain(headline.slice(1));
    }
    expect(told.statuses[fault.step]).toBe("failed");
    expect(told.pages.junit!.includes(`name="${fault.step}"`)).toBe(true);

    // The same command goes on, and does again only what has no result.
    const again = await world.run();
    const finallyLive = gate === "pass" ? expected.candidate : expected.before;
    expect(again).toMatchObject({ exitCode: gate === "pass" ? 0 : 3, unfinished: false });
    expect(again.document.verdict).toBe(gate === "pass" ? "promoted" : "escalated");
    expect(await world.live()).toBe(finallyLive);
    expectTruth(again, finallyLive);
    const ranAgain = STEPS.filter((id) => again.statuses[id] !== "reused");
    const without = STEPS.filter((id) => !["succeeded", "reused"].includes(told.statuses[id]!));
    expect(ranAgain).toEqual(without);
    expect(again.document.run === told.document.run).toBe(expected.unfinished);
  });
}

import { describe, expect, test } from "vitest";
import { buildEscalation } from "../../../../src/report/escalation/build.js";
import { Escalation } from "../../../../src/report/escalation/escalation.js";
import { escalationMarkdown, escapeMarkdown } from "../../../../src/report/escalation/markdown.js";
import { escalationText } from "../../../../src/report/escalation/terminal.js";
import { createStyle } from "../../../../src/report/style.js";
import { accuracy, decision, escalationInput, promotion, RUN, rule } from "../sample.js";

const nothing = { accuracy: null, checkpoints: null, validation: null, training: null };

describe("buildEscalation", () => {
  test("is what its schema says, through JSON", () => {
    const escalation = buildEscalation(escalationInput());
    expect(Escalation.parse(JSON.parse(JSON.stringify(escalation)))).toEqual(escalation);
  });

  test("excess is the error above the limit, and shares add up to one", () => {
    const { causes } = buildEscalation(escalationInput());
    expect(causes.wmapeLimit).toBe(0.2);
    // Only the coast is above 20%: 21800 − 0.2·41000 > 0; city 3900 − 0.2·34000 < 0; mountain 2600 − 0.2·21000 < 0.
    expect(causes.segments.map(({ key, excessShare }) => [key, excessShare])).toEqual([
      ["coast/mid", 1],
      ["city/business", 0],
      ["mountain/leisure", 0],
    ]);
    expect(causes.segments.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    const months = causes.periods.map(({ excessShare }) => excessShare!);
    expect(months.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    expect([...months].sort((a, b) => b - a)).toEqual(months);
  });

  test("without a limit on the quarter's WMAPE there is no excess, and order is by share of error", () => {
    const judged = {
      ...decision(true),
      rules: [rule("x", { metric: "train.cv.wmape", verdict: "FAIL", blocks: true })],
    };
    const { causes } = buildEscalation(escalationInput({ decision: judged }));
    expect(causes.wmapeLimit).toBeNull();
    expect(causes.segments.every(({ excessShare }) => excessShare === null)).toBe(true);
    expect(causes.segments[0]!.key).toBe("coast/mid");
  });

  test("a group without error or a quarter without error has share 0, not NaN", () => {
    const empty = accuracy(true);
    const zero = { ...empty, total: { ...empty.total, absoluteError: 0 } };
    const { causes } = buildEscalation(escalationInput({ accuracy: zero }));
    expect(causes.segments.map(({ share }) => share)).toEqual([0, 0, 0]);
  });

  test("names drift, revisions, lost series and segments no better than the naive", () => {
    const { causes } = buildEscalation(escalationInput());
    expect(causes.drifted.map(({ feature }) => feature)).toEqual(["price_index"]);
    expect(causes.revised.map(({ period }) => period)).toEqual(["2025-08", "2025-07", "2025-09"]);
    expect(causes.lostSeries).toEqual(["P009", "P033"]);
    expect(causes.weakSegments.map(({ segment }) => segment)).toEqual(["mountain/leisure"]);
  });

  test("next commands name existing steps and carry the flags", () => {
    const flags = { runbook: null, stateDir: "/srv/state", overrides: [], dryRun: false };
    const commands = buildEscalation(escalationInput({ flags })).next.map(({ command }) => command);
    expect(commands).toEqual([
      `retrain report ${RUN} --state-dir /srv/state`,
      `retrain escalation ${RUN} --state-dir /srv/state`,
      "retrain quarter 2025Q2 --from validate --state-dir /srv/state",
      "retrain quarter 2025Q2 --from gate --state-dir /srv/state",
      "retrain models --state-dir /srv/state",
    ]);
  });

  test("a run without any artifact to explain it still escalates", () => {
    const escalation = buildEscalation(
      escalationInput({ ...nothing, owner: null, deadline: null, steps: [] }),
    );
    expect(escalation.causes.segments).toEqual([]);
    expect(escalationMarkdown(escalation)).toContain("none is named in the runbook");
  });

  test("does not call a candidate not live that an earlier decision promoted", () => {
    const escalated = promotion(true);
    const judgedAgain = { ...escalated, before: escalated.candidate, after: escalated.candidate };
    const { stays, now } = buildEscalation(escalationInput({ promotion: judgedAgain }));
    expect(stays).toContain("an earlier decision promoted it");
    expect(stays).not.toContain("not live");
    expect(now).toMatch(/^Perhaps/);
  });

  test("a promoted run has nothing to escalate", () => {
    expect(() => buildEscalation(escalationInput({ promotion: promotion(false) }))).toThrow("was promoted");
  });
});

describe("the page", () => {
  const first = (change: Parameters<typeof escalationInput>[0]) =>
    escalationMarkdown(buildEscalation(escalationInput(change))).split("\n")[2];

  test("the first lines answer whether something has to be done now", () => {
    expect(first({})).toBe(
      "**Do I have to do something now?** Not at once: services go on as before. By 2025-07-14 forecasting decides whether version 4 may go live.",
    );
    expect(first({ promotion: { ...promotion(true), before: null, after: null } })).toContain(
      "Only if a service waits for room-demand@best: it names no version yet.",
    );
    expect(first({ dryRun: true })).toContain("No. This was a dry run");
  });

  test("says what failed with observed, limit and n, and why a rule is unknown", () => {
    const page = escalationMarkdown(buildEscalation(escalationInput()));
    expect(page).toContain("| accuracy | accuracy.wmape | 29.5% | at most 20.0% | 180 |");
    expect(page).toContain(
      "| beats-champion | wmape against the champion | champion and candidate forecast no series and period in common | at most +1.0 points |",
    );
    expect(page).toContain("| coast/mid | 53.2% | +44.0% | 77.0% | 100.0% | 66 |");
    expect(page).toContain("room-demand@best still serves version 3.");
    expect(page.split("\n").length).toBeLessThan(110);
  });

  test("says that the champion moved", () => {
    const page = escalationMarkdown(
      buildEscalation(escalationInput({ promotion: { ...promotion(true), reason: "champion-moved" } })),
    );
    expect(page).toContain("someone moved the alias");
    expect(page).toContain("retrain quarter 2025Q2 --from gate");
  });

  test("only commands that exist are shown", () => {
    const known = [
      "quarter",
      "plan",
      "check",
      "schema",
      "runs",
      "status",
      "resume",
      "models",
      "report",
      "escalation",
    ];
    const page = escalationMarkdown(buildEscalation(escalationInput()));
    const used = [...page.matchAll(/^retrain (\w+)/gm)].map(([, command]) => command);
    expect(used.length).toBeGreaterThan(3);
    for (const command of used) expect(known).toContain(command);
  });

  test("text of a user cannot break Markdown", () => {
    expect(escapeMarkdown("a|b\n# c *d* `e` <f>")).toBe("a\\|b \\# c \\*d\\* \\`e\\` \\<f\\>");
    expect(escapeMarkdown("price_index _x_")).toBe("price_index \\_x\\_");
  });

  test("the terminal shows the same rows, without control characters", () => {
    const text = escalationText(buildEscalation(escalationInput()), createStyle({ color: false, width: 80 }));
    expect(text).toMatch(/accuracy\s+accuracy\.wmape\s+29\.5%\s+at most 20\.0%\s+180/);
    expect(text).toContain(`  retrain report ${RUN}`);
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
    expect(text).not.toMatch(/\b(NaN|undefined|null)\b/);
  });
});

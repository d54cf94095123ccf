import { describe, expect, test } from "vitest";
import { buildEscalation } from "../../../../src/report/escalation/build.js";
import { Escalation } from "../../../../src/report/escalation/escalation.js";
import { escalationPage } from "../../../../src/report/escalation/page.js";
import { pageHtml } from "../../../../src/report/page/html.js";
import { escapeMarkdown, pageMarkdown } from "../../../../src/report/page/markdown.js";
import { pageText } from "../../../../src/report/page/terminal.js";
import { createStyle, type Style } from "../../../../src/report/style.js";
import { accuracy, decision, escalationInput, promotion, RUN, rule } from "../sample.js";
import { diagnosis, escalationPages } from "./pages.js";

const escalationHtml = (escalation: Escalation) => pageHtml(escalationPage(escalation));
const escalationMarkdown = (escalation: Escalation) => pageMarkdown(escalationPage(escalation));
const escalationText = (escalation: Escalation, style: Style) => pageText(escalationPage(escalation), style);

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

  test.each([
    ["of the moves", null, { approve: false, reject: false, rollback: false, adopt: true }],
    ["of the champion's files", "7", { approve: true, reject: true, rollback: true, adopt: false }],
  ])("a damaged record %s offers only what can be done about it", (_, version, offered) => {
    const damaged = { version, quarter: null, detail: "it is not what was written" };
    const { next } = buildEscalation(escalationInput({ decision: { ...decision(true), damaged } }));
    const found = Object.keys(offered).map((word) => [
      word,
      next.some(({ command }) => command.startsWith(`retrain ${word} `)),
    ]);
    expect(Object.fromEntries(found)).toEqual(offered);
  });

  test.each([
    [undefined, true],
    ["1", true],
    [null, false],
  ])("a rollback is offered where there is something to go back to: %s", (previous, isOffered) => {
    const input = escalationInput();
    const promotion = { ...input.promotion, ...(previous === undefined ? {} : { previous }) };
    const { next } = buildEscalation({ ...input, promotion });
    expect(next.some(({ command }) => command.startsWith("retrain rollback "))).toBe(isOffered);
  });

  test("next commands name existing steps and carry the flags", () => {
    const flags = { runbook: null, stateDir: "/srv/state", overrides: [], dryRun: false };
    const commands = buildEscalation(escalationInput({ flags })).next.map(({ command }) => command);
    expect(commands).toEqual([
      `retrain report ${RUN} --state-dir /srv/state`,
      `retrain escalation ${RUN} --state-dir /srv/state`,
      "retrain quarter 2025Q2 --from validate --state-dir /srv/state",
      "retrain quarter 2025Q2 --from gate --state-dir /srv/state",
      "retrain quarter 2025Q2 --dry-run --state-dir /srv/state",
      `retrain approve ${RUN} --by NAME --reason TEXT --expires DATE --state-dir /srv/state`,
      `retrain reject ${RUN} --by NAME --reason TEXT --state-dir /srv/state`,
      "retrain rollback --by NAME --reason TEXT --state-dir /srv/state",
      "retrain models --state-dir /srv/state",
    ]);
  });

  test("a run without any artifact to explain it still escalates", () => {
    const escalation = buildEscalation(
      escalationInput({ ...nothing, owner: null, deadline: null, steps: [] }),
    );
    expect(escalation.causes.segments).toEqual([]);
    expect(escalationMarkdown(escalation)).toContain("No owner is named in the runbook");
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

describe("causes", () => {
  const pages = escalationPages();

  test("are ranked with their evidence in words, alike in every form", () => {
    const escalation = pages.degraded!;
    expect(escalation.diagnosis.map(({ cause, title }) => [cause, title])).toEqual([
      ["level-shift", "Level shift: values of region coast are ×0.42"],
      ["feature-changed", "Feature changed upstream: price_index"],
      ["one-segment", "One segment: coast/mid"],
    ]);
    expect(escalation.diagnosis[0]!.evidence[0]).toBe(
      "In 2025-04 to 2025-06 21 of 22 series moved together, beside what their own past leads to expect.",
    );
    const forms = [
      escalationMarkdown(escalation),
      escalationText(escalation, createStyle({ color: false, width: 120 })),
      escalationHtml(escalation),
    ];
    for (const form of forms) {
      expect(form).toContain("Level shift: values of region coast are ×0.42");
      expect(form).toMatch(/strong evidence/);
      expect(form).not.toMatch(/\b(NaN|undefined)\b/);
    }
  });

  test("a run without any says that nothing stands out", () => {
    for (const form of [escalationMarkdown, escalationHtml]) {
      expect(form(pages["first release"]!)).toContain("Nothing stands out in the data");
    }
  });

  test("distributions are drawn with their words, and as text in Markdown", () => {
    const page = escalationHtml(pages.degraded!);
    expect(page).toContain(
      'aria-label="price_index: median 100 then, 109 now; 58% of the two distributions overlaps."',
    );
    expect(page.match(/<rect [^>]*height="(?!0")[^>]*fill="var\(--then\)"/g)).toHaveLength(
      diagnosis.distributions[0]!.before.filter((share) => share > 0).length,
    );
    expect(escalationMarkdown(pages.degraded!)).toMatch(/[▁▂▃▄▅▆▇█]{16}/u);
  });

  test("interval and groups of a failed rule are shown, and limits that were loosened", () => {
    expect(escalationMarkdown(pages.degraded!)).toContain("24.1% to 35.2% (90%)");
    expect(escalationMarkdown(pages.degraded!)).toContain("| accuracy | segment coast/mid | 53.2% |");
    expect(escalationMarkdown(pages["long names"]!)).toContain(
      "**Limits that were loosened since last quarter**",
    );
  });

  test("an escalation.json of a program before still reads", () => {
    const {
      diagnosis: _d,
      distributions: _s,
      loosened: _l,
      overrides: _o,
      answer: _a,
      ...old
    } = pages.degraded!;
    const files = old.files.map(({ label, path }) => ({ label, path }));
    const read = Escalation.parse(JSON.parse(JSON.stringify({ ...old, files })));
    expect(escalationHtml(read)).toContain("Do I have to do something now?");
  });

  test("text of a user cannot break the page", () => {
    const page = escalationHtml({ ...pages.degraded!, owner: "<script>alert(1)</script>" });
    expect(page).not.toContain("<script>");
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
    expect(page.split("\n").length).toBeLessThan(120);
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
      "approve",
      "reject",
      "rollback",
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

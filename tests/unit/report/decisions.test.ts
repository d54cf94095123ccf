import { describe, expect, test } from "vitest";
import type { PersonDecision } from "../../../src/kit/artifacts/person-decision.js";
import { withDecisions, withRunDecisions } from "../../../src/report/decisions.js";
import { Escalation } from "../../../src/report/escalation/escalation.js";
import { escalationPage } from "../../../src/report/escalation/page.js";
import { pageHtml, withTop } from "../../../src/report/page/html.js";
import { pageMarkdown } from "../../../src/report/page/markdown.js";
import { quarterTop } from "../../../src/report/quarter/top.js";
import { escalationPages } from "./escalation/pages.js";
import { renderReport } from "./html-of.js";
import { reportInput } from "./sample.js";

const decision = (change: Partial<PersonDecision>): PersonDecision => ({
  kind: "approved",
  about: "run",
  effective: true,
  by: "Ada Lovelace",
  reason: "the strike is over",
  at: "2025-07-10T09:30:00.000Z",
  expires: "2025-09-30",
  live: "4",
  ...change,
});
const DECIDES = /retrain (approve|reject|rollback|adopt)\b/;

describe("an escalation with what people decided", () => {
  const open = escalationPages().degraded!;

  test.each([
    [
      "approved",
      decision({}),
      "No: approved by Ada Lovelace on 2025-07-10.",
      "room-demand@best names version 4.",
    ],
    [
      "rejected",
      decision({ kind: "rejected", expires: null, live: null }),
      "No: rejected by Ada Lovelace on 2025-07-10.",
      "room-demand@best names version 3.",
    ],
    [
      "adopted",
      decision({ kind: "adopted", live: "2" }),
      "Run the quarter again: adopted as the baseline by Ada Lovelace on 2025-07-10.",
      "room-demand@best names version 2.",
    ],
  ])("%s: says who, what and when, and offers no decision", (_, said, now, stays) => {
    const told = withDecisions(open, [said]);
    expect(Escalation.parse(JSON.parse(JSON.stringify(told)))).toEqual(told);
    expect([told.now, told.stays]).toEqual([now, stays]);
    for (const form of [pageHtml(escalationPage(told)), pageMarkdown(escalationPage(told))]) {
      expect(form).toContain("Ada Lovelace");
      expect(form).toContain("2025-07-10 09:30 UTC");
      expect(form).toContain("the strike is over");
      expect(form).not.toMatch(DECIDES);
      expect(form).not.toContain("Who decides");
    }
    expect(told.next.some(({ command }) => command.startsWith("retrain quarter"))).toBe(
      said.kind === "adopted",
    );
  });

  test("an approval that waits for another person is shown, and the page still offers to decide", () => {
    const told = withDecisions(open, [decision({ effective: false, live: null })]);
    const page = pageHtml(escalationPage(told));
    expect(page).toContain("Approved in part");
    expect(page).toMatch(DECIDES);
    expect(told.now).toBe(open.now);
  });

  test("without any decision it stays as it is", () => {
    expect(withDecisions(open, [])).toBe(open);
  });
});

describe("a report that was made before somebody decided", () => {
  test("gets another first screen, and the rest of it stays byte by byte", () => {
    const input = reportInput(true);
    const before = renderReport(input);
    const now = { decisions: [decision({})], live: "4" };
    const escalation = withDecisions(input.escalation!, now.decisions);
    const document = withRunDecisions(input.document, now);
    const after = withTop(before, quarterTop(document, escalation))!;
    expect(after).toBe(renderReport({ ...input, document, escalation }));
    expect(after).toContain("Approved by Ada Lovelace");
    expect(after).toContain("room-demand@best serves version 4 by now; it served version 3 before.");
    expect(after).not.toMatch(DECIDES);
    const rest = (page: string) => page.slice(page.indexOf("<main>"));
    expect(rest(after)).toBe(rest(before));
  });

  test("a promoted one says who rolled it back", () => {
    const input = reportInput(false);
    const back = decision({ kind: "rolled-back", about: "model", expires: null, live: "3" });
    const document = withRunDecisions(input.document, { decisions: [back], live: "3" });
    const page = withTop(renderReport(input), quarterTop(document, null))!;
    expect(page).toContain("Rolled back by Ada Lovelace");
    expect(page).toContain("this run promoted version 4, and the alias was moved since");
  });

  test("a page of a program that marked no first screen is left alone", () => {
    expect(withTop("<!doctype html><p>old</p>", quarterTop(reportInput().document, null))).toBeNull();
  });
});

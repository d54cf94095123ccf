import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { backtestPage } from "../../src/report/backtest/page.js";
import { withDecisions, withRunDecisions } from "../../src/report/decisions.js";
import type { Escalation } from "../../src/report/escalation/escalation.js";
import { escalationPage } from "../../src/report/escalation/page.js";
import { pageHtml } from "../../src/report/page/html.js";
import type { Page } from "../../src/report/page/model.js";
import { quarterPage } from "../../src/report/quarter/report.js";
import { describeWithBrowser, overflow, SAMPLED_VIEWS, seriousFaults, withPage } from "../support/browser.js";
import { tempFolder } from "../support/cli.js";
import { FULL } from "../support/thorough.js";
import { backtestDocument } from "../unit/report/backtest-sample.js";
import { escalationPages } from "../unit/report/escalation/pages.js";
import { failedInput, reportInput } from "../unit/report/sample.js";

const escalationHtml = (escalation: Escalation) => pageHtml(escalationPage(escalation));

const decided = {
  decisions: [
    {
      kind: "approved" as const,
      about: "run" as const,
      effective: true,
      by: "Ada Lovelace",
      reason: "the strike is over",
      at: "2025-07-10T09:30:00.000Z",
      expires: "2025-09-30",
      live: "4",
    },
  ],
  live: "4",
};
const answered = withDecisions(reportInput(true).escalation!, decided.decisions);

/** Many pages are an escalation of another cause: by night they are looked at on every screen, for every change on the narrowest. */
const isVariant = (name: string): boolean => name.startsWith("an escalation, ");

/** Every kind of page, and every layout that it has. */
const PAGES: Readonly<Record<string, Page>> = {
  "a promoted quarter": quarterPage(reportInput(false)),
  "an escalated quarter": quarterPage(reportInput(true)),
  "a decided quarter": quarterPage({
    ...reportInput(true),
    document: withRunDecisions(reportInput(true).document, decided),
    escalation: answered,
  }),
  "a failed quarter": quarterPage(failedInput()),
  "a backtest": backtestPage(backtestDocument(), "0.1.0"),
  "a decided escalation": escalationPage(answered),
  ...Object.fromEntries(
    Object.entries(escalationPages()).map(([name, one]) => [`an escalation, ${name}`, escalationPage(one)]),
  ),
};

describeWithBrowser("pages", (browser) => {
  test.each(
    Object.entries(PAGES).flatMap(([name, page]) =>
      SAMPLED_VIEWS.filter(({ viewport }) => FULL || viewport === "phone" || !isVariant(name)).map(
        (view) => ({
          name,
          page,
          view,
          ...view,
        }),
      ),
    ),
  )(
    "$name on a $viewport, $colorScheme: no serious accessibility fault, nothing wider than the screen",
    async ({ page, view }) => {
      const file = join(tempFolder(), "page.html");
      writeFileSync(file, pageHtml(page));
      await withPage(browser(), file, view, async (opened) => {
        expect(await overflow(opened)).toBe(0);
        await opened.evaluate(
          "document.querySelectorAll('details').forEach((part) => { part.open = true; })",
        );
        expect(await seriousFaults(opened)).toEqual([]);
        expect(await overflow(opened)).toBe(0);
      });
    },
    60_000,
  );

  test("the first screen of a phone answers what to do now, what stays live, why, and the likeliest cause", async () => {
    const file = join(tempFolder(), "escalation.html");
    writeFileSync(file, escalationHtml(escalationPages().degraded!));
    await withPage(browser(), file, { viewport: "phone", colorScheme: "light" }, async (page) => {
      const bottom = await page.evaluate("document.querySelector('header').getBoundingClientRect().bottom");
      expect(bottom).toBeLessThanOrEqual(844);
      const text = await page.innerText("header");
      for (const part of [
        "Do I have to do something now?",
        "Not at once",
        "What stays live?",
        "Why?",
        "cause",
      ]) {
        expect(text).toContain(part);
      }
    });
  });

  test("loads nothing but itself and runs no script", async () => {
    const file = join(tempFolder(), "escalation.html");
    writeFileSync(file, escalationHtml(escalationPages().degraded!));
    const context = await browser().newContext({ javaScriptEnabled: false });
    try {
      const page = await context.newPage();
      const requests: string[] = [];
      page.on("request", (request) => requests.push(request.url()));
      await page.goto(`file://${file}`);
      expect(requests).toEqual([`file://${file}`]);
      expect(await page.title()).toBe("Escalated: room-demand 2025Q2");
    } finally {
      await context.close();
    }
  });
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { escalationHtml } from "../../src/report/escalation/html.js";
import { describeWithBrowser, overflow, seriousFaults, VIEWS, withPage } from "../support/browser.js";
import { tempFolder } from "../support/cli.js";
import { escalationPages } from "../unit/report/escalation/pages.js";

describeWithBrowser("escalation.html", (browser) => {
  test.each(
    Object.entries(escalationPages()).flatMap(([name, escalation]) =>
      VIEWS.map((view) => ({ name, escalation, view, ...view })),
    ),
  )(
    "$name on a $viewport, $colorScheme: no serious accessibility fault, nothing wider than the screen",
    async ({ escalation, view }) => {
      const file = join(tempFolder(), "escalation.html");
      writeFileSync(file, escalationHtml(escalation));
      await withPage(browser(), file, view, async (page) => {
        expect(await overflow(page)).toBe(0);
        await page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })");
        expect(await seriousFaults(page)).toEqual([]);
        expect(await overflow(page)).toBe(0);
      });
    },
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

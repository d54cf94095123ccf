import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReportInput } from "../../../../src/report/html/input.js";
import { escapeHtml, html } from "../../../../src/report/html/markup.js";
import { renderReport } from "../../../../src/report/html/report.js";
import { reportInput } from "../sample.js";

/** What a reader sees: no style sheet, no tags, entities decoded. */
const readable = (page: string): string =>
  page
    .replace(/<style>[\s\S]*?<\/style>/g, "")
    .replace(/<[^>]*>/g, "\n")
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&");

const bare = (): ReportInput => ({
  ...reportInput(),
  document: {
    ...reportInput().document,
    steps: [],
    decision: null,
    candidate: null,
    champion: { before: null, after: null },
  },
  validation: null,
  accuracy: null,
  segments: null,
  training: null,
  outlook: null,
  checkpoints: null,
});

describe("renderReport", () => {
  test("is one file: no script, no link to another file or host", async () => {
    const page = await renderReport(reportInput(true));
    expect(page).not.toMatch(/<script|<link|<img|@import|url\((?!#)|\bsrc=/i);
    expect([...page.matchAll(/https?:\/\/[^"' <]+/g)].map(([url]) => url)).toEqual(
      expect.not.arrayContaining([expect.not.stringContaining("http://www.w3.org/")]),
    );
    for (const [, target] of page.matchAll(/href="([^"]*)"/g)) expect(target).toMatch(/^#/);
  });

  test("the same input gives the same bytes, whatever was drawn before", async () => {
    const first = await renderReport(reportInput());
    await renderReport(reportInput(true));
    expect(await renderReport(reportInput())).toBe(first);
    expect(first).not.toMatch(/zr\d/);
  });

  test("says the verdict, what is live, and the main figures with the naive beside them", async () => {
    const text = readable(await renderReport(reportInput()));
    expect(text).toContain("room-demand@best now serves version 4 (was version 3).");
    expect(text).toContain("off by 11.1%, 4.6 points better than the seasonal naive");
    expect(text).toContain("naive 14.2%, n 1,062");
    expect(text).toContain("P017");
    expect(text).toContain("line 2114: property P031, 2025-05: price_index is empty");
  });

  test("shows the coverage of the intervals, or says that it is unknown", async () => {
    const text = readable(await renderReport(reportInput()));
    expect(text).toMatch(/80\.0%\s+78\.4%\s+1\.94\s+708\s+95\.0%\s+94\.1%\s+3\.71\s+708/);
    expect(text).toContain(
      "Weighted quantile loss over the bounds of these levels: 8.1%; seasonal naive 11.1%.",
    );
    const unknown = { levels: [], wql: null, naiveWql: null, n: 0 };
    const input = reportInput();
    const without = { ...input, training: { ...input.training!, intervals: unknown } };
    expect(readable(await renderReport(without))).toContain("the coverage of the intervals is unknown");
  });

  test("an escalated run starts with the escalation", async () => {
    const page = await renderReport(reportInput(true));
    expect(page.indexOf("Do I have to do something now?")).toBeGreaterThan(0);
    expect(page.indexOf("Do I have to do something now?")).toBeLessThan(page.indexOf('id="rules"'));
    expect(await renderReport(reportInput(false))).not.toContain("Do I have to do something now?");
  });

  test("a section without data says why", async () => {
    const text = readable(await renderReport(bare()));
    expect(text).toContain("This runbook has no accuracy-report step.");
    const first = reportInput();
    const unscored = { ...first.accuracy!, total: { ...first.accuracy!.total, n: 0, wmape: null } };
    expect(readable(await renderReport({ ...first, accuracy: unscored }))).toContain(
      "No earlier snapshot covers this quarter",
    );
    const failed = {
      ...bare(),
      document: {
        ...bare().document,
        steps: [
          {
            ...first.document.steps[1]!,
            status: "failed" as const,
            failure: {
              code: "x",
              title: "It broke",
              where: "here",
              expected: null,
              details: ["d"],
              next: ["n"],
            },
          },
        ],
      },
    };
    const page = await renderReport(failed);
    expect(readable(page)).toContain("The step accuracy failed: It broke.");
    expect(page.indexOf('id="steps"')).toBeLessThan(page.indexOf('id="rules"'));
  });

  test.each([
    ["promoted", reportInput()],
    ["escalated", reportInput(true)],
    ["bare", bare()],
  ])("no machine word for nothing is ever shown: %s", async (_, input) => {
    expect(await renderReport(input)).not.toMatch(/\b(NaN|undefined|null|Infinity)\b|\[object/);
  });

  test("every id is there once, and every reference has its target", async () => {
    const page = await renderReport(reportInput(true));
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of page.matchAll(/(?:href="|url\()#([^")]+)/g)) expect(ids).toContain(target);
    for (const [, target] of page.matchAll(/aria-labelledby="([^"]+)"/g)) expect(ids).toContain(target);
  });

  test("charts take their colours from the page, so that they fit light and dark", async () => {
    const page = await renderReport(reportInput());
    const drawings = [...page.matchAll(/<svg[\s\S]*?<\/svg>/g)].map(([svg]) => svg);
    // Total and CV for desktop and phone, three segments, two series, the revisions, the target and two features.
    expect(drawings).toHaveLength(4 + 3 + 2 + 1 + 3);
    for (const svg of drawings) {
      const colors = [...svg.matchAll(/(?:fill|stroke)="([^"]+)"/g)].map(([, color]) => color!);
      const visible = colors.filter((color) => !/^(none|transparent|#000)$/.test(color));
      expect(visible.length).toBeGreaterThan(3);
      for (const color of visible) expect(color).toMatch(/^var\(--[\w-]+\)$/);
    }
  });

  test("any text of a user is escaped, in tables and in charts", async () => {
    const tag = '<b x="1">&\u0000';
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), async (noise) => {
        const evil = `${tag}'${noise}</script><i>`;
        const base = reportInput(true);
        const page = await renderReport({
          ...base,
          document: {
            ...base.document,
            run: evil,
            model: { name: evil, alias: evil },
            steps: base.document.steps.map((step) => ({ ...step, summary: evil })),
          },
          accuracy: {
            ...base.accuracy!,
            bySegment: [{ ...base.accuracy!.bySegment[0]!, key: evil }],
          },
          training: {
            ...base.training!,
            learners: [{ id: evil, description: evil }],
            folds: base.training!.folds.map((fold) => ({ ...fold, origin: evil })),
          },
          outlook: {
            ...base.outlook!,
            target: evil,
            segments: [
              { ...base.outlook!.segments[0]!, segment: evil },
              { ...base.outlook!.segments[1]!, segment: `${evil}!` },
            ],
            total: { ...base.outlook!.total, history: [{ period: evil, total: 1 }] },
          },
        });
        expect(page).not.toContain("<b x");
        expect(page).not.toContain("<i>");
        expect(page).not.toContain("</script>");
        expect(page).not.toContain("\u0000");
      }),
      { numRuns: 8 },
    );
  }, 60_000);
});

describe("markup", () => {
  test("escapes strings once, and lets markup through", () => {
    expect(html`<p title="${'"a" & b'}">${html`<b>${"<i>"}</b>`}${["x", "y"]}</p>`.source).toBe(
      '<p title="&quot;a&quot; &amp; b"><b>&lt;i&gt;</b>xy</p>',
    );
  });

  test("what is escaped reads back as the text, save characters that HTML forbids", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const escaped = escapeHtml(text);
        expect(escaped).not.toMatch(/[<>"']/);
        expect(escaped).not.toMatch(/[^\P{Cc}\t\n\r]/u);
        expect(escaped).not.toMatch(/&(?!amp;|lt;|gt;|quot;|#39;)/);
      }),
    );
    expect(readable(escapeHtml(`a & b < c > d " e ' f`))).toBe(`a & b < c > d " e ' f`);
  });
});

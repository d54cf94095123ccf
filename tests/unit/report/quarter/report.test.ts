import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escapeHtml, html } from "../../../../src/report/page/markup.js";
import type { QuarterInput } from "../../../../src/report/quarter/input.js";
import { seriesNames } from "../../../../src/report/series-names.js";
import { renderReport } from "../html-of.js";
import { failedInput, reportInput } from "../sample.js";

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

const bare = (): QuarterInput => ({
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
  test("is one file: no script, no link to another file or host", () => {
    const page = renderReport(reportInput(true));
    expect(page).not.toMatch(/<script|<link|<img|@import|url\((?!#)|\bsrc=/i);
    expect([...page.matchAll(/https?:\/\/[^"' <]+/g)].map(([url]) => url)).toEqual(
      expect.not.arrayContaining([expect.not.stringContaining("http://www.w3.org/")]),
    );
    for (const [, target] of page.matchAll(/href="([^"]*)"/g)) expect(target).toMatch(/^#/);
  });

  test("the same input gives the same bytes, whatever was drawn before", () => {
    const first = renderReport(reportInput());
    renderReport(reportInput(true));
    expect(renderReport(reportInput())).toBe(first);
  });

  test("says the verdict, what is live, and the main figures with the naive beside them", () => {
    const text = readable(renderReport(reportInput()));
    expect(text).toContain("room-demand@best now serves version 4 (was version 3).");
    expect(text).toContain("off by 11.1%, 4.6 points better than the seasonal naive");
    expect(text).toContain("naive 14.2%, n 1,062");
    expect(text).toContain("P017");
    expect(text).toContain("line 2114: property P031, 2025-05: price_index is empty");
  });

  test("shows the coverage of the intervals, or says that it is unknown", () => {
    const text = readable(renderReport(reportInput()));
    expect(text).toMatch(
      /80% interval\s+80%\s+78\.4%\s+−1\.6 points\s+708\s+1\.94\s+95% interval\s+95%\s+94\.1%\s+−0\.9 points\s+708\s+3\.71/,
    );
    expect(text).toContain(
      "Weighted quantile loss over the bounds of these levels: 8.1%; seasonal naive 11.1%.",
    );
    const unknown = { levels: [], wql: null, naiveWql: null, n: 0 };
    const input = reportInput();
    const without = { ...input, training: { ...input.training!, intervals: unknown } };
    expect(readable(renderReport(without))).toContain("the coverage of the intervals is unknown");
  });

  test("an escalated run starts with the escalation", () => {
    const page = renderReport(reportInput(true));
    expect(page.indexOf("Do I have to do something now?")).toBeGreaterThan(0);
    expect(page.indexOf("Do I have to do something now?")).toBeLessThan(page.indexOf('id="rules"'));
    expect(renderReport(reportInput(false))).not.toContain("Do I have to do something now?");
  });

  test("the headline of a failed run is what failed, and sections that it never came to are one line", () => {
    const page = renderReport(failedInput());
    const text = readable(page);
    const [, headline] = /<h1><span class="word bad">(.*?)<\/span><\/h1>/.exec(page)!;
    expect(headline).toBe(failedInput().document.steps[0]!.failure!.title);
    expect(text).toContain("Failed at validate");
    expect(text).toContain("Likely causes");
    expect(text).toContain(
      "Nothing to show of Rules, Champion, Outlook, Accuracy, Checkpoints, Cross-validation and Segments: their steps did not run.",
    );
    expect(page).not.toContain('id="rules"');
  });

  test("files that the run left are links", () => {
    const files = [{ label: "Outlook", path: "runs/1/steps/o/outlook.csv", to: "steps/o/outlook.csv" }];
    expect(renderReport({ ...reportInput(), files })).toContain('<a href="steps/o/outlook.csv">Outlook</a>');
  });

  test("series are called by their names, with the id beside", () => {
    const names = seriesNames(new Map([["P014", "Hotel Aurora"]]));
    const page = renderReport({ ...reportInput(), names });
    expect(page).toContain('Hotel Aurora <span class="dim">P014</span>');
    expect(page).toContain("<strong>Hotel Aurora (P014)</strong>");
  });

  test("a section without data says why", () => {
    const text = readable(renderReport(bare()));
    expect(text).toContain("This runbook has no accuracy-report step.");
    const first = reportInput();
    const unscored = { ...first.accuracy!, total: { ...first.accuracy!.total, n: 0, wmape: null } };
    expect(readable(renderReport({ ...first, accuracy: unscored }))).toContain(
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
    const page = renderReport(failed);
    expect(readable(page)).toContain("The step accuracy failed: It broke.");
    expect(page.indexOf('id="steps"')).toBeLessThan(page.indexOf('id="rules"'));
  });

  test.each([
    ["promoted", reportInput()],
    ["escalated", reportInput(true)],
    ["bare", bare()],
  ])("no machine word for nothing is ever shown: %s", (_, input) => {
    expect(renderReport(input)).not.toMatch(/\b(NaN|undefined|null|Infinity)\b|\[object/);
  });

  test("every id is there once, and every reference has its target", () => {
    const page = renderReport(reportInput(true));
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of page.matchAll(/(?:href="|url\()#([^")]+)/g)) expect(ids).toContain(target);
    for (const [, target] of page.matchAll(/aria-labelledby="([^"]+)"/g)) expect(ids).toContain(target);
  });

  test("charts take their colours from the page, so that they fit light and dark", () => {
    const page = renderReport(reportInput());
    const drawings = [...page.matchAll(/<svg[\s\S]*?<\/svg>/g)].map(([svg]) => svg);
    // Total and CV for three widths, three segments, two series, the revisions, the target and two features.
    expect(drawings).toHaveLength(6 + 3 + 2 + 1 + 3);
    for (const svg of drawings) {
      const colors = [...svg.matchAll(/(?:fill|stroke)="([^"]+)"/g)].map(([, color]) => color!);
      const visible = colors.filter((color) => !/^(none|transparent|#000)$/.test(color));
      expect(visible.length).toBeGreaterThan(2);
      for (const color of visible) expect(color).toMatch(/^var\(--[\w-]+\)$/);
    }
  });

  test("any text of a user is escaped, in tables and in charts", () => {
    const tag = '<b x="1">&\u0000';
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (noise) => {
        const evil = `${tag}'${noise}</script><i>`;
        const base = reportInput(true);
        const page = renderReport({
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

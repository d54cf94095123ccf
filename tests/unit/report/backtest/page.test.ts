import { expect, test } from "vitest";
import { backtestPage } from "../../../../src/report/backtest/page.js";
import { whyEscalated } from "../../../../src/report/backtest/words.js";
import { pageHtml } from "../../../../src/report/page/html.js";
import { backtestDocument } from "../backtest-sample.js";
import { textOf } from "../html-of.js";

test("the headline says why quarters would have escalated, the most frequent reason first", () => {
  const document = backtestDocument();
  expect(whyEscalated(document)).toBe(
    "accuracy failed in 2 and drift could not be measured in 1 (there are too few past quarters to say what is ordinary (`guard: series` needs none))",
  );
  expect(pageHtml(backtestPage(document, "0.1.0"))).toContain(
    "Of 8 quarters 2 would have escalated: accuracy failed in 2 and drift could not be measured in 1",
  );
  const none = {
    ...document,
    quarters: document.quarters.filter(({ verdict }) => verdict !== "would-escalate"),
  };
  expect(whyEscalated(none)).toBe("");
  expect(pageHtml(backtestPage(none, "0.1.0"))).toContain(
    "Of 6 quarters 0 would have escalated; 1 could not be run.",
  );
});

test("the worst segments and the rules that stop most come first", () => {
  const sections = backtestPage(backtestDocument(), "0.1.0").sections;
  const text = (id: string) => textOf(sections.find((section) => section.id === id)!);
  expect(text("groups").indexOf("mountain/leisure")).toBeLessThan(text("groups").indexOf("coast/mid"));
  expect(text("rules").indexOf("accuracy")).toBeLessThan(text("rules").indexOf("drift"));
});

test("no machine word for nothing is ever shown, and the same document gives the same bytes", () => {
  const page = pageHtml(backtestPage(backtestDocument(), "0.1.0"));
  expect(page).not.toMatch(/\b(NaN|undefined|null|Infinity)\b|\[object/);
  expect(pageHtml(backtestPage(backtestDocument(), "0.1.0"))).toBe(page);
});

import { expect, test } from "vitest";
import { renderReport } from "../html-of.js";
import { reportInput, training } from "../sample.js";

test("the table of the folds has what the chart shows: the candidate, each learner once, and the naive line", () => {
  const folds = training.folds.map((fold) => ({
    ...fold,
    scores: [...fold.scores, { ...training.cv, wmape: 0.099 }],
  }));
  const page = renderReport({ ...reportInput(), training: { ...training, folds } });
  const [, table] = /aria-label="WMAPE by fold"[^>]*>(.*?)<\/table>/s.exec(page) ?? [];
  const cells = (row: string) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => cell!.replace(/<[^>]*>/g, ""));
  const [head, first] = table!.split("</tr>").map(cells);
  expect(head).toEqual([
    "Trained up to",
    "Candidate",
    "pooled-ridge",
    "segment-ridge",
    "seasonal-naive",
    "Series",
    "n",
  ]);
  expect(first).toEqual(["2023-12", "9.9%", "11.1%", "10.4%", "14.8%", "58", "348"]);
});

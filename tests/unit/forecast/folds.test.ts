import { describe, expect, test } from "vitest";
import { type Fold, type FoldOptions, makeFolds as foldsOf } from "../../../src/forecast/folds.js";
import { FailureError } from "../../../src/kit/failure.js";
import type { Panel } from "../../../src/panel/panel.js";
import { panelOf } from "../../support/panels.js";

const series = (id: string, start: number, length: number) => ({
  id,
  start,
  values: Array.from({ length }, (_, t) => t + 1),
});
const makeFolds = (panel: Panel, last: number, options: Partial<FoldOptions>) =>
  foldsOf(panel, last, { horizon: 6, count: 3, step: 6, window: null, gap: 0, ...options });
const ALL = { since: Number.NEGATIVE_INFINITY, gap: 0 };
const origins = (folds: readonly Fold[]) => folds.map((fold) => fold.origin);

describe("makeFolds", () => {
  test("origins step back from the last period, oldest first", () => {
    const panel = panelOf([series("a", 0, 60)]);
    expect(makeFolds(panel, 59, { horizon: 6, count: 3, step: 6 })).toEqual([
      { number: 1, slowFit: 1, origin: 41, ...ALL },
      { number: 2, slowFit: 2, origin: 47, ...ALL },
      { number: 3, slowFit: 3, origin: 53, ...ALL },
    ]);
    expect(origins(makeFolds(panel, 59, { horizon: 6, count: 3, step: 1 }))).toEqual([51, 52, 53]);
  });

  test("rows after `last` do not exist", () => {
    const panel = panelOf([series("a", 0, 60)]);
    expect(origins(makeFolds(panel, 49, { horizon: 6, count: 1, step: 6 }))).toEqual([43]);
  });

  test("starts from the last number when the data ends before `last`", () => {
    const panel = panelOf([series("a", 0, 60)]);
    expect(origins(makeFolds(panel, 70, { horizon: 6, count: 1, step: 6 }))).toEqual([53]);
  });

  test("keeps the folds with more than a season of history, and needs no more", () => {
    // 13 numbers up to origin 12; one fold further back has 12.
    const panel = panelOf([series("a", 0, 19)]);
    expect(origins(makeFolds(panel, 18, { horizon: 6, count: 3, step: 1 }))).toEqual([12]);
  });

  test("keeps a fold while 30% of the reporting series are eligible", () => {
    const long = Array.from({ length: 3 }, (_, i) => series(`long${i}`, 0, 40));
    const short = (count: number) => Array.from({ length: count }, (_, i) => series(`short${i}`, 30, 10));
    expect(
      origins(makeFolds(panelOf([...long, ...short(7)]), 39, { horizon: 6, count: 1, step: 6 })),
    ).toEqual([33]);
    expect(() => makeFolds(panelOf([...long, ...short(8)]), 39, { horizon: 6, count: 1, step: 6 })).toThrow();
  });

  test("series that ended long ago do not forbid training", () => {
    const ended = Array.from({ length: 30 }, (_, i) => series(`ended${i}`, 0, 20));
    const panel = panelOf([...ended, series("live", 0, 60)]);
    expect(origins(makeFolds(panel, 59, { horizon: 6, count: 2, step: 6 }))).toEqual([47, 53]);
  });

  test("says how long the history is and how long it must be", () => {
    const panel = panelOf([series("a", 0, 18), series("b", 10, 8)]);
    const attempt = () => makeFolds(panel, 17, { horizon: 6, count: 3, step: 6 });
    expect(attempt).toThrow(FailureError);
    expect(attempt).toThrow(
      expect.objectContaining({
        failure: {
          code: "forecast.too-short",
          retryable: false,
          have: 18,
          need: 19,
          horizon: 6,
          eligibleSeries: 0,
          needSeries: 1,
        },
      }),
    );
  });

  test("a sliding window begins that many periods before the last one that is trained on", () => {
    const panel = panelOf([series("a", 0, 60)]);
    const folds = makeFolds(panel, 59, { count: 2, window: 24, gap: 2 });
    expect(folds).toEqual([
      { number: 1, slowFit: 1, origin: 47, since: 22, gap: 2 },
      { number: 2, slowFit: 2, origin: 53, since: 28, gap: 2 },
    ]);
    for (const { origin, since, gap } of folds) expect(origin - gap - since + 1).toBe(24);
  });

  test("a window or a gap that leaves no more than a season of history is too short", () => {
    const panel = panelOf([series("a", 0, 60)]);
    expect(origins(makeFolds(panel, 59, { count: 1, window: 13 }))).toEqual([53]);
    expect(() => makeFolds(panel, 59, { count: 1, window: 12 })).toThrow(FailureError);
    const short = panelOf([series("a", 0, 20)]);
    expect(origins(makeFolds(short, 19, { count: 1, gap: 1 }))).toEqual([13]);
    expect(() => makeFolds(short, 19, { count: 1, gap: 2 })).toThrow(FailureError);
  });

  test("series that begin later are in the folds that they have enough history for", () => {
    // Six of ten begin late: the latest fold has all, the one before 40% of those that report then, the first too.
    const old = Array.from({ length: 4 }, (_, i) => series(`old${i}`, 0, 60));
    const late = Array.from({ length: 6 }, (_, i) => series(`late${i}`, 40, 20));
    expect(origins(makeFolds(panelOf([...old, ...late]), 59, {}))).toEqual([41, 47, 53]);
    const few = old.slice(0, 2);
    expect(origins(makeFolds(panelOf([...few, ...late]), 59, {}))).toEqual([53]);
  });

  test("an empty panel is too short as well", () => {
    expect(() => makeFolds(panelOf([]), 17, { horizon: 6, count: 3, step: 6 })).toThrow(FailureError);
  });
});

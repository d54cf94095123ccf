import { count, percent, seconds } from "../format.js";
import type { Tile } from "../page/model.js";
import type { QuarterInput } from "./input.js";

/** The figures that everyone asks for. */
export function keyFigures({ document, accuracy, training, validation, checkpoints }: QuarterInput): Tile[] {
  return [
    ...(accuracy === null || accuracy.total.wmape === null
      ? []
      : [
          {
            label: "WMAPE this quarter",
            value: percent(accuracy.total.wmape),
            note: `naive ${percent(accuracy.naive.wmape)}, n ${count(accuracy.total.n)}`,
          },
        ]),
    ...(training === null
      ? []
      : [
          {
            label: "WMAPE in CV",
            value: percent(training.cv.wmape),
            note: `naive ${percent(training.naive.wmape)}, n ${count(training.cv.n)}`,
          },
        ]),
    ...(checkpoints === null || checkpoints.maxRevision === null
      ? []
      : [
          {
            label: "Largest revision",
            value: percent(checkpoints.maxRevision),
            note: `up or down, of a period's total, against ${checkpoints.previous?.quarter ?? "the last outlook"}`,
          },
        ]),
    ...(validation === null
      ? []
      : [
          {
            label: "Series",
            value: count(validation.series),
            note: `${count(validation.rows)} rows, ${validation.firstPeriod} to ${validation.lastPeriod}`,
          },
        ]),
    { label: "Run time", value: seconds(document.seconds), note: `${count(document.steps.length)} steps` },
  ];
}

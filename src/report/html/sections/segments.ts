import type { Segments } from "../../../kit/artifacts/segments.js";
import { count, percent, plural } from "../../format.js";
import type { ReportInput } from "../input.js";
import { type Html, html } from "../markup.js";
import { barCell, more, numberColumn, section, table, textColumn } from "../parts.js";
import { whyAbsent } from "./absence.js";

export function segmentsSection({ document, segments }: ReportInput): Html {
  if (segments === null) {
    return section("segments", "Segments", whyAbsent(document, "refresh-segments", "No segments were made."));
  }
  const { moved, newSeries, lostSeries, previous } = segments;
  return section(
    "segments",
    "Segments",
    table(
      `${plural(segments.segments.length, "segment")} by ${segments.method}`,
      [
        textColumn("Segment"),
        textColumn("Label"),
        numberColumn("Series"),
        numberColumn("Share of volume"),
        textColumn(""),
      ],
      segments.segments.map(({ id, label, series, volumeShare }) => [
        id,
        label,
        count(series),
        percent(volumeShare),
        barCell("plain", volumeShare),
      ]),
    ),
    previous === null
      ? html`<p class="note">Who moved: there is no earlier assignment to compare with.</p>`
      : moved.length === 0
        ? html`<p class="note">No series moved since ${previous}.</p>`
        : [
            flows(moved, previous),
            more(
              `${plural(moved.length, "series", "series")} moved since ${previous}`,
              table(
                "Who moved",
                [textColumn("Series"), textColumn("From"), textColumn("To")],
                moved.map(({ series, from, to }) => [series, from, to]),
              ),
            ),
          ],
    newSeries.length === 0
      ? []
      : more(`New series: ${count(newSeries.length)}`, html`<p>${newSeries.join(", ")}</p>`),
    lostSeries.length === 0
      ? []
      : more(`Lost series: ${count(lostSeries.length)}`, html`<p>${lostSeries.join(", ")}</p>`),
  );
}

/** How many series went from which segment to which, the most first. */
function flows(moved: Segments["moved"], previous: string): Html {
  const counts = new Map<string, { from: string; to: string; series: number }>();
  for (const { from, to } of moved) {
    const key = JSON.stringify([from, to]);
    const flow = counts.get(key) ?? { from, to, series: 0 };
    flow.series++;
    counts.set(key, flow);
  }
  const sorted = [...counts].sort(([a, x], [b, y]) => y.series - x.series || (a < b ? -1 : 1));
  const most = sorted[0]![1].series;
  return table(
    `From segment to segment since ${previous}`,
    [textColumn("From"), textColumn("To"), numberColumn("Series"), textColumn("")],
    sorted.map(([, { from, to, series }]) => [from, to, count(series), barCell("plain", series / most)]),
  );
}

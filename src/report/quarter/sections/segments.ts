import type { Segments } from "../../../kit/artifacts/segments.js";
import { count, percent, plural } from "../../format.js";
import {
  bar,
  fold,
  note,
  numberColumn,
  PICTURES,
  paragraph,
  section,
  table,
  textColumn,
} from "../../page/make.js";
import type { Block, Section } from "../../page/model.js";
import type { QuarterInput } from "../input.js";
import { whyAbsent } from "./absence.js";

export function segmentsSection({ document, segments, names }: QuarterInput): Section {
  if (segments === null)
    return section("segments", "Segments", whyAbsent(document, "refresh-segments", "No segments were made."));
  const { newSeries, lostSeries } = segments;
  const listed = (what: string, series: readonly string[]) =>
    series.length === 0
      ? []
      : [fold(`${what}: ${count(series.length)}`, paragraph(series.map((id) => names.text(id)).join(", ")))];
  return section(
    "segments",
    "Segments",
    table(
      `${plural(segments.segments.length, "segment")} by ${segments.method}, the largest first`,
      [
        textColumn("Segment"),
        textColumn("Label"),
        numberColumn("Series"),
        numberColumn("Share of volume"),
        PICTURES,
      ],
      [...segments.segments]
        .sort((a, b) => b.volumeShare - a.volumeShare || (a.id < b.id ? -1 : 1))
        .map(({ id, label, series, volumeShare }) => [
          id,
          label,
          count(series),
          percent(volumeShare),
          bar("plain", volumeShare),
        ]),
    ),
    moves(segments, names),
    listed("New series", newSeries),
    listed("Lost series", lostSeries),
  );
}

function moves({ moved, previous }: Segments, names: QuarterInput["names"]): Block[] {
  if (previous === null) return [note("Who moved: there is no earlier assignment to compare with.")];
  if (moved.length === 0) return [note(`No series moved since ${previous}.`)];
  return [
    flows(moved, previous),
    fold(
      `${plural(moved.length, "series", "series")} moved since ${previous}`,
      table(
        "Who moved",
        [textColumn("Series"), textColumn("From"), textColumn("To")],
        moved.map(({ series, from, to }) => [names.cell(series), from, to]),
      ),
    ),
  ];
}

/** How many series went from which segment to which, the most first. */
function flows(moved: Segments["moved"], previous: string): Block {
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
    [textColumn("From"), textColumn("To"), numberColumn("Series"), PICTURES],
    sorted.map(([, { from, to, series }]) => [from, to, count(series), bar("plain", series / most)]),
  );
}

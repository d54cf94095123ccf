import { compact, count, percent } from "../format.js";
import { type Html, html } from "../html/markup.js";
import type { Escalation } from "./escalation.js";

type Distribution = Escalation["distributions"][number];

const WIDTH = 320;
const HEIGHT = 92;
const PLOT = 70;
const MARGIN = 8;

/** Two histograms in one frame, then behind now; the caption says in words what they show. */
export function histogramFigure(distribution: Distribution): Html {
  const { feature, reference, edges, before, now, nBefore, n, medianBefore, median } = distribution;
  const most = Math.max(...before, ...now);
  const step = (WIDTH - 2 * MARGIN) / before.length;
  const bars = (shares: readonly number[], name: string, inset: number) =>
    shares.map((share, i) => {
      const height = (share / most) * (PLOT - MARGIN);
      return share === 0
        ? ""
        : html`<rect class="${name}" x="${px(MARGIN + i * step + inset)}" y="${px(PLOT - height)}" width="${px(step - 2 * inset)}" height="${px(height)}"/>`;
    });
  const words = `${feature}: median ${compact(medianBefore)} then, ${compact(median)} now; ${percent(shared(before, now), 0)} of the two distributions overlaps.`;
  return html`<figure><figcaption><strong>${feature}</strong> <span class="dim">median ${compact(medianBefore)} → ${compact(median)}, ${percent(shared(before, now), 0)} overlap</span></figcaption>
<svg viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" role="img" aria-label="${words}">${bars(before, "then", 1)}${bars(now, "now", 4)}
<text class="axis" x="${String(MARGIN)}" y="${String(HEIGHT - 6)}">${compact(edges[0])}</text><text class="axis" x="${String(WIDTH - MARGIN)}" y="${String(HEIGHT - 6)}" text-anchor="end">${compact(edges.at(-1))}</text></svg>
<p class="key"><span><i class="k-then"></i>${reference} (n ${count(nBefore)})</span><span><i class="k-now"></i>this quarter (n ${count(n)})</span></p></figure>`;
}

const px = (value: number): string => String(Math.round(value * 10) / 10);

/** Share of the area that both have. */
const shared = (before: readonly number[], now: readonly number[]): number =>
  before.reduce((sum, share, i) => sum + Math.min(share, now[i]!), 0);

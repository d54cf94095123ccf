import type { EChartsOption } from "echarts";
import { escapeHtml, type Html, html, legible, trusted } from "../markup.js";

export interface Chart {
  /** Unique in the page. */
  readonly id: string;
  /** For readers who do not see it. */
  readonly label: string;
  readonly caption: string;
  readonly keys: readonly ChartKey[];
  /** What it shows, as plain data: charts with equal ids and data have equal drawings. */
  readonly data: object;
  /** Options for a given size: a phone gets its own drawing, not a shrunk one. */
  option(size: ChartSize): EChartsOption;
}

export interface ChartKey {
  readonly label: string;
  /** A CSS variable of the page, e.g. `--c1`. */
  readonly color: string;
  readonly shape: "box" | "line" | "dashed";
}

export interface ChartSize {
  readonly width: number;
  readonly height: number;
  readonly narrow: boolean;
}

/** Bump when the same data give another drawing. */
export const DRAWING_VERSION = 2;

export type Draw = (chart: Chart) => Promise<Html>;

const WIDE: ChartSize = { width: 1000, height: 320, narrow: false };
const NARROW: ChartSize = { width: 360, height: 260, narrow: true };

/** Draws on the server; colours stay CSS variables, so that one drawing fits light, dark and paper. */
export const drawChart: Draw = async (chart) => {
  const { init } = await import("echarts/dist/echarts.esm.min.mjs");
  const draw = (size: ChartSize, name: string): Html => {
    const canvas = init(null, null, { renderer: "svg", ssr: true, width: size.width, height: size.height });
    try {
      canvas.setOption({ animation: false, backgroundColor: "transparent", ...chart.option(size) });
      return trusted(cleanSvg(canvas.renderToSVGString(), `${chart.id}-${name}`, chart.label));
    } finally {
      canvas.dispose();
    }
  };
  return html`<figure><figcaption>${chart.caption}</figcaption>
<div class="wide">${draw(WIDE, "wide")}</div><div class="narrow">${draw(NARROW, "narrow")}</div>
${keyList(chart.keys)}</figure>`;
};

/** What the colours of a chart mean. */
export const keyList = (items: readonly ChartKey[]): Html =>
  html`<ul class="keys">${items.map(
    ({ label, color, shape }) =>
      html`<li><i class="${shape === "box" ? "box" : `line ${shape}`}" style="${shape === "box" ? "background" : "border-color"}:var(${color})"></i>${label}</li>`,
  )}</ul>`;

/**
 * What the library adds for browsers is removed: hover styles, pointer events, hydration data. Its ids come from a
 * counter of the process; renamed after the chart, they are the same in every report.
 */
function cleanSvg(svg: string, id: string, label: string): string {
  return legible(svg)
    .replace(/<style[\s\S]*?<\/style>/g, "")
    .replace(/ class="zr\d+-cls-\d+"/g, "")
    .replace(/ ecmeta_\w+="[^"]*"/g, "")
    .replace(/ pointer-events="visible"/g, "")
    .replace(/\bzr\d+-(\w+)/g, `${id}-$1`)
    .replace(/ (width|height)="\d+"(?=[^>]*xmlns)/g, "")
    .replace(/^<svg /, `<svg role="img" aria-label="${escapeHtml(label)}" `);
}

/** Axis text, lines and fonts in the colours of the page. */
export const AXIS_LABEL = {
  color: "var(--muted)",
  fontSize: 12,
  fontFamily: "system-ui, sans-serif",
} as const;
export const AXIS_LINE = { lineStyle: { color: "var(--muted)", width: 1 } } as const;
export const GRID_LINE = { lineStyle: { color: "var(--line)", width: 1 } } as const;

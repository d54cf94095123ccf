// A step type of one's own: how many series each segment has. The gate can hold the smallest one to a minimum.
import { defineStep, fail, z } from "retrain/step";

const Segments = z.object({
  segments: z.array(z.object({ id: z.string(), label: z.string(), series: z.number() })),
});

export default defineStep({
  type: "segment-sizes",
  version: 1,
  summary: "Counts the series of every segment",
  params: z.strictObject({
    small: z.number().int().min(1).default(5).describe("A segment with fewer series is warned of"),
  }),
  inputs: { segments: "segments" },
  outputs: { sizes: "custom/segment-sizes" },
  metrics: { smallest: "Series of the smallest segment", count: "Segments" },
  effect: "pure",

  async run(ctx) {
    const { segments } = await ctx.inputs.segments.readJson("segments.json", Segments);
    if (segments.length === 0) fail({ code: "data.empty", retryable: false, file: "segments.json" });
    const smallest = segments.reduce((a, b) => (b.series < a.series ? b : a));
    if (smallest.series < ctx.params.small) ctx.warn(`${smallest.label} has only ${smallest.series} series`);
    await ctx.outputs.sizes.writeJson("sizes.json", {
      quarter: ctx.quarter.label,
      sizes: Object.fromEntries(segments.map(({ id, series }) => [id, series])),
    });
    return {
      summary: `${segments.length} segments, the smallest has ${smallest.series} series`,
      metrics: {
        smallest: { value: smallest.series, n: segments.length },
        count: { value: segments.length },
      },
    };
  },
});

import type { Drawing } from "../../page/drawing/drawing.js";

/**
 * Shares of values up to x, now and then: the largest gap between the two curves is the distance of the KS test.
 * @param now values at equally spaced probabilities from 0 to 1, and so `before`
 */
export function distributionDrawing(
  label: string,
  { now, before }: { readonly now: readonly number[]; readonly before: readonly number[] },
): Drawing {
  const curve = (values: readonly number[], color: string, width: number) =>
    values.length < 2
      ? []
      : [
          {
            kind: "line" as const,
            x: values,
            values: values.map((_, i) => i / (values.length - 1)),
            color,
            width,
          },
        ];
  return {
    label,
    axis: { kind: "numbers" },
    unit: "share",
    hasZero: true,
    marks: [...curve(before, "--then", 1.8), ...curve(now, "--c1", 2.2)],
  };
}

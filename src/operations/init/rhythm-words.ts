import type { Rhythm } from "./time-look.js";

/** What dates look like that are no months, and what to do about them. */
export function periodsOfShape(
  rhythm: Exclude<Rhythm, "month" | "quarter">,
  column: string,
): { readonly looks: string; readonly way: string } {
  switch (rhythm) {
    case "daily":
    case "weekly":
    case "two-weekly":
    case "irregular":
      return {
        looks: rhythm === "irregular" ? "days of no rhythm" : rhythm,
        way: `Sum the rows to months first, e.g. GROUP BY id, date_trunc('month', ${column}), and run it on the result`,
      };
    case "4-4-5":
    case "four-week":
    case "13-week":
      return {
        looks: "accounting periods of 4 and 5 weeks",
        way: "Put the name of the accounting month into a column, e.g. 2025-04, and name it with --time",
      };
    default:
      return { looks: rhythm, way: "Load a row for each month or quarter: there is no model for such data" };
  }
}

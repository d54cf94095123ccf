import type { Finding } from "./finding.js";

export type NumbersFinding = Extract<Finding, { readonly cause: "unreadable-numbers" }>;

/** Cells of one column that hold something and no number, as the source has them. */
export interface UnreadableColumn {
  readonly column: string;
  readonly cells: number;
  readonly of: number;
  /** Labels. */
  readonly first: string;
  readonly last: string;
  /** Texts of some of them. */
  readonly texts: readonly string[];
}

type How = NumbersFinding["how"];

const FORMS: readonly (readonly [how: How, form: RegExp])[] = [
  [
    "grouped",
    /^[+-]?\d{1,3}([,.' \u00A0\u202F]\d{3}){2,}([,.]\d+)?$|^[+-]?\d{1,3}([.' \u00A0\u202F]\d{3})+,\d+$|^[+-]?\d{1,3}(,\d{3})+\.\d+$|^[+-]?\d{1,3}([' \u00A0\u202F]\d{3})+$/u,
  ],
  ["comma", /^[+-]?\d*,\d+$/u],
  ["percent", /^[+-]?[\d.,]+\s*%$/u],
  ["currency", /^[+-]?\p{Sc}\s*[\d.,' ]+$|^[+-]?[\d.,' ]+\s*(\p{Sc}|[A-Z]{3})$/u],
];
/** So many of the texts say which form it is. */
const MOST = 0.8;

/** A column whose numbers are written in a way that is none here: with a comma, in groups, with a sign behind. */
export function numberFindings(columns: readonly UnreadableColumn[]): NumbersFinding[] {
  return [...columns]
    .sort((a, b) => b.cells - a.cells)
    .slice(0, 1)
    .map(({ column, cells, of, first, last, texts }) => {
      const [how] = FORMS.find(
        ([, form]) => texts.filter((text) => form.test(text.trim())).length >= MOST * texts.length,
      ) ?? ["text" as const];
      const isForm = how !== "text" && texts.length > 0;
      return {
        cause: "unreadable-numbers" as const,
        score: isForm ? 1 : Math.min(0.9, 0.5 + cells / of),
        column,
        how: isForm ? how : "text",
        cells,
        of,
        first,
        last,
        examples: texts.slice(0, 3),
      };
    });
}

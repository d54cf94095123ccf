import { blocks } from "../../../src/report/page/blocks.js";
import { pageHtml } from "../../../src/report/page/html.js";
import type { Block, Section } from "../../../src/report/page/model.js";
import type { QuarterInput } from "../../../src/report/quarter/input.js";
import { quarterPage } from "../../../src/report/quarter/report.js";

/** Blocks, or those of a section, as a page has them. */
export const htmlOf = (of: Section | readonly Block[]): string =>
  blocks("blocks" in of ? of.blocks : of).source;

/** What a reader sees of them, on one line. */
export const textOf = (of: Section | readonly Block[]): string =>
  htmlOf(of)
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();

export const renderReport = (input: QuarterInput): string => pageHtml(quarterPage(input));

import { list } from "../format.js";
import { headline } from "../live.js";
import { files, note, tiles } from "../page/make.js";
import type { Page, Section } from "../page/model.js";
import type { RunDocument } from "../run-document.js";
import { VERDICT_WORDS } from "../verdict.js";
import { keyFigures } from "./figures.js";
import type { QuarterInput } from "./input.js";
import { accuracySection } from "./sections/accuracy.js";
import { championSection } from "./sections/champion.js";
import { checkpointsSection } from "./sections/checkpoints.js";
import { lineageSection } from "./sections/lineage.js";
import { outlookSection } from "./sections/outlook.js";
import { rulesSection } from "./sections/rules.js";
import { segmentsSection } from "./sections/segments.js";
import { stepsSection } from "./sections/steps.js";
import { trainingSection } from "./sections/training.js";
import { validationSection } from "./sections/validation.js";
import { quarterTop } from "./top.js";

/** report.html. The same input gives the same page. */
export function quarterPage(input: QuarterInput): Page {
  const { document } = input;
  const both = headline(document);
  const isBroken = document.steps.some(({ failure }) => failure !== null);
  const parts = SECTIONS.map(({ from, make }) => ({
    isReached: isReached(document, from),
    section: make(input),
  }));
  const shown = isBroken ? parts.filter((part) => part.isReached) : parts;
  const missing = parts
    .filter((part) => !shown.includes(part))
    .map(({ section }) => section.short ?? section.title);
  const steps = withMissing(stepsSection(document), missing);
  const sections = shown.map(({ section }) => section);
  return {
    title: `${document.model.name} ${document.quarter}: ${VERDICT_WORDS[document.verdict].title}${both === null ? "" : `; ${both}`}`,
    top: quarterTop(document, input.escalation),
    blocks: [...tiles(keyFigures(input)), ...files(input.files)],
    hasContents: true,
    // What went wrong comes first.
    sections: [...(isBroken ? [steps, ...sections] : [...sections, steps]), lineageSection(input)],
    footer: `Run ${document.run}. Written by retrain ${input.lineage.retrain}.`,
  };
}

/** The type of step whose output a section shows. */
const SECTIONS: readonly { readonly from: string; readonly make: (input: QuarterInput) => Section }[] = [
  { from: "gate", make: rulesSection },
  { from: "gate", make: championSection },
  { from: "generate-outlook", make: outlookSection },
  { from: "accuracy-report", make: accuracySection },
  { from: "compare-checkpoints", make: checkpointsSection },
  { from: "train-pooled-cv", make: trainingSection },
  { from: "refresh-segments", make: segmentsSection },
  { from: "validate-data", make: validationSection },
];

const isReached = ({ steps }: RunDocument, type: string): boolean =>
  steps.find((step) => step.type === type)?.status !== "skipped";

const withMissing = (section: Section, missing: readonly string[]): Section =>
  missing.length === 0
    ? section
    : {
        ...section,
        blocks: [...section.blocks, note(`Nothing to show of ${list(missing)}: their steps did not run.`)],
      };

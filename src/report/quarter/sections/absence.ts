import { absent } from "../../page/make.js";
import type { Block } from "../../page/model.js";
import type { RunDocument } from "../../run-document.js";

/** Why a section has nothing to show: the runbook has no such step, or it failed, or it never ran. */
export function whyAbsent({ steps }: RunDocument, type: string, otherwise: string): Block {
  const step = steps.find((entry) => entry.type === type);
  if (step === undefined) return absent(`This runbook has no ${type} step.`);
  if (step.failure !== null) return absent(`The step ${step.id} failed: ${step.failure.title}.`);
  if (step.status === "skipped") return absent(`The step ${step.id} did not run.`);
  return absent(otherwise);
}

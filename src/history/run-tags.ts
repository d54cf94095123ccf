import { IDENTITY_TAG, PANEL_TAG, TRAINING_TAG } from "../kit/model-ref.js";
import { TRAIL_TAG } from "../kit/trail.js";

/** Tags of a registry run by which later quarters find it. */
export const RUN_TAGS = {
  quarter: "retrain.quarter",
  cutoff: "retrain.cutoff",
  /** Id of the run in the state directory. */
  run: "retrain.run",
  /** Commit of the working tree that holds the runbook. */
  git: "retrain.git",
  runbook: "retrain.runbook",
  /** Tells the runbook from others, by its name and its place in the project. */
  runbookId: "retrain.runbook-id",
  retrain: "retrain.program",
  /** Hash of the panel artifact. */
  panel: PANEL_TAG,
  /** Hash of the trained-model artifact. */
  training: TRAINING_TAG,
  /** Which model the run came to, whatever number its version has. */
  identity: IDENTITY_TAG,
  /** Version that the run registered. */
  version: "retrain.version",
  /** `promoted` or `escalated`. */
  verdict: "retrain.verdict",
  /** Digest of the decision record. */
  decision: "retrain.decision",
  /** `true` or `false`. */
  promoted: "retrain.promoted",
  /** Id of the record by which people left the past of the alias behind, on a run that was promoted as a first release after it. */
  startedAnew: "retrain.started-anew",
  /** What a person decided last about the run or its model, who, when and why: for people who look at the run in the registry. */
  decided: "retrain.decided",
  decidedBy: "retrain.decided.by",
  decidedAt: "retrain.decided.at",
  decidedWhy: "retrain.decided.reason",
  /** On a run that is none of a quarter: the alias that people said something about. */
  adoption: "retrain.adoption",
  /** How the record of alias moves ended when the run was closed, or a person decided about it. */
  trail: TRAIL_TAG,
  /** Of a part of a run, what it is: `fold` or `learner`. */
  part: "retrain.part",
} as const;

/** Tags of a registry run by which later quarters find it. */
export const RUN_TAGS = {
  quarter: "retrain.quarter",
  cutoff: "retrain.cutoff",
  /** Id of the run in the state directory. */
  run: "retrain.run",
  /** Commit of the working tree that holds the runbook. */
  git: "retrain.git",
  runbook: "retrain.runbook",
  retrain: "retrain.program",
  /** Hash of the panel artifact. */
  panel: "retrain.panel",
  /** Hash of the trained-model artifact. */
  training: "retrain.training",
  /** Version that the run registered. */
  version: "retrain.version",
  /** `promoted` or `escalated`. */
  verdict: "retrain.verdict",
  /** Digest of the decision record. */
  decision: "retrain.decision",
  /** `true` or `false`. */
  promoted: "retrain.promoted",
  /** Of a part of a run, what it is: `fold` or `learner`. */
  part: "retrain.part",
} as const;

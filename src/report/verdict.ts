import type { StepStatus, Verdict } from "../kit/events.js";

export type Tone = "good" | "warn" | "bad" | "quiet";

interface VerdictWords {
  /** One or two words. */
  readonly title: string;
  readonly tone: Tone;
}

export const VERDICT_WORDS: Readonly<Record<Verdict, VerdictWords>> = {
  completed: { title: "Completed", tone: "good" },
  promoted: { title: "Promoted", tone: "good" },
  escalated: { title: "Escalated", tone: "warn" },
  failed: { title: "Failed", tone: "bad" },
  interrupted: { title: "Interrupted", tone: "quiet" },
  "would-promote": { title: "Would promote", tone: "good" },
  "would-escalate": { title: "Would escalate", tone: "warn" },
};

export const isEscalated = (verdict: Verdict): boolean =>
  verdict === "escalated" || verdict === "would-escalate";

interface StatusWords {
  readonly mark: string;
  readonly tone: Tone;
}

export const STATUS_WORDS: Readonly<Record<StepStatus, StatusWords>> = {
  succeeded: { mark: "✔", tone: "good" },
  reused: { mark: "↺", tone: "quiet" },
  failed: { mark: "✖", tone: "bad" },
  skipped: { mark: "–", tone: "quiet" },
};

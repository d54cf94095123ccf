/** Why a run's escalation cannot be answered by a person. */
export type AnswerRefusal =
  | { readonly kind: "dry-run" }
  | { readonly kind: "unfinished" }
  /** `verdict` is that of the run. */
  | { readonly kind: "not-escalated"; readonly verdict: string }
  /** The registry's run has no decision record, or none that has the digest that it names. */
  | { readonly kind: "no-decision"; readonly detail: string }
  /** The registry holds another decision than the one that the person saw, or named. */
  | { readonly kind: "decision-changed"; readonly seen: string; readonly actual: string }
  | { readonly kind: "gate-passed" }
  | { readonly kind: "live"; readonly version: string }
  /** `version` went live by this decision; `live` is what is live by now. */
  | {
      readonly kind: "promoted";
      readonly version: string;
      readonly by: string;
      readonly at: string;
      readonly live: string | null;
    }
  | { readonly kind: "rejected"; readonly by: string; readonly at: string; readonly reason: string }
  | { readonly kind: "champion-moved"; readonly baseline: string | null; readonly live: string | null }
  | { readonly kind: "model-changed"; readonly judged: string; readonly actual: string | null }
  | { readonly kind: "not-approver"; readonly by: string; readonly approvers: readonly string[] };

/** Why an alias cannot go back. */
export type RollbackRefusal =
  | { readonly kind: "nothing-live" }
  | { readonly kind: "nothing-before"; readonly live: string }
  | { readonly kind: "live"; readonly version: string }
  | { readonly kind: "never-live"; readonly version: string }
  /** The number was live, as another model. */
  | { readonly kind: "other-model"; readonly version: string }
  | { readonly kind: "pending"; readonly version: string }
  | { readonly kind: "moved"; readonly expected: string | null; readonly live: string | null };

/** Why no version is adopted as the baseline, and nothing left behind. */
export type AdoptionRefusal =
  | { readonly kind: "live"; readonly version: string }
  | { readonly kind: "pending"; readonly version: string }
  /** The number was live as another model, `at` last: the server gave it again. */
  | { readonly kind: "replaced"; readonly version: string; readonly at: string }
  | {
      readonly kind: "rejected";
      readonly version: string;
      readonly by: string;
      readonly at: string;
      readonly reason: string;
    }
  | { readonly kind: "not-approver"; readonly by: string; readonly approvers: readonly string[] }
  | { readonly kind: "moved"; readonly live: string | null };

/** Failures of what people decide: nothing that is live has changed after any of them. */
export type ApprovalFailure =
  | {
      readonly code: "approval.refused";
      readonly retryable: false;
      readonly action: "approve" | "reject";
      readonly run: string;
      readonly refusal: AnswerRefusal;
    }
  | {
      readonly code: "approval.rollback-refused";
      readonly retryable: false;
      readonly model: string;
      readonly alias: string;
      readonly refusal: RollbackRefusal;
    }
  | {
      readonly code: "approval.adoption-refused";
      readonly retryable: false;
      readonly model: string;
      readonly alias: string;
      readonly refusal: AdoptionRefusal;
    }
  | {
      /** A version that was to go live is not the one that was released, or does not forecast what it did. */
      readonly code: "approval.model-unsound";
      readonly retryable: false;
      readonly model: string;
      readonly version: string;
      readonly problem:
        | {
            readonly kind: "file";
            readonly path: string;
            readonly detail: string;
            /** The quarter that made the version, if that is known. */
            readonly quarter?: string;
          }
        | {
            readonly kind: "golden";
            readonly series: string;
            readonly lead: number;
            readonly expected: number | null;
            readonly actual: number | null;
          };
    };

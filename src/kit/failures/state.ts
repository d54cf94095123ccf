/** Failures of finding the state directory. */
export type StateFailure = {
  /** An earlier version kept runs of the runbook where the command was typed. Paths are as a person would write them. */
  readonly code: "state.elsewhere";
  readonly retryable: false;
  readonly runbook: string;
  readonly found: string;
  /** The state directory beside the runbook. */
  readonly expected: string;
  /** Whether that one has runs or models too, and whether it is there at all. */
  readonly isBegun: boolean;
  readonly isThere: boolean;
  /** A free name for the one that has to go out of the way. */
  readonly aside: string;
};

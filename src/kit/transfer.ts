/**
 * What `retrain registry push` and `pull` did, or with `dryRun` would do. `--json` prints it as it is.
 */
export interface TransferReport {
  readonly model: string;
  /** Addresses without credentials. */
  readonly from: string;
  readonly to: string;
  readonly dryRun: boolean;
  /** Oldest first, without the parts of runs. */
  readonly runs: readonly TransferredRun[];
  /** By number in the source. */
  readonly versions: readonly TransferredVersion[];
  /** By name; empty when aliases were left out. */
  readonly aliases: readonly TransferredAlias[];
  /** Bytes of the artifacts and models that were, or would be, copied. */
  readonly bytes: number;
}

/**
 * `copied`: it was not there. `completed`: a copy of it was there, half or older. `there`: nothing to do. `unfinished`: left alone, because the
 * source itself holds only half a copy.
 */
export type TransferAction = "copied" | "completed" | "there" | "unfinished";

export interface TransferredRun {
  readonly key: string;
  readonly name: string;
  readonly quarter: string;
  readonly closed: boolean;
  readonly action: TransferAction;
  /** Files and their bytes that were copied, with those of its parts. */
  readonly files: number;
  readonly bytes: number;
}

export interface TransferredVersion {
  readonly key: string;
  /** Its number in the source. */
  readonly from: string;
  /** Its number in the target; null in a dry run that would make it. */
  readonly to: string | null;
  readonly status: "pending" | "ready";
  readonly action: TransferAction;
  readonly files: number;
  readonly bytes: number;
}

/** Where an alias stands on one side. */
export interface AliasSide {
  /** The version that it names, by the number there; null for none. */
  readonly version: string | null;
  readonly moves: number;
}

/**
 * `there`: both sides have the same moves. `ahead`: the target has moves that the source does not know yet. `moved`: the target lacked the
 * last moves of the source and has them now. `diverged`: nothing was moved, see `cause`.
 */
export interface TransferredAlias {
  readonly alias: string;
  readonly outcome: "there" | "ahead" | "moved" | "diverged";
  /**
   * `histories`: each side has moves that the other lacks. `unrecorded`: the alias names a version that no recorded move set it to.
   * `raced`: somebody moved it meanwhile. `version-missing`: a move names a version that the source does not have.
   */
  readonly cause: "histories" | "unrecorded" | "raced" | "version-missing" | null;
  /** Moves that were, or would be, appended to the target's history. */
  readonly appended: number;
  /** As they were before. */
  readonly source: AliasSide;
  readonly target: AliasSide;
}

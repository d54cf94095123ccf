import type { TrailEnd } from "./trail.js";

/** A version that an earlier run of this state directory left in a registry. */
export interface EarlierRelease {
  readonly run: string;
  /** ISO instant at which the run was started. */
  readonly at: string;
  readonly model: string;
  readonly alias: string;
  readonly version: string;
  /** Whether the alias named it when the run was over. */
  readonly isLive: boolean;
  /** Address of the registry, without credentials. */
  readonly registry: string;
  readonly registryRun: string;
  /** Whether this runbook asked for it, or one that stood where it stands now. */
  readonly isOfThisRunbook: boolean;
}

/** How the record of alias moves of a model ended when an earlier run of this state directory was over. */
export interface EarlierTrail {
  readonly model: string;
  /** Address of the registry, without credentials. */
  readonly registry: string;
  readonly registryRun: string;
  /** Digest of the decision by which the run closed it. */
  readonly decision: string;
  readonly end: TrailEnd;
}

/** What is known of earlier runs besides what the registry holds: a registry that was deleted or left says nothing of what it had. */
export interface EarlierRuns {
  /** Tells this runbook from others by its name and its place, in a repository the same on every machine. */
  readonly runbookId: string;
  /** Oldest first, without dry runs. */
  releases(): Promise<readonly EarlierRelease[]>;
  /** Of the runs that are over, oldest first, without dry runs. */
  trails(): Promise<readonly EarlierTrail[]>;
}

import type { ApprovalFailure } from "./failures/approval.js";
import type { BacktestFailure } from "./failures/backtest.js";
import type { CommandFailure } from "./failures/command.js";
import type { DataFailure } from "./failures/data.js";
import type { EngineFailure } from "./failures/engine.js";
import type { ForecastFailure } from "./failures/forecast.js";
import type { LearnerFailure } from "./failures/learner.js";
import type { RegistryFailure } from "./failures/registry.js";
import type { StateFailure } from "./failures/state.js";

/**
 * Everything that can go wrong for a reason that a user can understand. It carries data, not prose:
 * `report/failures/` turns it into what / where / expected / next command, with an exhaustive switch.
 */
export type Failure =
  | ApprovalFailure
  | BacktestFailure
  | CommandFailure
  | DataFailure
  | EngineFailure
  | ForecastFailure
  | LearnerFailure
  | RegistryFailure
  | StateFailure;

export type FailureCode = Failure["code"];

/** Thrown to stop a step or a command for a known reason. Anything else that is thrown is a bug of ours. */
export class FailureError extends Error {
  override readonly name = "FailureError";
  constructor(
    readonly failure: Failure,
    options?: { cause?: unknown },
  ) {
    super(failure.code, options);
  }
}

export function fail(failure: Failure, cause?: unknown): never {
  throw new FailureError(failure, cause === undefined ? undefined : { cause });
}

import { type Failure, FailureError } from "../../kit/failure.js";
import type { Connection } from "./http/connection.js";

const ATTEMPTS = 3;

/** Makes something that must not be there twice; null from `find` says that it is not there. */
interface Making<T> {
  make(): Promise<T>;
  find(): Promise<T | null>;
}

/**
 * A call that failed in a way that passes may have been carried out all the same: so this looks before it tries again. After a time-out it looks and
 * gives up, since the server may still be at it.
 * @throws what the last attempt failed with
 */
export async function makeOnce<T>({ retries, pause }: Connection, { make, find }: Making<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await make();
    } catch (error) {
      const problem = error instanceof FailureError ? passingProblem(error.failure) : null;
      if (problem === null) throw error;
      await pause(attempt);
      const found = await find();
      if (found !== null) return found;
      const isOver = attempt >= ATTEMPTS || attempt > retries || problem.isUnderWay;
      if (isOver) throw new FailureError({ ...problem.failure, attempts: attempt }, { cause: error });
    }
  }
}

/** Null where there is nothing to wait for, or where the call was sent again already as often as that helps. */
function passingProblem(failure: Failure) {
  if (failure.code === "registry.server-error" && failure.status !== 408 && failure.status !== 429)
    return { failure, isUnderWay: false };
  if (failure.code === "registry.unreachable" && (failure.reason === "reset" || failure.reason === "timeout"))
    return { failure, isUnderWay: failure.reason === "timeout" };
  return null;
}

import { hostname, userInfo } from "node:os";
import { resolve } from "node:path";
import { breakLock, UNLOCK_LOG } from "../../durable/unlock.js";
import { lockPath } from "../../engine/lock.js";
import { fail } from "../../kit/failure.js";
import { programName } from "../../kit/program-name.js";
import { stateOfRuns } from "../../operations/state/find.js";
import { oneLine } from "../../report/text.js";
import { type Adapters, systemAdapters } from "../adapters.js";
import { openTerminal } from "../terminal.js";

export interface UnlockOptions {
  readonly runbook?: string;
  readonly stateDir?: string;
  readonly model?: string;
  readonly lock?: string;
  readonly force?: boolean;
  readonly iKnowItIsDead?: boolean;
  readonly json?: boolean;
}

/** Removes a lock and writes down who did it. A holder that lives on can write nothing more. */
export async function unlock(options: UnlockOptions, adapters: Adapters = systemAdapters): Promise<void> {
  const { model, lock, force = false, iKnowItIsDead = false } = options;
  if ((model === undefined) === (lock === undefined)) {
    return fail({
      code: "usage.invalid",
      retryable: false,
      message: "unlock takes either --model, for the lock of its runs, or --lock, for a lock file",
      next: `\`${programName()} unlock --model NAME\``,
    });
  }
  const path = lock === undefined ? lockPath(stateOfRuns(options).state, model!) : resolve(lock);
  const host = hostname();
  const unlocked = await breakLock(adapters.files, path, {
    host,
    by: `${userName()}@${host}`,
    at: adapters.clock.now(),
    force,
    declaredDead: iKnowItIsDead,
  });
  if (unlocked.outcome === "refused") {
    const { why, holder } = unlocked;
    return fail({ code: "run.unlock-refused", retryable: false, path, why, holder });
  }
  const terminal = openTerminal();
  if (options.json) {
    terminal.document({ lock: path, ...unlocked });
  } else if (unlocked.outcome === "free") {
    terminal.talk(`There is no lock at ${path}\n`);
  } else {
    const { holder } = unlocked;
    const whose =
      holder === null ? "" : ` of process ${holder.pid} on ${oneLine(holder.host)} (${oneLine(holder.run)})`;
    terminal.talk(`Removed the lock${whose}; ${UNLOCK_LOG} beside it says so\n`);
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user often has a number and no name.
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}

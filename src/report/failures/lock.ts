import { BACKTESTING, CLEANING, type EngineFailure, TUNING } from "../../kit/failures/engine.js";
import { againCommand, assertNever, type FailureContext, type FailureText } from "./text.js";

type LockFailure = Extract<
  EngineFailure,
  { readonly code: "run.locked" | "run.lock-lost" | "run.lock-unreadable" | "run.unlock-refused" }
>;
type Holder = Extract<LockFailure, { readonly code: "run.locked" }>["holder"];

/** Holders that are no run of a quarter. */
const COMMANDS: ReadonlySet<string> = new Set([BACKTESTING, CLEANING, TUNING]);

const ONE_WRITER = "one writer at a time for a model and state directory";

export function explainLockFailure(failure: LockFailure, context: FailureContext): FailureText {
  const { commands } = context;
  const again = againCommand(context);
  switch (failure.code) {
    case "run.locked": {
      const { holder, host, model, path } = failure;
      const isCommand = COMMANDS.has(holder.run);
      const look = isCommand ? "" : ` (\`${commands.status(holder.run)}\` shows how far it is)`;
      const wait = `Wait for it${look}, then run ${again}`;
      const unlocked = isCommand ? { path } : { model };
      if (holder.host !== host) {
        return {
          title: `A process on another host holds the lock: ${holder.run}`,
          where: path,
          expected: ONE_WRITER,
          details: [
            `Held by ${processOf(holder)}.`,
            `This is ${host}: nobody here can tell whether that process still runs, so its lock is never taken over unasked.`,
          ],
          next: [
            wait,
            `If you know that it is dead: \`${commands.unlock(unlocked, "i-know-it-is-dead")}\`, then run ${again}`,
          ],
        };
      }
      return {
        title: `${isCommand ? "Another command" : "Another run"} holds the lock: ${holder.run}`,
        where: path,
        expected: ONE_WRITER,
        details: [
          `Held by ${processOf(holder)}; it has not ended.`,
          "A lock whose process has died is taken over without being asked.",
        ],
        next: [
          wait,
          `If it hangs: \`kill ${holder.pid}\`, then run ${again}`,
          `If it is stopped and must stay so: \`${commands.unlock(unlocked, "force")}\`; it can write nothing more then`,
        ],
      };
    }
    case "run.lock-lost":
      return {
        title: "This process lost its lock and has stopped; from then on it has written nothing",
        where: failure.path,
        expected: ONE_WRITER,
        details: [
          failure.holder === null
            ? "Nobody holds the lock now: it was removed while this process was stopped or cut off."
            : `The lock is held by ${processOf(failure.holder)} now: ${failure.holder.run}.`,
          "`unlocks.jsonl` beside the lock file says who removed locks, and when.",
        ],
        next: [`See what has been done since: \`${commands.runs()}\``, `Then run ${again}`],
      };
    case "run.lock-unreadable":
      return {
        title: "The lock file is not a lock record, so nobody can tell who holds the lock",
        where: failure.path,
        expected: "JSON with pid, host, since, run, processStart and token",
        details: [`It starts with: ${failure.found.trim() === "" ? "(nothing)" : failure.found.trim()}`],
        next: [
          `If you know that no run is under way: \`${commands.unlock({ path: failure.path }, "i-know-it-is-dead")}\`, then run ${again}`,
        ],
      };
    case "run.unlock-refused": {
      const { holder, path, why } = failure;
      const held = holder === null ? [] : [`Held by ${processOf(holder)}: ${holder.run}.`];
      if (why === "running") {
        return {
          title: "The holder of this lock runs on this host; the lock stays",
          where: path,
          expected: "a lock whose process has ended",
          details: held,
          next: [
            `Wait for it, or end it${holder === null ? "" : `: \`kill ${holder.pid}\``}`,
            `Take the lock away from it: \`${commands.unlock({ path }, "force")}\`; it can write nothing more then`,
          ],
        };
      }
      return {
        title:
          why === "elsewhere"
            ? "The holder of this lock is on another host, where nobody here can look; the lock stays"
            : "The lock file is not a lock record; it stays",
        where: path,
        expected: "somebody who has looked there and answers for it",
        details: held,
        next: [`If you know that it is dead: \`${commands.unlock({ path }, "i-know-it-is-dead")}\``],
      };
    }
    default:
      return assertNever(failure);
  }
}

const processOf = ({ pid, host, since }: Holder): string => `process ${pid} on ${host} since ${since}`;

import { spawnSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 20;

/** A program with everything that it started and that did not leave its process group. */
export interface ProcessGroup {
  /** SIGTERM, and SIGKILL to what is left after the grace period. Resolves when nothing is left. */
  end(graceMs: number): Promise<void>;
  /** At once, without waiting: for a process that exits itself. */
  kill(): void;
}

/** @param leader process id of a program that was started `detached`, which makes it the leader of a group of its own */
export function processGroup(leader: number, platform: NodeJS.Platform = process.platform): ProcessGroup {
  if (platform === "win32") {
    // There are no process groups: the tree is walked from the program down, and there is no polite way to ask.
    const kill = () => void spawnSync("taskkill", ["/pid", String(leader), "/t", "/f"]);
    return { kill, end: async () => kill() };
  }
  /** False when no process of the group is left. */
  const send = (signal: NodeJS.Signals | 0): boolean => {
    try {
      process.kill(-leader, signal);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // EPERM: some of it runs as another user, and has been told as far as that is allowed.
      if (code === "ESRCH" || code === "EPERM") return false;
      throw error;
    }
  };
  return {
    kill: () => void send("SIGKILL"),
    async end(graceMs) {
      if (!send("SIGTERM")) return;
      for (let waited = 0; waited < graceMs; waited += POLL_MS) {
        await delay(POLL_MS);
        if (!send(0)) return;
      }
      send("SIGKILL");
    },
  };
}

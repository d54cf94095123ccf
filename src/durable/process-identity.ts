import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** Names one process for as long as it lives, also where process ids are reused. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Boot id and start time in clock ticks since boot; null where the system does not tell (no /proc). */
  readonly processStart: string | null;
}

export const thisProcess = (): ProcessIdentity => ({
  pid: process.pid,
  host: hostname(),
  processStart: statOf(process.pid)?.start ?? null,
});

/** Whether a process of this host still runs: its id is in use, by it and not by a later process. */
export function isRunning(identity: ProcessIdentity): boolean {
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // EPERM: it is there, and it is somebody else's.
    return (error as NodeJS.ErrnoException).code === "EPERM" && startsMatch(identity);
  }
  return startsMatch(identity);
}

/** Names this process in a file name, so that a file says whose it is before anything is in it. */
export function processTag(): string {
  tag ??= tagOf(thisProcess());
  return tag;
}
let tag: string | undefined;

const tagOf = ({ host, pid, processStart }: ProcessIdentity): string =>
  `${short(host)}-${pid}-${short(processStart ?? "")}`;

/** Whether a file name that begins with a `processTag` is of a process of this host that has ended. */
export function isTagOfEnded(text: string): boolean {
  const [, host, pid, start] = /^([0-9a-f]{8})-(\d+)-([0-9a-f]{8})/.exec(text) ?? [];
  if (host !== short(hostname())) return false;
  const found = statOf(Number(pid));
  const isSame = found === null || start === short("") || start === short(found.start);
  return !isRunning({ pid: Number(pid), host: hostname(), processStart: null }) || !isSame;
}

const short = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8);

function startsMatch(identity: ProcessIdentity): boolean {
  const stat = statOf(identity.pid);
  if (stat === null) return true;
  // A zombie has ended; only its parent has not asked yet.
  if (stat.state === "Z" || stat.state === "X") return false;
  return identity.processStart === null || identity.processStart === stat.start;
}

/** State and start of a process from proc(5): fields 3 and 22 of /proc/<pid>/stat, counted after the name in brackets. */
function statOf(pid: number): { state: string; start: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return { state: fields[0]!, start: `${boot}/${fields[19]}` };
  } catch {
    return null;
  }
}

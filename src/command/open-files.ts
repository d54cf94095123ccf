import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";

/** Between two looks. A file that is opened, read and closed in less is missed now and then. */
const POLL_MS = 5;

interface Watch {
  /** @param leader process id of the program, which leads its own process group */
  start(leader: number): void;
  stop(): void;
  /** Which of the files a process of the group was seen to have open or mapped, in their order. */
  opened(): readonly string[];
}

/**
 * Looks again and again which of some files the processes of a group have open, as proc(5) shows them; elsewhere than on Linux nothing is seen.
 * @param files absolute paths
 */
export function watchOpenFiles(files: readonly string[]): Watch {
  const seen = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const byPath = new Map(files.map((file) => [realPath(file), file]));
  return {
    start(leader) {
      if (files.length === 0 || process.platform !== "linux") return;
      timer = setInterval(() => {
        for (const pid of membersOf(leader))
          for (const path of openPaths(pid)) {
            const file = byPath.get(path);
            if (file !== undefined) seen.add(file);
          }
      }, POLL_MS);
    },
    stop: () => clearInterval(timer),
    opened: () => files.filter((file) => seen.has(file)),
  };
}

function realPath(path: string): string {
  return quietly(() => realpathSync(path)) ?? path;
}

function membersOf(leader: number): string[] {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    const stat = quietly(() => readFileSync(`/proc/${name}/stat`, "utf8"));
    // proc(5): the fields after the name in brackets are state, parent, process group.
    return stat !== null && Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]) === leader;
  });
}

function openPaths(pid: string): string[] {
  const folder = `/proc/${pid}/fd`;
  const open = (quietly(() => readdirSync(folder)) ?? []).flatMap(
    (name) => quietly(() => readlinkSync(`${folder}/${name}`)) ?? [],
  );
  // A file that was mapped stays readable after it was closed. proc(5): the path is the sixth field.
  const maps = quietly(() => readFileSync(`/proc/${pid}/maps`, "utf8")) ?? "";
  const mapped = maps.split("\n").flatMap((line) => /^(?:\S+\s+){5}(\/.*)$/.exec(line)?.[1] ?? []);
  return [...open, ...mapped];
}

/** Processes end while they are looked at: what is no longer there has nothing open. */
function quietly<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}

import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { programName } from "../../kit/program-name.js";
import { type Checkup, fine } from "../../report/checkup.js";

/** As `engines` of package.json says. */
const OLDEST_NODE = [20, 19] as const;

export function checkNode(version: string): Checkup {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isNew = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  if (isNew) return fine("machine.node", `Node ${version}`);
  return {
    id: "machine.node",
    state: "problem",
    title: `Node ${version} is too old`,
    where: process.execPath,
    details: [`expected: Node ${OLDEST_NODE.join(".")} or later`],
    next: ["Install a supported release from https://nodejs.org and type the same again"],
  };
}

const MEGABYTE = 1_000_000;
/** A quarter of a small panel does not fit into less. */
const TOO_LITTLE = 100 * MEGABYTE;
const LITTLE = 1000 * MEGABYTE;

/** @param what lies there, e.g. `the state directory` */
export function checkDisk(id: string, what: string, path: string): Checkup {
  const { bavail, bsize, files, ffree } = statfsSync(nearest(path));
  const free = bavail * bsize;
  const size =
    free >= LITTLE ? `${(free / (1000 * MEGABYTE)).toFixed(1)} GB` : `${Math.floor(free / MEGABYTE)} MB`;
  const isOutOfNames = files > 0 && ffree === 0;
  if (free >= LITTLE && !isOutOfNames) return fine(id, `${size} are free for ${what}`);
  return {
    id,
    state: free < TOO_LITTLE || isOutOfNames ? "problem" : "warning",
    title: isOutOfNames ? `The disk of ${what} takes no further file` : `Only ${size} are free for ${what}`,
    where: path,
    details: [],
    next: [`\`${programName()} clean --dry-run\``, "Free some space, or choose another `--state-dir`"],
  };
}

/** Whether this user may make files there, or make the folder itself; null when so. Tried without making any. */
export function writeProblem(path: string): string | null {
  const folder = nearest(path);
  if (!statSync(folder).isDirectory()) return `${folder} is no folder`;
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "EROFS" ? "its file system is read-only" : `this user may not write there (${code})`;
  }
}

/** The path itself, or the nearest above it that is there. */
function nearest(path: string): string {
  let at = path;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  return at;
}

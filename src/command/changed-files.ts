import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ChangedFiles } from "../kit/programs.js";
import { withTemporaryFolder } from "../kit/temporary-folder.js";
import type { CommandLine } from "./process.js";
import { runInGroup } from "./process.js";

/** What a program may be started with so that mounts are its own: as root, and as anybody where user namespaces are allowed. */
const NAMESPACES = [["--mount"], ["--user", "--map-root-user", "--mount"]] as const;

/** Exit code and line of the script below when it could not make its mounts: the program was not started. */
const SETUP_FAILED = 125;
const SETUP_LINE = "retrain: the files could not be changed for this program";

const SCRIPT = `
refuse() { echo "${SETUP_LINE}" >&2; exit ${SETUP_FAILED}; }
while [ "$1" != run ]; do
  case "$1" in
    replace) mount --bind "$2" "$3" || refuse; shift 3 ;;
    hide) mount -t tmpfs -o size=64k tmpfs "$2" || refuse; shift 2 ;;
  esac
done
shift
cd "$1" || refuse
shift
exec "$@"
`;

let found: Promise<readonly string[] | null> | undefined;

/**
 * Flags of unshare(1) by which this machine gives a program mounts of its own, or null where it does not: another system than Linux, a
 * container without the right, or no util-linux.
 */
export function namespaceFlags(env: Readonly<Record<string, string>>): Promise<readonly string[] | null> {
  found ??= probe(env);
  return found;
}

/** The command line that runs another one among changed files. What would be replaced inside of a hidden folder is hidden. */
export function amongChangedFiles(
  { program, args, cwd, env }: CommandLine,
  { replaced, hidden }: ChangedFiles,
  flags: readonly string[],
): CommandLine {
  const within = (file: string) => hidden.some((folder) => file.startsWith(`${folder}/`));
  const mounts = [
    ...replaced.filter(({ file }) => !within(file)).flatMap(({ file, by }) => ["replace", by, file]),
    ...hidden.flatMap((folder) => ["hide", folder]),
  ];
  const script = ["sh", "-c", SCRIPT, "sh", ...mounts, "run", cwd, program, ...args];
  return { program: "unshare", args: [...flags, "--propagation", "private", "--", ...script], cwd: "/", env };
}

/** Whether a program was never started because its mounts failed. */
export const setupFailed = (exitCode: number | null, lines: readonly string[]): boolean =>
  exitCode === SETUP_FAILED && lines.includes(SETUP_LINE);

async function probe(env: Readonly<Record<string, string>>): Promise<readonly string[] | null> {
  if (process.platform !== "linux") return null;
  return withTemporaryFolder("mounts", async (folder) => {
    const [file, by, hidden] = [join(folder, "file"), join(folder, "by"), join(folder, "hidden")];
    await writeFile(file, "as it is\n");
    await writeFile(by, "changed\n");
    await mkdir(hidden);
    await writeFile(join(hidden, "probe"), "");
    for (const flags of NAMESPACES) if (await works(flags, { file, by, hidden }, env)) return flags;
    return null;
  });
}

async function works(
  flags: readonly string[],
  { file, by, hidden }: { readonly file: string; readonly by: string; readonly hidden: string },
  env: Readonly<Record<string, string>>,
): Promise<boolean> {
  const look = `test ! -e "$1/probe" && cat "$2"`;
  const inner = { program: "sh", args: ["-c", look, "sh", hidden, file], cwd: "/", env };
  const lines: string[] = [];
  const changed = { replaced: [{ file, by }], hidden: [hidden] };
  const ending = await runInGroup(
    amongChangedFiles(inner, changed, flags),
    AbortSignal.timeout(10_000),
    (line) => lines.push(line),
  );
  return ending.started && ending.exitCode === 0 && lines.includes("changed");
}

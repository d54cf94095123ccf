import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

const NAME = "retrain";
/** Of the package, the file that every way to start it ends in. */
const BINARY = join("bin", "retrain.js");

export interface Start {
  /** The script that Node was started with. */
  readonly script: string | undefined;
  readonly path: string | undefined;
  readonly cwd: string;
}

let known: string | undefined;

/**
 * First words of a command that a person is told to type: `retrain` where it is on the PATH, `npx retrain` where it is installed in the project or this is
 * its clone, so that npx finds it.
 */
export function programName(): string {
  known ??= nameFor({ script: process.argv[1], path: process.env.PATH, cwd: process.cwd() });
  return known;
}

/** The same, of a process that was started so. */
export function nameFor({ script, path = "", cwd }: Start): string {
  const self = real(script);
  if (self === null || !self.endsWith(BINARY)) return NAME;
  // npm puts the projects' own folders before the user's PATH.
  const folders = path
    .split(delimiter)
    .filter((folder) => !/[/\\]node_modules[/\\]\.bin[/\\]?$/.test(folder));
  if (folders.some((folder) => commandIn(folder) === self)) return NAME;
  return above(cwd).some((folder) => packagesIn(folder).includes(self)) ? `npx ${NAME}` : NAME;
}

/** What the command of a folder on the PATH starts. On Windows it is a script beside the global `node_modules`. */
const commandIn = (folder: string): string | null =>
  real(join(folder, NAME)) ??
  (existsSync(join(folder, `${NAME}.cmd`)) ? real(join(folder, "node_modules", NAME, BINARY)) : null);

/** Where npx looks: the project's packages, and the project itself. */
const packagesIn = (folder: string): readonly (string | null)[] => [
  real(join(folder, "node_modules", NAME, BINARY)),
  real(join(folder, BINARY)),
];

function above(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...above(parent)];
}

/** Null for a file that is not there. */
function real(file: string | undefined): string | null {
  if (file === undefined || file === "") return null;
  try {
    return realpathSync(file);
  } catch {
    return null;
  }
}

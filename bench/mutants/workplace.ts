import {
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** Stands for a folder where files have their stamp. */
const FOLDER = "folder";

/** A project folder that can be put back to how it was. */
export class Workplace {
  private known = new Map<string, string>();

  /** @param folder made, as a copy of `pristine` */
  constructor(
    private readonly pristine: string,
    readonly folder: string,
  ) {
    cpSync(pristine, folder, { recursive: true });
    this.known = this.look();
  }

  read(path: string): Buffer {
    return readFileSync(join(this.pristine, path));
  }

  /** Puts one file there, as the pristine project has it or with other content. */
  put(path: string, bytes: Buffer = this.read(path)): void {
    const file = join(this.folder, path);
    rmSync(file, { recursive: true, force: true });
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }

  /** A folder where a file should be. */
  putFolder(path: string): void {
    rmSync(join(this.folder, path), { recursive: true, force: true });
    mkdirSync(join(this.folder, path));
  }

  remove(path: string): void {
    rmSync(join(this.folder, path), { recursive: true, force: true });
  }

  /** Whether anything but one file, which the damage was done to, is not as it was. */
  isChangedBeside(damaged: string): boolean {
    const now = this.look();
    const isOther = (path: string) => path !== damaged && !path.startsWith(`${damaged}/`);
    return (
      [...now].some(([path, stamp]) => isOther(path) && this.known.get(path) !== stamp) ||
      [...this.known.keys()].some((path) => isOther(path) && !now.has(path))
    );
  }

  /** Everything as it was, whatever a command did. Only what has changed is written. */
  restore(): void {
    const now = this.look();
    // Sorted, so that a folder goes before what it holds.
    for (const path of [...now.keys()].sort()) if (!this.known.has(path)) this.remove(path);
    for (const [path, stamp] of this.known) if (now.get(path) !== stamp && stamp !== FOLDER) this.put(path);
    this.known = this.look();
  }

  /** Path → what tells that a file is another one. */
  private look(): Map<string, string> {
    const found = new Map<string, string>();
    const walk = (path: string): void => {
      const entries = readdirSync(join(this.folder, path), { withFileTypes: true });
      for (const entry of entries) {
        const below = path === "" ? entry.name : `${path}/${entry.name}`;
        if (entry.isDirectory()) {
          found.set(below, FOLDER);
          walk(below);
        } else {
          const { ino, size, mtimeMs } = lstatSync(join(this.folder, below));
          found.set(below, `${ino} ${size} ${mtimeMs}`);
        }
      }
    };
    walk("");
    return found;
  }
}

/** Paths of all files below a folder, sorted, relative to it. */
export function filesBelow(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[])
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => path.split("\\").join("/"))
    .sort();
}
